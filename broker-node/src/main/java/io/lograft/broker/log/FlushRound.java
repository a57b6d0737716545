package io.lograft.broker.log;

import java.io.IOException;

/**
 * One round of fsyncs of one partition. Made on the partition's loop by {@link PartitionLog#beginFlush}, run on a flush
 * thread, given back on the loop to {@link PartitionLog#completeFlush}. Rounds of different partitions are independent;
 * of one partition at most one may be under way.
 */
public final class FlushRound {

    private final long endOffset;

    FlushRound(long endOffset) {
        this.endOffset = endOffset;
    }

    /** All below this is on the disk after the round. */
    public long endOffset() {
        return endOffset;
    }

    /** Forces the files. A failure means that the log directory is not to be trusted any more. */
    public void run() throws IOException {
        if (endOffset >= 0) {
            throw new UnsupportedOperationException();
        }
    }
}
