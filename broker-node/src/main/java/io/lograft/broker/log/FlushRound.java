package io.lograft.broker.log;

import io.lograft.broker.log.io.LogFile;
import io.lograft.broker.log.state.EpochHistory;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;

/**
 * One round of fsyncs of one partition. Made on the partition's loop by {@link PartitionLog#beginFlush}, run on a flush
 * thread, given back on the loop to {@link PartitionLog#completeFlush} whether it failed or not. Rounds of different
 * partitions are independent; of one partition at most one may be under way.
 */
public final class FlushRound {

    /**
     * What the round has to do.
     *
     * @param endOffset log end when it began
     * @param truncations how often the log had been truncated by then
     * @param files to be forced, in this order
     * @param sealed segments that are durable with all their files after it
     * @param epochs history to be written; null where the file has it
     * @param names count of the new names so far, all durable after it; equal to {@code namesBefore} if none is new
     */
    record Work(
            long endOffset,
            long truncations,
            List<LogFile> files,
            List<Segment> sealed,
            EpochHistory epochs,
            long names,
            long namesBefore) {}

    private final PartitionFiles directory;
    private final Work work;
    private boolean isDone;

    FlushRound(PartitionFiles directory, Work work) {
        this.directory = directory;
        this.work = work;
    }

    /** All below this is on the disk after the round. */
    public long endOffset() {
        return work.endOffset();
    }

    /**
     * Forces the files. A failure other than a full disk means that the log directory is not to be trusted any more.
     * Files that were closed meanwhile, by a truncation or as the log start moved on, make the round count for nothing.
     */
    public void run() throws IOException {
        try {
            for (LogFile file : work.files()) {
                file.force();
            }
        } catch (ClosedChannelException closedMeanwhile) {
            return;
        }
        if (work.epochs() != null) {
            directory.writeEpochs(work.epochs());
        } else if (work.names() != work.namesBefore()) {
            directory.store().syncDirectory(directory.directory());
        }
        isDone = true;
    }

    boolean isDone() {
        return isDone;
    }

    Work work() {
        return work;
    }
}
