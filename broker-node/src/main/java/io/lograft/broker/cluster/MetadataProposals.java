package io.lograft.broker.cluster;

import io.lograft.broker.replica.ReplicaEffect;
import io.lograft.broker.replica.runtime.ClusterProposals;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.HandOverRequest;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what replicas propose to the controller. A proposal that gets lost is computed and sent anew by its replica.
 * Safe for use by several threads.
 */
public final class MetadataProposals implements ClusterProposals {
    private static final Logger LOG = LoggerFactory.getLogger(MetadataProposals.class);

    private final BrokerId self;
    private final BrokerSession session;

    /** Proposes in the name of this broker. */
    public MetadataProposals(BrokerId self, BrokerSession session) {
        this.self = self;
        this.session = session;
    }

    @Override
    public void proposeIsr(PartitionId partition, ReplicaEffect.ProposeIsr proposal) {
        List<BrokerRef> members = proposal.members().stream()
                .map(member -> new BrokerRef(member.id(), member.brokerEpoch()))
                .toList();
        LOG.info(
                "{}: proposing the in-sync set {} (leader epoch {}, partition epoch {})",
                partition,
                members,
                proposal.leaderEpoch(),
                proposal.partitionEpoch());
        boolean isSent = session.proposeIsr(List.of(new IsrProposal(
                partition,
                new BrokerRef(self, session.brokerEpoch()),
                proposal.leaderEpoch(),
                proposal.partitionEpoch(),
                members)));
        if (!isSent) {
            LOG.info("{}: the proposal waits for a controller", partition);
        }
    }

    @Override
    public void requestHandOver(PartitionId partition, ReplicaEffect.RequestHandOver request) {
        LOG.warn(
                "{}: asking that another replica lead instead of this one in leader epoch {}: {}",
                partition,
                request.leaderEpoch(),
                request.reason());
        boolean isSent = session.requestHandOver(List.of(
                new HandOverRequest(partition, new BrokerRef(self, session.brokerEpoch()), request.leaderEpoch())));
        if (!isSent) {
            LOG.info("{}: no controller hears of it now", partition);
        }
    }

    @Override
    public void replicaFailed(PartitionId partition, String reason) {
        LOG.error("{}: this replica has failed and serves nothing more: {}", partition, reason);
    }
}
