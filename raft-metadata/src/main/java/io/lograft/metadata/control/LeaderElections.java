package io.lograft.metadata.control;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.LeaderElection;
import io.lograft.metadata.command.MetadataCommand.ElectLeaders;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.Optional;

/**
 * An operator's choice of leaders: back to the preferred one, or, where nobody may lead without losing committed
 * records, whoever has the best claim (P6).
 */
final class LeaderElections {
    private final ClusterImage image;
    private final LeaderChoice choice;
    private final PartitionChanges changes;

    private LeaderElections(ClusterImage image) {
        this.image = image;
        this.choice = new LeaderChoice(image);
        this.changes = new PartitionChanges(image);
    }

    static Decision decide(ClusterImage image, ElectLeaders command) {
        LeaderElections elections = new LeaderElections(image);
        return elections.changes.decideAll(
                command.partitions(),
                id -> elections.changes.decide(
                        id,
                        (code, why) -> CommandReply.refused(code, "partition " + id + ": " + why),
                        (topic, partition) -> elections.decide(id, topic, partition, command.election())));
    }

    private CommandReply decide(PartitionId id, TopicImage topic, PartitionImage partition, LeaderElection election) {
        String name = topic.name() + "-" + id.partition();
        return switch (election) {
            case PREFERRED -> preferred(id, name, topic, partition);
            case UNCLEAN -> unclean(id, name, topic, partition);
        };
    }

    private CommandReply preferred(PartitionId id, String name, TopicImage topic, PartitionImage partition) {
        BrokerId preferred = partition.replicas().get(0).broker();
        if (partition.isLedBy(preferred)) {
            return CommandReply.refused(
                    ErrorCode.ELECTION_NOT_NEEDED, name + " is led by its preferred replica, broker " + preferred);
        }
        if (!partition.hasLeader()) {
            return CommandReply.refused(
                    ErrorCode.NO_ELIGIBLE_LEADER,
                    name + " has no leader, as no live replica is in sync " + partition.isr() + " or eligible "
                            + partition.eligible());
        }
        if (!PreferredLeaders.isMisplaced(image, partition)) {
            return CommandReply.refused(
                    ErrorCode.NO_ELIGIBLE_LEADER,
                    name + ": its preferred replica, broker " + preferred + ", "
                            + (partition.isr().contains(preferred)
                                    ? "is fenced or draining"
                                    : "is not in the in-sync set " + partition.isr()));
        }
        PartitionDraft draft = new PartitionDraft(topic, partition);
        draft.start(preferred);
        return changes.put(id, draft.result());
    }

    private CommandReply unclean(PartitionId id, String name, TopicImage topic, PartitionImage partition) {
        if (partition.hasLeader()) {
            return CommandReply.refused(
                    ErrorCode.ELECTION_NOT_NEEDED, name + " is led by broker " + partition.leader());
        }
        PartitionDraft draft = new PartitionDraft(topic, partition);
        Optional<BrokerId> claimant = choice.bestClaim(draft);
        if (claimant.isEmpty()) {
            return CommandReply.refused(
                    ErrorCode.NO_ELIGIBLE_LEADER, name + ": none of its replicas is live " + partition.replicaIds());
        }
        draft.startUnclean(claimant.get());
        choice.finishReassignment(draft);
        return changes.put(id, draft.result());
    }
}
