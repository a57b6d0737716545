package io.lograft.metadata.command;

import io.lograft.model.BrokerId;
import java.util.List;

/**
 * The replicas of a partition are on their way to others. Until all of the target are in sync, the partition has both: those
 * from before, in their order, and then those that are added.
 *
 * @param target the replicas that it is to have, in their assignment order
 * @param added those of the target that it did not have before
 * @param throttleBytesPerSecond what a leader sends in all to added replicas that catch up; 0: no limit
 */
public record Reassignment(List<BrokerId> target, List<BrokerId> added, long throttleBytesPerSecond) {
    public Reassignment {
        target = List.copyOf(target);
        added = List.copyOf(added);
        if (target.isEmpty() || !target.containsAll(added) || throttleBytesPerSecond < 0) {
            throw new IllegalArgumentException("reassignment to " + target + ", adding " + added + ", with "
                    + throttleBytesPerSecond + " bytes per second");
        }
    }
}
