package io.lograft.metadata.command;

import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import java.util.List;

/**
 * Which replicas a partition is to have.
 *
 * @param replicas in assignment order; empty: those from before the reassignment that is under way
 */
public record PartitionTarget(PartitionId partition, List<BrokerId> replicas) {
    public PartitionTarget {
        replicas = List.copyOf(replicas);
    }
}
