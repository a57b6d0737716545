package io.lograft.broker.replica.runtime;

import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.replica.transport.ReplicaInbox;
import io.lograft.model.PartitionId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The replicas that run in this broker. Safe for use by several threads. */
public final class PartitionRegistry implements ReplicaInbox {
    private static final long FOLLOW_NUMBERS_PER_RUN = 1L << 32;

    private final Map<PartitionId, PartitionRuntime> runtimes = new ConcurrentHashMap<>();
    /** Also where a replica goes to another log directory: its leader takes no number twice. */
    private final Map<PartitionId, Long> followNumbers = new ConcurrentHashMap<>();

    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();

    /** The runtime of a replica, empty where this broker has none. */
    public Optional<PartitionRuntime> find(PartitionId partition) {
        return Optional.ofNullable(runtimes.get(partition));
    }

    /** The first of numbers for a replica's Follow messages that no earlier run of it in this process has used. */
    long firstFollowNumber(PartitionId partition) {
        return followNumbers.merge(partition, FOLLOW_NUMBERS_PER_RUN, Long::sum);
    }

    /** All replicas now. */
    public Collection<PartitionRuntime> all() {
        return runtimes.values();
    }

    @Override
    public boolean deliver(PartitionId partition, ReplicaEvent event) {
        PartitionRuntime runtime = runtimes.get(partition);
        if (runtime == null) {
            return false;
        }
        runtime.deliver(event);
        return true;
    }

    /** Tells of every replica that comes from now on, and of every one that goes. Before the first replica only. */
    public void watch(Watcher watcher) {
        watchers.add(watcher);
    }

    void add(PartitionRuntime runtime) {
        if (runtimes.putIfAbsent(runtime.id(), runtime) != null) {
            throw new IllegalStateException(runtime.name() + " runs already");
        }
        watchers.forEach(watcher -> watcher.added(runtime));
    }

    void remove(PartitionRuntime runtime) {
        if (runtimes.remove(runtime.id(), runtime)) {
            watchers.forEach(watcher -> watcher.removed(runtime));
        }
    }

    /** Hears which replicas run here, on any thread; must not block. */
    public interface Watcher {
        void added(PartitionRuntime runtime);

        void removed(PartitionRuntime runtime);
    }
}
