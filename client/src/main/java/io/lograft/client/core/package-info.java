/**
 * What the client decides, without doing anything: which batch is sent to whom and when it is sent again, what is known
 * of the cluster, where each partition is read from. Pure: no gRPC, threads, sockets, locks or clock; time comes in as
 * an argument.
 *
 * <p>{@link io.lograft.client.core.PartitionSender} keeps the promises of the producer (order, no duplicates, no loss),
 * {@link io.lograft.client.core.PartitionReader} those of the consumer, and {@link
 * io.lograft.client.core.MetadataCache} never goes back in time. Each object belongs to one thread at a time; the shells
 * in {@code client.transport} see to that. May use the model and the record format only.
 */
package io.lograft.client.core;
