package io.lograft.broker.replica;

import io.lograft.model.ErrorCode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Where a leader lets its log start, and the requests to delete records that wait until whoever may lead next has recorded
 * it. Never beyond the high watermark. Owned by: partition loop.
 */
final class LeaderLogStart {

    private record Pending(long requestId, long logStartOffset, long deadlineMs) {}

    private final ReplicaLog log;
    private final HighWatermark highWatermark;
    private final int leaderEpoch;
    private final int pendingMax;
    private final List<Pending> waiting = new ArrayList<>();
    /** The greatest log start of a replica whose log agrees with this one: an earlier leader had it so. */
    private long inherited;

    LeaderLogStart(ReplicaLog log, HighWatermark highWatermark, int leaderEpoch, int pendingMax) {
        this.log = log;
        this.highWatermark = highWatermark;
        this.leaderEpoch = leaderEpoch;
        this.pendingMax = pendingMax;
    }

    /** Retention has found that the log may start here. */
    void retentionDue(ReplicaEvent.RetentionDue event, List<ReplicaEffect> effects) {
        advance(event.logStartOffset(), effects);
    }

    /** A replica whose log agrees with this one has a log that starts here. */
    void inherit(long logStartOffset) {
        inherited = Math.max(inherited, logStartOffset);
    }

    /** Goes up to what earlier leaders had, as far as it is known to be committed. */
    void advanceToInherited(List<ReplicaEffect> effects) {
        advance(inherited, effects);
    }

    private void advance(long wanted, List<ReplicaEffect> effects) {
        long target = Math.min(wanted, highWatermark.offset());
        if (target > log.logStartOffset()) {
            effects.add(new ReplicaEffect.AdvanceLogStart(target));
        }
    }

    /**
     * Deletes what is below an offset, and answers later.
     *
     * @param isEndKnown false: the high watermark may be less than what is committed
     */
    void requested(ReplicaEvent.DeletionRequested event, boolean isEndKnown, List<ReplicaEffect> effects) {
        long committed = highWatermark.offset();
        boolean isAll = event.beforeOffset() == ReplicaEvent.DeletionRequested.UP_TO_HIGH_WATERMARK;
        long target = isAll ? committed : event.beforeOffset();
        if ((isAll || target > committed) && !isEndKnown) {
            refuse(
                    event.requestId(),
                    ErrorCode.OFFSET_NOT_AVAILABLE,
                    "leader epoch " + leaderEpoch + " has just begun; records are committed at least up to "
                            + committed,
                    effects);
        } else if (target < 0 || target > committed) {
            refuse(
                    event.requestId(),
                    ErrorCode.OFFSET_OUT_OF_RANGE,
                    "records below " + target + " cannot be deleted, the log goes from " + log.logStartOffset()
                            + " to the high watermark " + committed,
                    effects);
        } else if (waiting.size() >= pendingMax) {
            refuse(
                    event.requestId(),
                    ErrorCode.BUSY,
                    pendingMax + " deletions wait for the in-sync set already",
                    effects);
        } else {
            waiting.add(new Pending(event.requestId(), target, event.deadlineMs()));
            advance(target, effects);
        }
    }

    boolean isAwaited() {
        return !waiting.isEmpty();
    }

    /** Everybody who may lead next has recorded this log start: answers who waited for it or for less. */
    void recorded(long logStartOffset, List<ReplicaEffect> effects) {
        for (Iterator<Pending> i = waiting.iterator(); i.hasNext(); ) {
            Pending pending = i.next();
            if (pending.logStartOffset <= logStartOffset) {
                i.remove();
                effects.add(new ReplicaEffect.CompleteDeletion(
                        pending.requestId, ErrorCode.NONE, "", log.logStartOffset()));
            }
        }
    }

    /** Answers those whose time is over; what they deleted here stays deleted. */
    void expire(long nowMs, List<ReplicaEffect> effects) {
        for (Iterator<Pending> i = waiting.iterator(); i.hasNext(); ) {
            Pending pending = i.next();
            if (pending.deadlineMs <= nowMs) {
                i.remove();
                refuse(
                        pending.requestId,
                        ErrorCode.REQUEST_TIMED_OUT,
                        "the log starts at " + log.logStartOffset()
                                + " here, but not every replica of the in-sync set has recorded that in time",
                        effects);
            }
        }
    }

    /** Leadership is over: nobody knows whether the next leader has heard. */
    void depose(List<ReplicaEffect> effects) {
        for (Pending pending : waiting) {
            refuse(
                    pending.requestId,
                    ErrorCode.OUTCOME_UNKNOWN,
                    "leader epoch " + leaderEpoch + " ended before every replica had recorded the log start "
                            + pending.logStartOffset,
                    effects);
        }
        waiting.clear();
    }

    /** When the first of those that wait runs out of time; Long.MAX_VALUE for never. */
    long earliestDeadlineMs() {
        long earliest = Long.MAX_VALUE;
        for (Pending pending : waiting) {
            earliest = Math.min(earliest, pending.deadlineMs);
        }
        return earliest;
    }

    private static void refuse(long requestId, ErrorCode code, String message, List<ReplicaEffect> effects) {
        effects.add(new ReplicaEffect.CompleteDeletion(requestId, code, message, -1));
    }
}
