package io.lograft.broker.replica.runtime;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.produce.ProduceRules;
import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;

/**
 * What the metadata want of one replica of this broker.
 *
 * @param produce what batches from clients must be like
 */
public record ReplicaSpec(
        PartitionId id,
        TopicPartition name,
        LogConfig log,
        ProduceRules produce,
        PartitionConfiguration configuration) {}
