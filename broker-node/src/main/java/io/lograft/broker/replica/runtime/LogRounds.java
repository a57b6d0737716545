package io.lograft.broker.replica.runtime;

import io.lograft.broker.concurrent.Workers;
import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the same to each of many logs, several at a time, and tells about once a second how far it is. For one round; to
 * be used by several threads.
 */
final class LogRounds {
    private static final Logger LOG = LoggerFactory.getLogger(LogRounds.class);
    private static final long TELL_MS = 1_000;

    /** What is done to one log. Any thread. */
    interface Work<T> {
        void run(T log) throws IOException;
    }

    /**
     * Who does it, and how it is called.
     *
     * @param verb as in "opened 3 of 10 partitions"
     * @param where the log directory
     */
    record Round(String verb, String where, int threads, Consumer<Throwable> fatal) {}

    private final Round round;
    private final int count;
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicLong toldNs = new AtomicLong(System.nanoTime());
    private final AtomicReference<IOException> failure = new AtomicReference<>();
    private final CompletableFuture<Void> finished = new CompletableFuture<>();

    private LogRounds(Round round, int count) {
        this.round = round;
        this.count = count;
    }

    /** Completes once all are done, whatever becomes of them; with the first failure, where there is one. */
    static <T> CompletableFuture<Void> run(Round round, Collection<T> logs, Work<T> work) {
        LogRounds rounds = new LogRounds(round, logs.size());
        if (logs.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        Workers workers = new Workers(round.verb(), Math.min(round.threads(), logs.size()), round.fatal());
        logs.forEach(log -> workers.execute(() -> rounds.one(log, work)));
        // The last task has ended by then but for the call that ends this; to wait for it here would be a deadlock.
        return rounds.finished.whenComplete((nothing, failed) -> workers.endWhenDone());
    }

    private <T> void one(T log, Work<T> work) {
        boolean isReturned = false;
        try {
            work.run(log);
            isReturned = true;
        } catch (IOException failed) {
            failure.compareAndSet(null, failed);
            isReturned = true;
        } finally {
            if (!isReturned) {
                // The fatal handler gets the cause; who waits for the round must not wait for ever.
                failure.compareAndSet(null, new IOException(log + " ended the round"));
            }
            ended();
        }
    }

    private void ended() {
        int now = done.incrementAndGet();
        if (now == count) {
            IOException failed = failure.get();
            if (failed == null) {
                finished.complete(null);
            } else {
                finished.completeExceptionally(failed);
            }
            return;
        }
        long told = toldNs.get();
        long nowNs = System.nanoTime();
        if (nowNs - told >= TELL_MS * 1_000_000 && toldNs.compareAndSet(told, nowNs)) {
            LOG.info(
                    "{}: {} {} of {} partitions",
                    round.where(),
                    round.verb(),
                    String.format("%,d", now),
                    String.format("%,d", count));
        }
    }
}
