/**
 * The shells around {@code client.core}: connections, streams and the client's event loop.
 *
 * <p>One {@link io.lograft.client.transport.ClientLoop} thread per connected client does all network work, runs all
 * callbacks and owns all mutable state, but for what says otherwise: records are added to a {@link
 * io.lograft.client.transport.PartitionLane} by the application's threads under its lock, and taken out of a {@link
 * io.lograft.client.transport.ConsumerRuntime}'s queue by them. Nothing here may block that thread. May use the core,
 * the generated messages, the wire mapping and gRPC.
 */
package io.lograft.client.transport;
