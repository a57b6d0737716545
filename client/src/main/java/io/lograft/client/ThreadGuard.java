package io.lograft.client;

import java.util.ConcurrentModificationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** Lets one thread at a time in, as often as it calls itself again. For all threads. */
final class ThreadGuard {
    private final AtomicReference<Thread> user = new AtomicReference<>();
    /** How often the thread that is in came in. */
    private int depth;

    /** Throws ConcurrentModificationException while another thread is in. */
    void enter() {
        Thread me = Thread.currentThread();
        if (!user.compareAndSet(null, me) && user.get() != me) {
            throw new ConcurrentModificationException("a consumer is for one thread at a time");
        }
        depth++;
    }

    void leave() {
        depth--;
        if (depth == 0) {
            user.set(null);
        }
    }

    /** Waits until it may enter, and asks the other thread to leave meanwhile; false once the time is over. */
    boolean enterWithin(long timeoutNs, Runnable request) {
        Thread me = Thread.currentThread();
        long deadlineNs = System.nanoTime() + timeoutNs;
        while (!user.compareAndSet(null, me) && user.get() != me) {
            if (System.nanoTime() - deadlineNs >= 0) {
                return false;
            }
            request.run();
            LockSupport.parkNanos(1_000_000);
        }
        depth++;
        return true;
    }
}
