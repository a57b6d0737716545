package io.lograft.broker.app;

import io.lograft.model.BrokerId;

/**
 * Everything that is configured, one record for each component. Immutable; {@link ConfigLoader} makes it.
 *
 * @param brokerId the stable number of this broker
 * @param network where it listens and how others reach it
 * @param quorum the metadata quorum
 * @param topics what new topics get
 * @param storage the logs on disk
 * @param liveness timeouts between brokers
 */
public record BrokerConfig(
        BrokerId brokerId,
        NetworkConfig network,
        QuorumConfig quorum,
        TopicDefaults topics,
        StorageConfig storage,
        LivenessConfig liveness) {

    /** True where this broker carries the metadata, too. */
    public boolean isVoter() {
        return quorum.voters().containsKey(brokerId);
    }
}
