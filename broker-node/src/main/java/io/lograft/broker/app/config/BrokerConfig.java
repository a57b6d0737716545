package io.lograft.broker.app.config;

import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.ratis.QuorumConfig;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.model.BrokerId;

/**
 * Everything that is configured, one record for each component. Immutable; {@link ConfigLoader} makes it.
 *
 * @param brokerId the stable number of this broker
 * @param network where it listens and how others reach it
 * @param metadata the metadata quorum
 * @param topics what new topics get
 * @param storage the logs on disk
 * @param liveness timeouts between brokers
 * @param groups consumer groups
 */
public record BrokerConfig(
        BrokerId brokerId,
        NetworkConfig network,
        MetadataConfig metadata,
        TopicDefaults topics,
        StorageConfig storage,
        LivenessConfig liveness,
        GroupConfig groups) {

    /** True where this broker is to carry the metadata from the start. */
    public boolean isVoter() {
        return quorum().isNamed();
    }

    /** What the quorum's node of this broker is told; any broker may become a voter later. */
    public QuorumConfig quorum() {
        HostPort raft = network.raft();
        VoterAddress self = metadata.voters().stream()
                .filter(voter -> voter.broker().equals(brokerId))
                .findFirst()
                .orElseGet(() -> new VoterAddress(
                        brokerId,
                        raft.isAllInterfaces() ? network.advertised().host() : raft.host(),
                        raft.port(),
                        network.advertised().port()));
        return new QuorumConfig(
                self,
                metadata.voters(),
                metadata.directory(),
                raft.isAllInterfaces() ? "0.0.0.0" : raft.host(),
                metadata.timings(),
                QuorumConfig.Limits.STANDARD);
    }
}
