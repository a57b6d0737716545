package io.lograft.broker.app.config;

import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.ratis.QuorumConfig;
import io.lograft.model.BrokerId;
import java.util.Optional;

/**
 * Everything that is configured, one record for each component. Immutable; {@link ConfigLoader} makes it.
 *
 * @param brokerId the stable number of this broker
 * @param network where it listens and how others reach it
 * @param metadata the metadata quorum
 * @param topics what new topics get
 * @param storage the logs on disk
 * @param liveness timeouts between brokers
 */
public record BrokerConfig(
        BrokerId brokerId,
        NetworkConfig network,
        MetadataConfig metadata,
        TopicDefaults topics,
        StorageConfig storage,
        LivenessConfig liveness) {

    /** True where this broker carries the metadata, too. */
    public boolean isVoter() {
        return metadata.voters().stream().anyMatch(voter -> voter.broker().equals(brokerId));
    }

    /** What the quorum's node of this broker is told; empty where this broker is no voter. */
    public Optional<QuorumConfig> quorum() {
        if (!isVoter()) {
            return Optional.empty();
        }
        String bindHost =
                network.raft().isAllInterfaces() ? "0.0.0.0" : network.raft().host();
        QuorumConfig usual = QuorumConfig.of(brokerId, metadata.voters(), metadata.directory(), bindHost);
        return Optional.of(new QuorumConfig(
                brokerId, metadata.voters(), metadata.directory(), bindHost, metadata.timings(), usual.limits()));
    }
}
