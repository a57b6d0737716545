/**
 * The shell around {@code client.core.group}: finds the coordinator of a group, keeps a member in it, and carries
 * commits. Runs on the client's loop; the application's thread takes {@link
 * io.lograft.client.transport.group.GroupStep}s from a queue. May use the core, {@code client.transport}, the generated
 * messages, the wire mapping and gRPC.
 */
package io.lograft.client.transport.group;
