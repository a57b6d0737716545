package io.lograft.metadata.command;

import io.lograft.model.PartitionId;

/**
 * A replica that its broker cannot vouch for when it asks to be unfenced.
 *
 * @param lastRecordEpoch leader epoch of the last record that is left, -1 for none
 * @param logEndOffset end of what is left, of a log without a record where it starts
 */
public record LostReplica(PartitionId partition, Cause cause, int lastRecordEpoch, long logEndOffset) {

    /** Why the replica may lack records that it acknowledged. */
    public enum Cause {
        /** Missing, damaged, or an old copy of the disk: acknowledged and flushed records may be gone. */
        DISK,
        /**
         * Only a tail that was written under {@code flush.mode=os} and not flushed may be gone: the machine, or
         * possibly the machine, stopped uncleanly.
         */
        UNFLUSHED_TAIL
    }
}
