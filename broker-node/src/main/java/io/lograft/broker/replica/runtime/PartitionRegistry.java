package io.lograft.broker.replica.runtime;

import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.replica.transport.ReplicaInbox;
import io.lograft.model.PartitionId;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The replicas that run in this broker. Safe for use by several threads. */
public final class PartitionRegistry implements ReplicaInbox {
    private final Map<PartitionId, PartitionRuntime> runtimes = new ConcurrentHashMap<>();

    /** The runtime of a replica, empty where this broker has none. */
    public Optional<PartitionRuntime> find(PartitionId partition) {
        return Optional.ofNullable(runtimes.get(partition));
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

    void add(PartitionRuntime runtime) {
        if (runtimes.putIfAbsent(runtime.id(), runtime) != null) {
            throw new IllegalStateException(runtime.name() + " runs already");
        }
    }

    void remove(PartitionRuntime runtime) {
        runtimes.remove(runtime.id(), runtime);
    }
}
