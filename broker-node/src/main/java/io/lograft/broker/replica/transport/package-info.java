/**
 * Replication over gRPC: {@link io.lograft.broker.replica.transport.ReplicationServer} is the leaders' end of the
 * streams, {@link io.lograft.broker.replica.transport.LeaderConnections} the followers'. Both turn messages into events
 * for replicas and hand them to a {@link io.lograft.broker.replica.transport.ReplicaInbox}; they decide nothing.
 * Streams are shared by partitions of several loops, so what is sent on them is collected under a lock and sent once
 * per loop batch.
 */
package io.lograft.broker.replica.transport;
