package io.lograft.broker.replica.runtime;

import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.config.CleanupConfig;
import io.lograft.broker.log.retention.RetentionPolicy;
import io.lograft.broker.replica.PartitionReplica;
import io.lograft.broker.replica.ReplicaEvent;
import java.util.OptionalLong;

/**
 * Has the log of a partition that is led here start later once its oldest segments have been kept for long enough.
 * Followers hear of it from their leader. Owned by: partition loop.
 */
final class RetentionCare {
    private final PartitionRuntime partition;
    private final RetentionPace pace;
    private CleanupConfig config;
    private long nextLookMs;

    RetentionCare(PartitionRuntime partition, CleanupConfig config, RetentionPace pace) {
        this.partition = partition;
        this.pace = pace;
        this.config = config;
        this.nextLookMs = partition.loop().clock().nowMs() + pace.intervalMs();
    }

    /** Other settings, which are carried out at once. */
    void reconfigure(CleanupConfig newer) {
        if (!newer.equals(config)) {
            config = newer;
            nextLookMs = partition.loop().clock().nowMs();
        }
    }

    /** False where records are kept by their keys alone. */
    boolean deletes() {
        return config.deletes();
    }

    /** Looks, if it is time to. */
    void tick(PartitionReplica replica, PartitionLog log) {
        long nowMs = partition.loop().clock().nowMs();
        if (nowMs < nextLookMs || !replica.isLeader()) {
            return;
        }
        nextLookMs = nowMs + pace.intervalMs();
        if (!config.deletes()) {
            return;
        }
        OptionalLong wallMs = pace.isClockSound().getAsBoolean()
                ? OptionalLong.of(partition.loop().clock().wallMs())
                : OptionalLong.empty();
        long start = RetentionPolicy.logStart(log.retained(), config.retention(), replica.highWatermark(), wallMs);
        if (start > log.logStartOffset()) {
            partition.on(new ReplicaEvent.RetentionDue(start));
        }
    }
}
