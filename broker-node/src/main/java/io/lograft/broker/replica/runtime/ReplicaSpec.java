package io.lograft.broker.replica.runtime;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;

/**
 * What the metadata want of one replica of this broker.
 *
 * @param batchBytesMax greatest size of a batch from a client ({@code max.message.bytes})
 */
public record ReplicaSpec(
        PartitionId id, TopicPartition name, LogConfig log, int batchBytesMax, PartitionConfiguration configuration) {}
