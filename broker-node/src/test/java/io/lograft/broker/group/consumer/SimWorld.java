package io.lograft.broker.group.consumer;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;

/** One thread, one seed, virtual time: what happens is a queue ordered by time, then by who came first. */
final class SimWorld {
    final Random random;
    private final PriorityQueue<Event> queue =
            new PriorityQueue<>(Comparator.comparingLong(Event::atMs).thenComparingLong(Event::number));
    private long nowMs;
    private long number;
    private final int lateOfAHundred;
    private boolean isCalm;

    private record Event(long atMs, long number, Runnable action) {}

    SimWorld(long seed) {
        random = new Random(seed);
        lateOfAHundred = oneIn(2) ? 5 : 30;
    }

    long nowMs() {
        return nowMs;
    }

    void in(long delayMs, Runnable action) {
        number++;
        queue.add(new Event(nowMs + delayMs, number, action));
    }

    /** Inclusive of both. */
    long between(long least, long most) {
        return least + random.nextLong(most - least + 1);
    }

    boolean oneIn(int count) {
        return random.nextInt(count) == 0;
    }

    /** Of a message one way; now and then long, so that messages overtake each other. */
    long networkDelayMs() {
        return delayMs(2_000);
    }

    /** Of a heartbeat to the coordinator: an abandoned one may be under way for very long. */
    long heartbeatDelayMs() {
        return delayMs(8_000);
    }

    private long delayMs(long mostMs) {
        return !isCalm && random.nextInt(100) < lateOfAHundred ? between(100, mostMs) : between(1, 15);
    }

    void calmDown() {
        isCalm = true;
    }

    boolean isCalm() {
        return isCalm;
    }

    void run(long untilMs, SimCoordinator coordinator) {
        while (nowMs < untilMs) {
            long eventAtMs = queue.isEmpty() ? Long.MAX_VALUE : queue.peek().atMs();
            long dueMs = Math.min(coordinator.deadlineMs(), untilMs);
            if (eventAtMs <= dueMs) {
                nowMs = Math.max(nowMs, eventAtMs);
                queue.poll().action().run();
            } else {
                nowMs = Math.max(nowMs, dueMs);
                coordinator.tick();
            }
        }
    }
}
