package io.lograft.broker.replica.runtime;

import io.lograft.broker.replica.ReplicaEffect;
import io.lograft.model.PartitionId;
import java.util.function.Consumer;

/** There is no controller: proposals get no answer. Tells why a replica stops for good. */
public record UnansweredProposals(Consumer<String> failures) implements ClusterProposals {

    /** Where no replica is to stop for good. */
    public static UnansweredProposals noneFails() {
        return new UnansweredProposals(reason -> {
            throw new IllegalStateException(reason);
        });
    }

    @Override
    public void proposeIsr(PartitionId partition, ReplicaEffect.ProposeIsr proposal) {}

    @Override
    public void requestHandOver(PartitionId partition, ReplicaEffect.RequestHandOver request) {}

    @Override
    public void replicaFailed(PartitionId partition, String reason) {
        failures.accept(reason);
    }
}
