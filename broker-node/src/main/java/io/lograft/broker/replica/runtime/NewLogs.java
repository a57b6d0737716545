package io.lograft.broker.replica.runtime;

import io.lograft.broker.log.PartitionLog;
import io.lograft.model.PartitionId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * Makes the logs of new replicas, several at a time: each waits for the disk a few times, and a topic may have thousands.
 * Owned by: storage thread, which waits for a few logs at a time and sees to its other tasks in between.
 */
final class NewLogs {
    private static final int AT_ONCE = 64;

    /** Makes a log; several threads do so at the same time, while the storage thread waits. */
    interface Maker {
        PartitionLog make(ReplicaSpec spec) throws IOException;
    }

    /** A log that was to be made. */
    interface Outcome {
        PartitionLog log() throws IOException;
    }

    /** Takes what became of a log, on the storage thread. */
    interface Taker {
        void take(ReplicaSpec spec, Outcome outcome);
    }

    private final Executor storage;
    private final Executor threads;
    private final Maker maker;
    private final Taker taker;
    private final Map<PartitionId, ReplicaSpec> wanted = new LinkedHashMap<>();

    NewLogs(Executor storage, Executor threads, Maker maker, Taker taker) {
        this.storage = storage;
        this.threads = threads;
        this.maker = maker;
        this.taker = taker;
    }

    /** Has the log made soon; what was wanted of the same replica before counts no more. */
    void want(ReplicaSpec spec) {
        if (wanted.isEmpty()) {
            // After all that waits by now, such as the other partitions of the topic.
            storage.execute(this::makeSome);
        }
        wanted.put(spec.id(), spec);
    }

    /** The log is not wanted any more; it is not made unless it is there already. */
    void forget(PartitionId partition) {
        wanted.remove(partition);
    }

    private void makeSome() {
        List<ReplicaSpec> some = wanted.values().stream().limit(AT_ONCE).toList();
        List<CompletableFuture<PartitionLog>> logs = new ArrayList<>();
        for (ReplicaSpec spec : some) {
            wanted.remove(spec.id());
            CompletableFuture<PartitionLog> log = new CompletableFuture<>();
            logs.add(log);
            threads.execute(() -> make(spec, log));
        }
        for (int i = 0; i < logs.size(); i++) {
            CompletableFuture<PartitionLog> log = logs.get(i);
            await(log);
        }
        for (int i = 0; i < logs.size(); i++) {
            CompletableFuture<PartitionLog> log = logs.get(i);
            taker.take(some.get(i), () -> result(log));
        }
        if (!wanted.isEmpty()) {
            storage.execute(this::makeSome);
        }
    }

    private void make(ReplicaSpec spec, CompletableFuture<PartitionLog> log) {
        try {
            log.complete(maker.make(spec));
        } catch (IOException failed) {
            log.completeExceptionally(failed);
        }
    }

    /** Waits until it is made or could not be: while others work on it the storage thread must leave the directory. */
    private static void await(CompletableFuture<PartitionLog> log) {
        log.handle((made, failure) -> made).join();
    }

    private static PartitionLog result(CompletableFuture<PartitionLog> log) throws IOException {
        try {
            return log.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw failed;
        }
    }
}
