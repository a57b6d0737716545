package io.lograft.broker.log;

import io.lograft.model.ErrorCode;
import io.lograft.record.BatchHeader;
import java.util.List;

/** What came of an append. */
public sealed interface AppendResult {

    /**
     * The batches are in the log; whether they are on the disk {@link PartitionLog#flushedOffset} says.
     *
     * @param firstOffset offset of the first record
     * @param lastOffset offset of the last record
     * @param maxTimestampMs greatest timestamp of the last batch, the append time where the log stamps by that
     * @param sizeBytes bytes appended
     */
    record Appended(long firstOffset, long lastOffset, long maxTimestampMs, int sizeBytes) implements AppendResult {
        static Appended of(List<BatchHeader> batches, int sizeBytes) {
            BatchHeader last = batches.getLast();
            return new Appended(batches.getFirst().baseOffset(), last.lastOffset(), last.maxTimestampMs(), sizeBytes);
        }
    }

    /** Nothing was appended: what came is damaged or does not continue the log. */
    record Refused(ErrorCode error, String message) implements AppendResult {}
}
