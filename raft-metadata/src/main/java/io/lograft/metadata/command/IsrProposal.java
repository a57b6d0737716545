package io.lograft.metadata.command;

import io.lograft.model.PartitionId;
import java.util.List;

/**
 * A leader's wish for another in-sync set of one partition.
 *
 * @param leader the leader, by the registration under which it leads
 * @param partitionEpoch the epoch of the partition's state that the proposal was computed from; with any other the
 *     proposal is stale
 * @param members all members of the set proposed, the leader included, each by the registration that the leader saw;
 *     proposing the present set again is how a leader withdraws what it proposed before
 */
public record IsrProposal(
        PartitionId partition, BrokerRef leader, int leaderEpoch, int partitionEpoch, List<BrokerRef> members) {
    public IsrProposal {
        members = List.copyOf(members);
    }
}
