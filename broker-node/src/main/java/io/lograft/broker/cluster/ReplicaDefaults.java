package io.lograft.broker.cluster;

import io.lograft.broker.log.config.LogConfig;

/**
 * What a replica gets from its broker where its topic says nothing.
 *
 * @param brokerEpoch this process's registration
 * @param batchBytesMax {@code message.max.bytes}
 */
public record ReplicaDefaults(long brokerEpoch, LogConfig log, int batchBytesMax) {}
