package io.lograft.client.core.group;

import io.lograft.client.core.Failure;
import io.lograft.client.core.RetryPolicy;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Brings commits to the coordinator in the order in which they were made, one request at a time. What is made meanwhile
 * goes into the next one together; of two commits of a partition only the later counts. A request whose answer was lost
 * is sent again, which does no harm as nothing overtakes it.
 *
 * <p>Owned by: client loop.
 */
public final class CommitQueue {
    /** Commits that wait; one more is refused with BUSY. */
    public static final int WAITING_MAX = 1_000;

    /** How often a commit may meet an epoch that the coordinator has left behind, before it fails. */
    private static final int GENERATION_ATTEMPTS_MAX = 6;

    /** What is to be done, in this order. */
    public sealed interface Effect {
        /** Send this, and answer with {@link #answered} or {@link #refused}. */
        record Send(Map<PartitionId, CommitPoint> points) implements Effect {}

        /** The commit is done; {@code failure} null: durably so. */
        record Done(long id, Failure failure) implements Effect {}
    }

    private record Commit(long id, Map<PartitionId, CommitPoint> points, long deadlineMs) {}

    private final List<Commit> waiting = new ArrayList<>();
    /** In the request on its way; stays while that is tried again. */
    private final List<Commit> sent = new ArrayList<>();

    private final boolean outlivesGenerations;
    private boolean isInFlight;
    private int failures;
    private int generationFailures;
    private long sendDueMs;

    /**
     * Makes an empty queue.
     *
     * @param outlivesGenerations a commit may be sent again under a later epoch, as the coordinator itself knows which
     *     partitions are the member's: the heartbeat that tells the epoch of now may be on its way
     */
    public CommitQueue(boolean outlivesGenerations) {
        this.outlivesGenerations = outlivesGenerations;
    }

    /** Adds a commit; it fails once the deadline is over. */
    public void add(long id, Map<PartitionId, CommitPoint> points, long nowMs, long deadlineMs, List<Effect> effects) {
        if (points.isEmpty()) {
            effects.add(new Effect.Done(id, null));
        } else if (waiting.size() >= WAITING_MAX) {
            effects.add(new Effect.Done(
                    id, new Failure(ErrorCode.BUSY, WAITING_MAX + " commits wait for the coordinator already")));
        } else {
            waiting.add(new Commit(id, Map.copyOf(points), deadlineMs));
            tick(nowMs, effects);
        }
    }

    /** The coordinator answered; {@code refused} has the partitions that it refused. */
    public void answered(Map<PartitionId, Failure> refused, long nowMs, List<Effect> effects) {
        for (Commit commit : sent) {
            Failure failure = null;
            for (PartitionId partition : commit.points().keySet()) {
                failure = failure == null ? refused.get(partition) : failure;
            }
            effects.add(new Effect.Done(commit.id(), failure));
        }
        sent.clear();
        isInFlight = false;
        failures = 0;
        generationFailures = 0;
        sendDueMs = nowMs;
        tick(nowMs, effects);
    }

    /** The request failed as a whole. */
    public void refused(Failure failure, long nowMs, List<Effect> effects) {
        isInFlight = false;
        failures++;
        if (isWorthARetry(failure.code())) {
            sendDueMs = nowMs + RetryPolicy.REQUESTS.delayMs(failures);
            failExpired(sent, sendDueMs, failure, effects);
        } else {
            failAll(sent, failure, effects);
            sendDueMs = nowMs;
            failures = 0;
            generationFailures = 0;
        }
        tick(nowMs, effects);
    }

    private boolean isWorthARetry(ErrorCode code) {
        if (code == ErrorCode.ILLEGAL_GENERATION) {
            return outlivesGenerations && ++generationFailures < GENERATION_ATTEMPTS_MAX;
        }
        return code.isRetriable() && (outlivesGenerations || code != ErrorCode.REBALANCE_IN_PROGRESS);
    }

    /** Fails all commits, as the member is out of the group or the client closed. */
    public void failAll(Failure failure, List<Effect> effects) {
        failAll(sent, failure, effects);
        failAll(waiting, failure, effects);
    }

    /** When {@link #tick} is due; Long.MAX_VALUE for never. */
    public long dueMs() {
        return isInFlight || (sent.isEmpty() && waiting.isEmpty()) ? Long.MAX_VALUE : sendDueMs;
    }

    /** Time has passed. */
    public void tick(long nowMs, List<Effect> effects) {
        if (isInFlight || nowMs < sendDueMs) {
            return;
        }
        sent.addAll(waiting);
        waiting.clear();
        if (sent.isEmpty()) {
            return;
        }
        isInFlight = true;
        Map<PartitionId, CommitPoint> points = new TreeMap<>();
        sent.forEach(commit -> points.putAll(commit.points()));
        effects.add(new Effect.Send(points));
    }

    private static void failExpired(List<Commit> commits, long atMs, Failure last, List<Effect> effects) {
        for (Iterator<Commit> each = commits.iterator(); each.hasNext(); ) {
            Commit commit = each.next();
            if (commit.deadlineMs() <= atMs) {
                each.remove();
                effects.add(new Effect.Done(commit.id(), last));
            }
        }
    }

    private static void failAll(List<Commit> commits, Failure failure, List<Effect> effects) {
        commits.forEach(commit -> effects.add(new Effect.Done(commit.id(), failure)));
        commits.clear();
    }
}
