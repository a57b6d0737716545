package io.lograft.broker.controller;

import io.lograft.broker.concurrent.EventLoop;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Those who asked this voter for the controller while it was none, and wait for a while in case it becomes it. Owned by:
 * controller loop.
 */
final class ControllerWaiters {
    private static final int WAITERS_MAX = 1_000;
    private static final long WAIT_MS_MAX = 1_000;

    private final EventLoop loop;
    private final Map<Long, Waiter> waiters = new LinkedHashMap<>();
    private long lastNumber;

    private record Waiter(Runnable answer, EventLoop.Timer timeout) {}

    ControllerWaiters(EventLoop loop) {
        this.loop = loop;
    }

    /** Has the answer given, once: at {@link #release}, or after the wait. */
    void add(long waitMs, Runnable answer) {
        if (waiters.size() >= WAITERS_MAX) {
            answer.run();
            return;
        }
        long number = ++lastNumber;
        EventLoop.Timer timeout = loop.schedule(Math.min(waitMs, WAIT_MS_MAX), () -> {
            waiters.remove(number);
            answer.run();
        });
        waiters.put(number, new Waiter(answer, timeout));
    }

    /** Answers all. */
    void release() {
        Map<Long, Waiter> released = new LinkedHashMap<>(waiters);
        waiters.clear();
        released.values().forEach(waiter -> {
            waiter.timeout().cancel();
            waiter.answer().run();
        });
    }
}
