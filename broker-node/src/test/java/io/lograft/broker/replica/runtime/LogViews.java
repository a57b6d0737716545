package io.lograft.broker.replica.runtime;

import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.replica.ReplicaLog;

/** Opens to the simulator what the runtime puts between a replica and its log. */
public final class LogViews {
    private LogViews() {}

    /** What a replica may ask of this log. */
    public static ReplicaLog of(PartitionLog log) {
        return new LogView(log);
    }
}
