package io.lograft.broker.group.consumer;

import io.lograft.broker.group.Timeouts;
import io.lograft.model.PartitionId;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the coordinator knows of a member while it is in charge, and the next one will not know. */
final class Session {
    private final SortedMap<PartitionId, Long> giveUpByMs = new TreeMap<>();
    private long endsAtMs = Long.MAX_VALUE;
    private boolean isConnectionLost;
    private Optional<Wait> wait = Optional.empty();
    private Optional<Repeatable> answered = Optional.empty();

    /** A heartbeat and its answer, to notice when a member asks the same again. */
    record Repeatable(int epoch, Set<PartitionId> owned, Wait.Told told) {}

    /** The member was heard of. */
    void restart(long nowMs, Timeouts timeouts) {
        isConnectionLost = false;
        endsAtMs = nowMs + timeouts.sessionMs();
    }

    /** The connection broke by which the member was heard of last. */
    void connectionLost() {
        isConnectionLost = true;
    }

    boolean isConnectionLost() {
        return isConnectionLost;
    }

    /** Unless the member is heard of, the session ends by then at the latest. */
    void endBy(long timeMs) {
        endsAtMs = Math.min(endsAtMs, timeMs);
    }

    /** What it is to give up now; each partition has its own time. */
    void expectToGiveUp(Set<PartitionId> revoking, long byMs) {
        giveUpByMs.keySet().retainAll(revoking);
        revoking.forEach(partition -> giveUpByMs.putIfAbsent(partition, byMs));
    }

    boolean isExpired(long nowMs) {
        return endsAtMs <= nowMs;
    }

    /** A partition that should have been given up by now. */
    Optional<PartitionId> overdue(long nowMs) {
        return giveUpByMs.entrySet().stream()
                .filter(entry -> entry.getValue() <= nowMs)
                .map(entry -> entry.getKey())
                .findFirst();
    }

    Optional<Wait> waiting() {
        return wait;
    }

    void beginWait(Wait begun) {
        wait = Optional.of(begun);
    }

    /** None waits any more; the caller answers. */
    Optional<Wait> endWait() {
        Optional<Wait> ended = wait;
        wait = Optional.empty();
        return ended;
    }

    /** True where this was answered the same way the last time. */
    boolean isRepeated(Repeatable exchange) {
        return answered.filter(exchange::equals).isPresent();
    }

    void answered(Repeatable exchange) {
        answered = Optional.of(exchange);
    }

    long nextDeadlineMs() {
        long dueMs = Math.min(endsAtMs, wait.map(Wait::endsAtMs).orElse(Long.MAX_VALUE));
        return giveUpByMs.isEmpty() ? dueMs : Math.min(dueMs, Collections.min(giveUpByMs.values()));
    }
}
