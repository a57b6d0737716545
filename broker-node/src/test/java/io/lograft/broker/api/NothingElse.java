package io.lograft.broker.api;

import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.BrokerEndpoint;
import java.util.Optional;

/** Nobody else is in the cluster, and nothing but the replicas that are here. */
public final class NothingElse implements ClusterFacts {
    @Override
    public Optional<BrokerEndpoint> endpoint(BrokerId broker) {
        return Optional.empty();
    }

    @Override
    public Absence absence(PartitionId partition) {
        return new Absence(ErrorCode.UNKNOWN_TOPIC, "nothing else is here", Optional.empty(), -1);
    }
}
