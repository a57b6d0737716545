package io.lograft.it;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** Waits for what comes about by itself, by deadline. The only place where tests of processes sleep. */
public final class Eventually {
    private static final long POLL_MS = 50;

    private Eventually() {}

    /** Returns once the condition holds; fails at the deadline. An exception counts as "not yet", its reason is told. */
    public static void holds(Duration timeout, String what, Callable<Boolean> condition) {
        holds(timeout, () -> what, condition);
    }

    /** The same with a description that is made only at the deadline. */
    public static void holds(Duration timeout, Supplier<String> what, Callable<Boolean> condition) {
        long deadline = System.nanoTime() + timeout.toNanos();
        Exception last = null;
        do {
            try {
                if (condition.call()) {
                    return;
                }
                last = null;
                Thread.sleep(POLL_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            } catch (Exception e) { // Whatever it is, the next try may go well; the last one is told below.
                last = e;
                pause();
            }
        } while (System.nanoTime() < deadline);
        throw new AssertionError("not within " + timeout.toSeconds() + " s: " + what.get(), last);
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
