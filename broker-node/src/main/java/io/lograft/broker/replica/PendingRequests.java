package io.lograft.broker.replica;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The acks=all requests that wait for the high watermark, in the order of their offsets; recognised retries, which have
 * older offsets, apart. Owned by: partition loop.
 */
final class PendingRequests {

    /** A request that waits; {@code answered} once it timed out but still stands in the queue. */
    static final class Pending {
        final long requestId;
        final long baseOffset;
        final long nextOffset;
        final long deadlineMs;
        final boolean duplicate;
        boolean answered;

        Pending(long requestId, long baseOffset, long nextOffset, long deadlineMs, boolean duplicate) {
            this.requestId = requestId;
            this.baseOffset = baseOffset;
            this.nextOffset = nextOffset;
            this.deadlineMs = deadlineMs;
            this.duplicate = duplicate;
        }
    }

    /** Takes what becomes of a request. */
    interface Answer {
        void to(Pending pending);
    }

    private final int max;
    private final ArrayDeque<Pending> appended = new ArrayDeque<>();
    private final List<Pending> duplicates = new ArrayList<>();
    private long earliestDeadlineMs = Long.MAX_VALUE;

    PendingRequests(int max) {
        this.max = max;
    }

    boolean isFull() {
        return appended.size() + duplicates.size() >= max;
    }

    void add(Pending pending) {
        if (pending.duplicate) {
            duplicates.add(pending);
        } else {
            appended.addLast(pending);
        }
        earliestDeadlineMs = Math.min(earliestDeadlineMs, pending.deadlineMs);
    }

    /** Takes back this request if it was added last: the append failed. */
    void takeBack(long requestId) {
        Pending last = appended.peekLast();
        if (last != null && last.requestId == requestId) {
            appended.pollLast();
        }
    }

    boolean isEmpty() {
        return appended.isEmpty() && duplicates.isEmpty();
    }

    /** Answers all that end at or below the high watermark. */
    void committed(long highWatermark, Answer answer) {
        Pending head = appended.peekFirst();
        while (head != null && head.nextOffset <= highWatermark) {
            appended.pollFirst();
            answerOnce(head, answer);
            head = appended.peekFirst();
        }
        if (!duplicates.isEmpty()) {
            for (Iterator<Pending> waiting = duplicates.iterator(); waiting.hasNext(); ) {
                Pending pending = waiting.next();
                if (pending.nextOffset <= highWatermark) {
                    waiting.remove();
                    answerOnce(pending, answer);
                }
            }
        }
    }

    /** Answers all whose time is over; their batches stay in the log and may yet be committed. */
    void expire(long nowMs, Answer answer) {
        long earliest = expire(appended, nowMs, answer);
        earliestDeadlineMs = Math.min(earliest, expire(duplicates, nowMs, answer));
        duplicates.removeIf(pending -> pending.answered);
        while (!appended.isEmpty() && appended.peekFirst().answered) {
            appended.pollFirst();
        }
    }

    private static long expire(Iterable<Pending> queue, long nowMs, Answer answer) {
        long earliest = Long.MAX_VALUE;
        for (Pending pending : queue) {
            if (!pending.answered && pending.deadlineMs <= nowMs) {
                answerOnce(pending, answer);
            } else if (!pending.answered) {
                earliest = Math.min(earliest, pending.deadlineMs);
            }
        }
        return earliest;
    }

    /** Answers everything. */
    void drain(Answer answer) {
        appended.forEach(pending -> answerOnce(pending, answer));
        duplicates.forEach(pending -> answerOnce(pending, answer));
        appended.clear();
        duplicates.clear();
        earliestDeadlineMs = Long.MAX_VALUE;
    }

    /** When the first of them runs out of time, or earlier; Long.MAX_VALUE for never. */
    long earliestDeadlineMs() {
        return isEmpty() ? Long.MAX_VALUE : earliestDeadlineMs;
    }

    private static void answerOnce(Pending pending, Answer answer) {
        if (!pending.answered) {
            pending.answered = true;
            answer.to(pending);
        }
    }
}
