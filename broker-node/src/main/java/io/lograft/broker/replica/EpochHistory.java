package io.lograft.broker.replica;

import io.lograft.model.EpochStart;
import java.util.List;

/**
 * The leader epochs of one log with its two ends; compares two of them.
 *
 * @param epochs ascending, only those that have records
 */
record EpochHistory(List<EpochStart> epochs, long logStartOffset, long logEndOffset) {

    /**
     * Where a follower has to go on.
     *
     * @param offset to which it truncates, or at which it starts over
     * @param startOver true where nothing of its log can be kept
     */
    record Agreement(long offset, boolean startOver) {}

    static EpochHistory of(ReplicaLog log) {
        return new EpochHistory(log.epochs(), log.logStartOffset(), log.logEndOffset());
    }

    /**
     * How far the follower's log is identical to this one, the leader's: the lesser end of the greatest epoch that both
     * have. By R2 logs that share an epoch are identical up to there. Where that tells nothing, because no epoch is shared
     * or one of the logs begins only after that end, the follower starts over; if it has deleted more than this one, it
     * only drops its records and goes on where its log starts: what was below that was committed, so this one has it, but
     * for what an unclean leader has dropped. That is seen by an epoch here, below that start, which is newer than the
     * follower's first one, and not at all with a follower that has no records.
     *
     * @param mayDiffer a follower without records may have deleted others than this log had there
     */
    Agreement agreementWith(EpochHistory follower, boolean mayDiffer) {
        if (follower.epochs.isEmpty() && isWithin(follower.logEndOffset)) {
            boolean startsOver = mayDiffer && follower.logEndOffset > logStartOffset;
            return new Agreement(startsOver ? logStartOffset : follower.logEndOffset, startsOver);
        }
        int mine = epochs.size() - 1;
        int theirs = follower.epochs.size() - 1;
        while (mine >= 0 && theirs >= 0) {
            int myEpoch = epochs.get(mine).epoch();
            int theirEpoch = follower.epochs.get(theirs).epoch();
            if (myEpoch == theirEpoch) {
                long common = Math.min(endOfEntry(mine), follower.endOfEntry(theirs));
                boolean isInBoth = common >= logStartOffset && common >= follower.logStartOffset;
                return isInBoth ? new Agreement(common, false) : withoutItsRecords(follower);
            }
            if (myEpoch > theirEpoch) {
                mine--;
            } else {
                theirs--;
            }
        }
        return withoutItsRecords(follower);
    }

    private Agreement withoutItsRecords(EpochHistory follower) {
        long start = follower.logStartOffset;
        boolean hasDeletedMore = start > logStartOffset
                && isWithin(start)
                && epochAt(start - 1) < follower.epochs.getFirst().epoch();
        return hasDeletedMore ? new Agreement(start, false) : new Agreement(logStartOffset, true);
    }

    /** Epoch of the record at this offset; -1 where the log has none there. */
    int epochAt(long offset) {
        if (offset < logStartOffset || offset >= logEndOffset) {
            return -1;
        }
        for (int i = epochs.size() - 1; i >= 0; i--) {
            if (epochs.get(i).startOffset() <= offset) {
                return epochs.get(i).epoch();
            }
        }
        return -1;
    }

    /** The offset after the last record of this epoch or, where there is none, of the greatest below it. */
    long endOfUpTo(int epoch) {
        for (int i = epochs.size() - 1; i >= 0; i--) {
            if (epochs.get(i).epoch() <= epoch) {
                return endOfEntry(i);
            }
        }
        return logStartOffset;
    }

    private boolean isWithin(long offset) {
        return offset >= logStartOffset && offset <= logEndOffset;
    }

    private long endOfEntry(int index) {
        return index + 1 < epochs.size() ? epochs.get(index + 1).startOffset() : logEndOffset;
    }
}
