/**
 * What the consumer decides: where a partition is read from, and how much may be on its way. {@link
 * io.lograft.client.core.fetch.PartitionReader} keeps its promises (every committed record once, in order).
 *
 * <p>Pure; each object belongs to one thread at a time. May use {@code client.core}, the model and the record format.
 */
package io.lograft.client.core.fetch;
