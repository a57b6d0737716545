package io.lograft.broker.app;

import io.lograft.model.FlushMode;

/**
 * What a topic gets that is created without saying. The last two are copied into the topic's metadata at creation
 * and read only from there.
 *
 * @param partitionCount {@code num.partitions}
 * @param replicationFactor {@code default.replication.factor}; fewer where there are fewer live brokers
 * @param minInsyncReplicas {@code min.insync.replicas}; never more than the topic's replication factor
 * @param flushMode {@code flush.mode}
 */
public record TopicDefaults(int partitionCount, int replicationFactor, int minInsyncReplicas, FlushMode flushMode) {}
