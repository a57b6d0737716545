package io.lograft.broker.app;

import io.lograft.broker.api.ClusterState;
import io.lograft.broker.app.config.BrokerConfig;
import io.lograft.broker.cluster.BrokerSession;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.model.BrokerId;
import java.util.List;
import java.util.Optional;

/** What this broker knows of the cluster, from its session and its configuration. Safe for use by several threads. */
record NodeState(BrokerId self, BrokerSession session, List<BrokerId> configuredVoters) implements ClusterState {

    static NodeState of(BrokerConfig config, BrokerSession session) {
        return new NodeState(config.brokerId(), session, ids(config.metadata().voters()));
    }

    private static List<BrokerId> ids(List<VoterAddress> voters) {
        return voters.stream().map(VoterAddress::broker).sorted().toList();
    }

    /** As the controller has told; as configured before it has told anything. */
    @Override
    public List<BrokerId> voters() {
        List<BrokerId> known = ids(session.voters().addresses());
        return known.isEmpty() ? configuredVoters : known;
    }

    @Override
    public ClusterImage image() {
        return session.image();
    }

    @Override
    public Optional<BrokerId> controller() {
        return session.controller();
    }
}
