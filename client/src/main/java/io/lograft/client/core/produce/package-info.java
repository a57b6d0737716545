/**
 * What the producer decides: records become batches, batches are sent, answered and sent again. {@link
 * io.lograft.client.core.produce.PartitionSender} keeps its promises (order, no duplicates, no loss).
 *
 * <p>Pure; each object belongs to one thread at a time. May use {@code client.core}, the model and the record format.
 */
package io.lograft.client.core.produce;
