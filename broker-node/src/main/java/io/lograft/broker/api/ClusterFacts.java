package io.lograft.broker.api;

import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.BrokerEndpoint;
import io.lograft.proto.v1.LeaderHint;
import java.util.Optional;

/** What the services ask about the cluster as this broker knows it. Safe for use by several threads. */
public interface ClusterFacts {

    /** Where clients reach a broker. */
    Optional<BrokerEndpoint> endpoint(BrokerId broker);

    /**
     * Why a call about this partition cannot be served by a broker that has no replica of it, or leads it no more: who does
     * lead it, and in which epoch.
     */
    Absence absence(PartitionId partition);

    /** The newest leader epoch of that partition; -1 where there is no such partition. */
    default int leaderEpoch(PartitionId partition) {
        return absence(partition).leaderEpoch();
    }

    /** The hint for a partition that is led elsewhere; without a leader where that is not known. */
    default LeaderHint hint(Optional<BrokerId> leader, int leaderEpoch) {
        LeaderHint.Builder hint = LeaderHint.newBuilder().setLeaderEpoch(leaderEpoch);
        leader.flatMap(this::endpoint).ifPresent(hint::setLeader);
        return hint.build();
    }

    /**
     * A partition that this broker has no replica of.
     *
     * @param code UNKNOWN_TOPIC, UNKNOWN_PARTITION or NOT_LEADER
     */
    record Absence(ErrorCode code, String message, Optional<BrokerId> leader, int leaderEpoch) {}
}
