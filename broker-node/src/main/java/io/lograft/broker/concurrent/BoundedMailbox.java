package io.lograft.broker.concurrent;

import java.util.ArrayDeque;

/**
 * The queue in front of an event loop. Several threads put, one thread takes. Two doors: {@link #offer} is for new work
 * from outside and refuses when the mailbox is full; {@link #put} is for what follows from work already accepted (a
 * finished flush, a broken stream) and is never refused, since its amount is bounded by that work.
 */
final class BoundedMailbox {
    private final int tasksMax;
    private final Object lock = new Object();
    private ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private boolean isClosed;

    BoundedMailbox(int tasksMax) {
        if (tasksMax < 1) {
            throw new IllegalArgumentException("a mailbox of " + tasksMax + " tasks");
        }
        this.tasksMax = tasksMax;
    }

    /** False when the mailbox is full or closed; the task is not kept then. */
    boolean offer(Runnable task) {
        synchronized (lock) {
            if (isClosed || waiting.size() >= tasksMax) {
                return false;
            }
            add(task);
            return true;
        }
    }

    /** False only when the mailbox is closed. */
    boolean put(Runnable task) {
        synchronized (lock) {
            if (isClosed) {
                return false;
            }
            add(task);
            return true;
        }
    }

    private void add(Runnable task) {
        waiting.add(task);
        if (waiting.size() == 1) {
            lock.notify();
        }
    }

    /**
     * Hands over all that waits in exchange for an empty queue, after waiting for the first task up to
     * {@code timeoutMs} (0: does not wait).
     */
    @SuppressWarnings("WaitNotInLoop") // A spurious wake-up only makes the loop look at its timers once more.
    ArrayDeque<Runnable> exchange(ArrayDeque<Runnable> empty, long timeoutMs) throws InterruptedException {
        synchronized (lock) {
            if (waiting.isEmpty() && timeoutMs > 0 && !isClosed) {
                lock.wait(timeoutMs);
            }
            ArrayDeque<Runnable> taken = waiting;
            waiting = empty;
            return taken;
        }
    }

    void close() {
        synchronized (lock) {
            isClosed = true;
            lock.notify();
        }
    }

    boolean isClosed() {
        synchronized (lock) {
            return isClosed;
        }
    }
}
