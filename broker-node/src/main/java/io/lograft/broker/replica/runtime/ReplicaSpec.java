package io.lograft.broker.replica.runtime;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.produce.ProduceRules;
import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;
import java.util.Set;

/**
 * What the metadata want of one replica of this broker.
 *
 * @param produce what batches from clients must be like
 * @param joining whom a leader here sends what has been written before at a limited rate only
 */
public record ReplicaSpec(
        PartitionId id,
        TopicPartition name,
        LogConfig log,
        ProduceRules produce,
        PartitionConfiguration configuration,
        Joining joining) {

    /** Where no replica joins at a limited rate. */
    public ReplicaSpec(
            PartitionId id,
            TopicPartition name,
            LogConfig log,
            ProduceRules produce,
            PartitionConfiguration configuration) {
        this(id, name, log, produce, configuration, Joining.NOBODY);
    }

    /**
     * Replicas that a reassignment adds and that are not in sync yet.
     *
     * @param bytesPerSecond what this broker sends in all to such replicas of all its partitions; positive
     */
    public record Joining(Set<BrokerId> replicas, long bytesPerSecond) {
        public static final Joining NOBODY = new Joining(Set.of(), Long.MAX_VALUE);

        public Joining {
            replicas = Set.copyOf(replicas);
        }
    }
}
