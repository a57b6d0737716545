package io.lograft.broker.replica.runtime;

import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.io.DiskFullException;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the checkpoints of a directory's replicas, the last ones with the orderly stop. Owned by: storage thread. */
final class HostCheckpoints {
    private static final Logger LOG = LoggerFactory.getLogger(HostCheckpoints.class);

    private final LogDirectory directory;
    private final ReplicaHost.Setup setup;
    private final Ports ports;
    private final Map<PartitionId, PartitionRuntime> own;
    private final Set<PartitionRuntime> moved = ConcurrentHashMap.newKeySet();
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private boolean isWriting;
    private boolean isCheckpointWaiting;

    /**
     * Does nothing yet.
     *
     * @param own the replicas of the directory; read by any thread
     */
    HostCheckpoints(
            LogDirectory directory, ReplicaHost.Setup setup, Ports ports, Map<PartitionId, PartitionRuntime> own) {
        this.directory = directory;
        this.setup = setup;
        this.ports = ports;
        this.own = own;
    }

    /** Asks all replicas, and writes. Any thread. */
    CompletableFuture<Void> write() {
        return write(own.values());
    }

    /** The log start of a replica moved: it is written soon, together with those that move meanwhile. Any thread. */
    void recordSoon(PartitionRuntime runtime) {
        if (moved.add(runtime)) {
            setup.storage().execute(() -> {
                List<PartitionRuntime> now = List.copyOf(moved);
                now.forEach(moved::remove);
                if (!now.isEmpty()) {
                    write(now);
                }
            });
        }
    }

    private CompletableFuture<Void> write(Collection<PartitionRuntime> runtimes) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        setup.storage().execute(() -> {
            waiting.add(() -> ask(runtimes, done));
            writeNext();
        });
        return done;
    }

    /** One after the other: a replica that is asked later says more, and must not be overwritten by what it said before. */
    private void writeNext() {
        Runnable next = isWriting ? null : waiting.poll();
        if (next != null) {
            isWriting = true;
            next.run();
        }
    }

    private void ask(Collection<PartitionRuntime> runtimes, CompletableFuture<Void> done) {
        Map<PartitionRuntime, CompletableFuture<LogDirectory.Checkpoint>> asked = new LinkedHashMap<>();
        for (PartitionRuntime runtime : runtimes) {
            asked.put(runtime, runtime.checkpoint());
        }
        CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
                .thenRunAsync(
                        () -> {
                            written(asked, done);
                            isWriting = false;
                            writeNext();
                        },
                        setup.storage());
    }

    private void written(
            Map<PartitionRuntime, CompletableFuture<LogDirectory.Checkpoint>> asked, CompletableFuture<Void> done) {
        // A replica that left meanwhile may have left its name to another topic's.
        asked.keySet()
                .removeIf(runtime ->
                        own.get(runtime.id()) != runtime || asked.get(runtime).join() == null);
        Map<TopicPartition, LogDirectory.Checkpoint> points = new LinkedHashMap<>();
        asked.forEach((runtime, point) -> points.put(runtime.topicPartition(), point.join()));
        try {
            directory.checkpoint(points);
            asked.forEach((runtime, point) -> runtime.checkpointed(point.join()));
            isCheckpointWaiting = false;
            done.complete(null);
        } catch (DiskFullException full) {
            // The old ones only make the next recovery longer.
            if (!isCheckpointWaiting) {
                isCheckpointWaiting = true;
                LOG.warn("checkpoints cannot be written until there is room on the disk: {}", full.getMessage());
            }
            done.completeExceptionally(full);
        } catch (IOException failed) {
            ports.failures().failed("checkpoints", failed);
            done.completeExceptionally(failed);
        }
    }

    /**
     * Stops all replicas and closes their logs and the idle ones; marks the directory as cleanly stopped, unless it turns
     * out not to be whole. Storage thread.
     */
    void stop(Collection<PartitionLog> idle, BooleanSupplier isWhole, CompletableFuture<Void> done) {
        List<CompletableFuture<PartitionRuntime>> stopped = new ArrayList<>();
        for (PartitionRuntime runtime : own.values()) {
            CompletableFuture<PartitionRuntime> one = new CompletableFuture<>();
            stopped.add(one);
            runtime.loop().execute(() -> runtime.stopForGood(one));
        }
        CompletableFuture.allOf(stopped.toArray(CompletableFuture[]::new))
                .thenRunAsync(
                        () -> closeAll(
                                stopped.stream().map(CompletableFuture::join).toList(), idle, isWhole, done),
                        setup.storage());
    }

    private void closeAll(
            List<PartitionRuntime> runtimes,
            Collection<PartitionLog> idle,
            BooleanSupplier isWhole,
            CompletableFuture<Void> done) {
        Map<TopicPartition, LogDirectory.Checkpoint> points = new ConcurrentHashMap<>();
        List<LogRounds.Work<Void>> closing = new ArrayList<>();
        idle.forEach(log -> closing.add(nothing -> points.put(log.name(), closeIdle(log))));
        runtimes.forEach(runtime -> closing.add(nothing -> points.put(runtime.topicPartition(), runtime.closeLog())));
        LogRounds.Round round = new LogRounds.Round(
                "closed", directory.toString(), setup.settings().recoveryThreads(), setup.fatal());
        LogRounds.run(round, closing, log -> log.run(null))
                .whenCompleteAsync((nothing, failure) -> finish(points, failure, isWhole, done), setup.storage());
    }

    /** One that no replica ran on since the start; recovery may have found other ends of it than were recorded. */
    private LogDirectory.Checkpoint closeIdle(PartitionLog log) throws IOException {
        long highWatermark = directory.checkpointedHighWatermark(log.name());
        log.closeCleanly();
        return new LogDirectory.Checkpoint(log.recoveryPoint(), highWatermark, log.logStartOffset());
    }

    private void finish(
            Map<TopicPartition, LogDirectory.Checkpoint> points,
            Throwable failure,
            BooleanSupplier isWhole,
            CompletableFuture<Void> done) {
        try {
            if (failure != null) {
                throw new IOException("a log could not be closed cleanly", failure);
            }
            directory.checkpoint(points);
            if (isWhole.getAsBoolean()) {
                directory.closeCleanly();
            } else {
                directory.close();
            }
            done.complete(null);
        } catch (IOException failed) {
            directory.close();
            done.completeExceptionally(failed);
        }
    }
}
