package io.lograft.metadata.control;

import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.MetadataCommand.AlterIsr;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Leaders' proposals of in-sync sets. A proposal that was computed from another state than the present one is stale; one
 * that is accepted gets a fresh partition epoch even where the set stays as it is, as that is what ends the proposals
 * before it.
 */
final class IsrChange {
    private final ClusterImage image;
    private final LeaderChoice choice;
    private final PartitionChanges changes;

    private IsrChange(ClusterImage image) {
        this.image = image;
        this.choice = new LeaderChoice(image);
        this.changes = new PartitionChanges(image);
    }

    static Decision decide(ClusterImage image, AlterIsr command) {
        IsrChange change = new IsrChange(image);
        return change.changes.decideAll(
                command.proposals(),
                proposal -> change.changes.decide(
                        proposal.partition(),
                        (code, why) -> refused(code, proposal, why),
                        (topic, partition) -> change.decide(proposal, topic, partition)));
    }

    private CommandReply decide(IsrProposal proposal, TopicImage topic, PartitionImage partition) {
        Optional<CommandReply> refusal = checkLeader(proposal, partition).or(() -> checkMembers(proposal, partition));
        if (refusal.isPresent()) {
            return refusal.get();
        }
        PartitionDraft draft = new PartitionDraft(topic, partition);
        draft.changeIsr(proposal.members().stream().map(BrokerRef::id).toList());
        // A draining broker that had to stay can go now, if another is in sync.
        choice.settle(topic, draft);
        return changes.put(proposal.partition(), draft.fresh());
    }

    private Optional<CommandReply> checkLeader(IsrProposal proposal, PartitionImage partition) {
        Optional<CommandReply> refusal = LeaderClaim.check(
                image,
                partition,
                proposal.leader(),
                proposal.leaderEpoch(),
                (code, why) -> refused(code, proposal, why));
        if (refusal.isEmpty() && proposal.partitionEpoch() != partition.partitionEpoch()) {
            return Optional.of(refused(
                    ErrorCode.STALE_PARTITION_EPOCH, proposal, "the partition epoch is " + partition.partitionEpoch()));
        }
        return refusal;
    }

    private Optional<CommandReply> checkMembers(IsrProposal proposal, PartitionImage partition) {
        Set<BrokerId> members = new TreeSet<>();
        for (BrokerRef member : proposal.members()) {
            if (!members.add(member.id())) {
                return Optional.of(
                        refused(ErrorCode.INVALID_REQUEST, proposal, "member " + member.id() + " is named twice"));
            }
            if (!partition.isReplica(member.id())) {
                return Optional.of(refused(
                        ErrorCode.INVALID_REQUEST,
                        proposal,
                        "member " + member.id() + " is none of the replicas " + partition.replicaIds()));
            }
            Optional<CommandReply> refusal = checkMember(proposal, partition, member);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return members.contains(proposal.leader().id())
                ? Optional.empty()
                : Optional.of(refused(ErrorCode.INVALID_REQUEST, proposal, "the leader is not a member"));
    }

    private Optional<CommandReply> checkMember(IsrProposal proposal, PartitionImage partition, BrokerRef member) {
        BrokerImage broker = image.broker(member.id()).orElse(null);
        if (broker == null || broker.epoch() != member.epoch()) {
            String epoch = broker == null ? "none" : Long.toString(broker.epoch());
            return Optional.of(refused(
                    ErrorCode.INELIGIBLE_REPLICA, proposal, "member " + member + " has the broker epoch " + epoch));
        }
        boolean isNew = !partition.isr().contains(member.id());
        if (isNew && !broker.isAvailable()) {
            String why = broker.fenced() ? " is fenced" : " is draining";
            return Optional.of(refused(ErrorCode.INELIGIBLE_REPLICA, proposal, "new member " + member + why));
        }
        if (isNew && !choice.isLive(partition.replica(member.id()).orElseThrow())) {
            return Optional.of(refused(
                    ErrorCode.INELIGIBLE_REPLICA, proposal, "the log directory of new member " + member + " is gone"));
        }
        if (isNew && !choice.isWanted(partition.replica(member.id()).orElseThrow())) {
            return Optional.of(
                    refused(ErrorCode.INELIGIBLE_REPLICA, proposal, "the disk of new member " + member + " is full"));
        }
        return Optional.empty();
    }

    private static CommandReply refused(ErrorCode code, IsrProposal proposal, String why) {
        return CommandReply.refused(
                code,
                "in-sync set " + proposal.members() + " for " + proposal.partition() + ", proposed by "
                        + proposal.leader() + " in leader epoch " + proposal.leaderEpoch() + " and partition epoch "
                        + proposal.partitionEpoch() + ": " + why);
    }
}
