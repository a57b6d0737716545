package io.lograft.broker.replica.runtime;

import io.lograft.broker.replica.ReplicaEffect;
import io.lograft.model.PartitionId;

/** What replicas ask of the controller. Safe for use by several threads; never blocks. */
public interface ClusterProposals {

    /** Proposes an in-sync set; what became of it is read from the metadata. */
    void proposeIsr(PartitionId partition, ReplicaEffect.ProposeIsr proposal);

    /** Asks that another replica lead. */
    void requestHandOver(PartitionId partition, ReplicaEffect.RequestHandOver request);

    /** A replica of this broker stopped for good: it is to be taken out of the in-sync set. */
    void replicaFailed(PartitionId partition, String reason);
}
