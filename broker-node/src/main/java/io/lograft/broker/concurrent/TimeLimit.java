package io.lograft.broker.concurrent;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work of others that may take for ever, at the end of a process that must not. Stateless. */
public final class TimeLimit {
    private static final Logger LOG = LoggerFactory.getLogger(TimeLimit.class);

    private TimeLimit() {}

    /** What may take long. */
    public interface Work {
        void run() throws Exception;
    }

    /**
     * Does the work on a thread of its own, and returns once it is done, has failed, or has taken too long: then it is left
     * to itself. Says so in the log, with where it stands. False unless it was done. Any thread.
     */
    public static boolean within(Duration limit, String what, Work work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread worker = Thread.ofPlatform().name("within-limit").daemon(true).start(() -> {
            try {
                work.run();
                done.complete(null);
            } catch (Throwable failed) { // Whatever it is, whoever waits is told.
                done.completeExceptionally(failed);
            }
        });
        try {
            done.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException late) {
            LOG.warn(
                    "{}: not done after {} ms, and left to itself; it is at {}",
                    what,
                    limit.toMillis(),
                    Arrays.toString(worker.getStackTrace()));
        } catch (ExecutionException failed) {
            LOG.warn("{}: failed: {}", what, String.valueOf(failed.getCause()));
        } catch (InterruptedException e) {
            LOG.warn("{}: left to itself, as whoever waits was interrupted", what);
            Thread.currentThread().interrupt();
        }
        return false;
    }
}
