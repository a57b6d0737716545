package io.lograft.broker.cluster;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.produce.ProduceRules;

/**
 * What a replica gets from its broker where its topic says nothing.
 *
 * @param brokerEpoch this process's registration
 * @param produce what batches from clients must be like
 */
public record ReplicaDefaults(long brokerEpoch, LogConfig log, ProduceRules produce) {}
