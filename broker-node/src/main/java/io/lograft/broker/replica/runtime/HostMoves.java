package io.lograft.broker.replica.runtime;

import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.move.FutureReplicas;
import io.lograft.broker.replica.purge.Purger;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Replicas that come into a log directory from another one, or are about to leave for one. Which directory counts, the
 * metadata say; here it is only seen to that what they say can be carried out. Owned by: storage thread.
 */
final class HostMoves {
    private final LogDirectory directory;
    private final ReplicaHost.Setup setup;
    private final Ports ports;
    private final Purger purger;
    private final FutureReplicas futures;
    /** Complete copies from another directory. */
    private final Map<PartitionId, TopicPartition> arriving = new LinkedHashMap<>();
    /** Logs that were closed, as a complete copy is to take their place elsewhere. */
    private final Map<PartitionId, TopicPartition> released = new LinkedHashMap<>();

    HostMoves(LogDirectory directory, ReplicaHost.Setup setup, Ports ports, Purger purger) {
        this.directory = directory;
        this.setup = setup;
        this.ports = ports;
        this.purger = purger;
        this.futures = new FutureReplicas(directory.store());
    }

    /** Finds what the last process has left; what is of no use, the first purge deletes. */
    void begin() throws IOException {
        futures.giveAwayUnfinished();
        arriving.putAll(futures.list());
    }

    boolean has(PartitionId partition) {
        return arriving.containsKey(partition) || released.containsKey(partition);
    }

    /** Opens the log of a replica that has arrived, or that comes back after it was released. */
    Optional<PartitionLog> open(ReplicaSpec spec) throws IOException {
        if (arriving.containsKey(spec.id())) {
            // What the metadata name is this copy; a log that is here, too, is of a time before.
            if (directory.store().exists(spec.name().toString())) {
                directory.deletePartition(spec.name(), spec.id().topic());
                purger.begin();
            }
            futures.promote(spec.name(), spec.id().topic());
            arriving.remove(spec.id());
            released.put(spec.id(), spec.name());
        } else if (!released.containsKey(spec.id())) {
            return Optional.empty();
        }
        // It stays among those to be opened where there is no room just now.
        PartitionLog log =
                directory.openPartition(spec.name(), spec.log(), setup.clock().wallMs());
        released.remove(spec.id());
        return Optional.of(log);
    }

    /** Closes the log of a replica that leaves, and checkpoints it. */
    void release(PartitionRuntime runtime, CompletableFuture<LogDirectory.Checkpoint> closed) {
        released.put(runtime.id(), runtime.topicPartition());
        CompletableFuture<PartitionRuntime> stopped = new CompletableFuture<>();
        runtime.loop().execute(() -> runtime.stopForGood(stopped));
        stopped.thenAcceptAsync(ended -> close(ended, closed), setup.storage());
    }

    private void close(PartitionRuntime ended, CompletableFuture<LogDirectory.Checkpoint> closed) {
        try {
            LogDirectory.Checkpoint point = ended.closeLog();
            directory.checkpoint(Map.of(ended.topicPartition(), point));
            closed.complete(point);
        } catch (IOException failed) {
            ports.failures().failed(ended.name(), failed);
            closed.completeExceptionally(failed);
        }
    }

    /** Takes note of a complete copy; its checkpoint is durable before anything can count on it. */
    void arrived(
            PartitionId partition, TopicPartition name, LogDirectory.Checkpoint point, CompletableFuture<Void> noted) {
        try {
            directory.checkpoint(Map.of(name, point));
            arriving.put(partition, name);
            noted.complete(null);
        } catch (IOException failed) {
            noted.completeExceptionally(failed);
        }
    }

    /** True where the replica was released; its files are to go then. */
    boolean forget(PartitionId partition) {
        return released.remove(partition) != null;
    }

    /** Deletes copies of replicas that the metadata do not have here. */
    void dropUnknown(Set<PartitionId> known) {
        for (PartitionId id : List.copyOf(arriving.keySet())) {
            if (!known.contains(id)) {
                dropCopy(id, arriving.get(id));
            }
        }
    }

    /** Deletes a complete copy. */
    void dropCopy(PartitionId id, TopicPartition name) {
        arriving.remove(id);
        try {
            futures.giveAway(name, id.topic());
            purger.begin();
        } catch (IOException failed) {
            ports.failures().failed(name.toString(), failed);
        }
    }
}
