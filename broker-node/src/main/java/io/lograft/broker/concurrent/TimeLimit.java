package io.lograft.broker.concurrent;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Work of others that may take for ever, at the end of a process that must not. Stateless. */
public final class TimeLimit {
    private TimeLimit() {}

    /** What may take long. */
    public interface Work {
        void run() throws Exception;
    }

    /**
     * Does the work on a thread of its own, and returns once it is done, has failed, or has taken too long: then it is left
     * to itself. Empty where it was done, else why it was not, or where it stands. Any thread.
     */
    public static Optional<String> within(Duration limit, Work work) {
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
            return Optional.empty();
        } catch (TimeoutException late) {
            return Optional.of("not done after " + limit.toMillis() + " ms, and left to itself; it is at "
                    + Arrays.toString(worker.getStackTrace()));
        } catch (ExecutionException failed) {
            return Optional.of("failed: " + failed.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("left to itself, as whoever waits was interrupted");
        }
    }
}
