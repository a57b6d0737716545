package io.lograft.metadata.control;

import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.MetadataCommand.AlterIsr;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Leaders' proposals of in-sync sets. A proposal that was computed from another state than the present one is stale; one
 * that is accepted gets a fresh partition epoch even where the set stays as it is, as that is what ends the proposals
 * before it.
 */
final class IsrChange {
    private final ClusterImage image;
    private final LeaderChoice choice;
    /** States of this command, for a second proposal about the same partition. */
    private final Map<PartitionId, PartitionImage> changed = new TreeMap<>();

    private IsrChange(ClusterImage image) {
        this.image = image;
        this.choice = new LeaderChoice(image);
    }

    static Decision decide(ClusterImage image, AlterIsr command) {
        IsrChange change = new IsrChange(image);
        List<CommandReply> replies = new ArrayList<>();
        for (IsrProposal proposal : command.proposals()) {
            replies.add(change.decide(proposal));
        }
        List<MetadataRecord> records = new ArrayList<>();
        change.changed.forEach((id, partition) -> records.add(partition.toRecord(id.topic())));
        return new Decision(records, CommandReply.ok(new CommandReply.Parts(replies)));
    }

    private CommandReply decide(IsrProposal proposal) {
        PartitionId id = proposal.partition();
        Optional<TopicImage> topic = image.topic(id.topic());
        if (topic.isEmpty()) {
            return refused(ErrorCode.UNKNOWN_TOPIC, proposal, "no topic has this id");
        }
        Optional<PartitionImage> found =
                Optional.ofNullable(changed.get(id)).or(() -> topic.get().partition(id.partition()));
        if (found.isEmpty()) {
            return refused(
                    ErrorCode.UNKNOWN_PARTITION,
                    proposal,
                    "topic " + topic.get().name() + " has "
                            + topic.get().partitions().size() + " partitions");
        }
        PartitionImage partition = found.get();
        Optional<CommandReply> refusal = checkLeader(proposal, partition).or(() -> checkMembers(proposal, partition));
        if (refusal.isPresent()) {
            return refusal.get();
        }
        PartitionDraft draft = new PartitionDraft(topic.get(), partition);
        draft.changeIsr(proposal.members().stream().map(BrokerRef::id).toList());
        // A draining broker that had to stay can go now, if another is in sync.
        choice.settle(topic.get(), draft);
        changed.put(id, draft.fresh());
        return CommandReply.OK;
    }

    private Optional<CommandReply> checkLeader(IsrProposal proposal, PartitionImage partition) {
        BrokerRef leader = proposal.leader();
        if (!partition.isLedBy(leader.id())) {
            return Optional.of(refused(ErrorCode.NOT_LEADER, proposal, "the leader is " + partition.leader()));
        }
        if (proposal.leaderEpoch() != partition.leaderEpoch()) {
            ErrorCode code = proposal.leaderEpoch() < partition.leaderEpoch()
                    ? ErrorCode.FENCED_LEADER_EPOCH
                    : ErrorCode.UNKNOWN_LEADER_EPOCH;
            return Optional.of(refused(code, proposal, "the leader epoch is " + partition.leaderEpoch()));
        }
        long brokerEpoch = image.broker(leader.id()).map(BrokerImage::epoch).orElse(-1L);
        if (brokerEpoch != leader.epoch()) {
            return Optional.of(
                    refused(ErrorCode.STALE_BROKER_EPOCH, proposal, "the leader's broker epoch is " + brokerEpoch));
        }
        if (proposal.partitionEpoch() != partition.partitionEpoch()) {
            return Optional.of(refused(
                    ErrorCode.STALE_PARTITION_EPOCH, proposal, "the partition epoch is " + partition.partitionEpoch()));
        }
        return Optional.empty();
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
