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
record NodeState(BrokerId self, BrokerSession session, List<BrokerId> voters) implements ClusterState {

    static NodeState of(BrokerConfig config, BrokerSession session) {
        List<BrokerId> voters = config.metadata().voters().stream()
                .map(VoterAddress::broker)
                .sorted()
                .toList();
        return new NodeState(config.brokerId(), session, voters);
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
