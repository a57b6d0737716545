package io.lograft.broker.replica.transport;

import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.model.PartitionId;

/** Where events for replicas go. Safe for use by several threads; never blocks. */
public interface ReplicaInbox {

    /** Sends the event to the replica's loop; false where this broker has no such replica. */
    boolean deliver(PartitionId partition, ReplicaEvent event);
}
