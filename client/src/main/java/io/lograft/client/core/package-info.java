/**
 * What the client decides, without doing anything. Pure: no gRPC, threads, sockets, locks or clock; time comes in as an
 * argument. Here is what sending and reading share: what is known of the cluster ({@link
 * io.lograft.client.core.MetadataCache} never goes back in time), failures, and when something is tried again; {@code
 * produce} decides which batch is sent to whom, {@code fetch} where each partition is read from.
 *
 * <p>Each object belongs to one thread at a time; the shells in {@code client.transport} see to that. May use the model
 * and the record format only.
 */
package io.lograft.client.core;
