package io.lograft.metadata.control;

import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.DirectoryAssignment;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.MetadataCommand.AssignDirectories;
import io.lograft.metadata.command.MetadataCommand.ReportDirectories;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a broker tells of its log directories: that one failed or is full, and where a replica is.
 *
 * <p>A replica is made, or goes on, in a directory only once the metadata say so. So a replica has records nowhere else
 * than where the metadata name it, and one whose directory is gone is never taken for one that has nothing yet.
 */
final class DirectoryChange {
    private final BrokerImage broker;
    private final LeaderChoice choice;
    private final PartitionChanges changes;
    private final Set<PartitionId> named = new HashSet<>();

    private DirectoryChange(ClusterImage image, BrokerImage broker) {
        this.broker = broker;
        this.choice = new LeaderChoice(image);
        this.changes = new PartitionChanges(image);
    }

    /** Replicas in a failed directory count as fenced; others take over from those in a full one where they can. */
    static Decision report(ClusterImage image, long index, ReportDirectories command) {
        Optional<Decision> refusal = BrokerChange.checkRegistration(image, command.broker());
        if (refusal.isPresent()) {
            return refusal.get();
        }
        BrokerImage before = image.brokers().get(command.broker().id());
        BrokerImage after = before.withDirectories(
                before.directories().reported(command.failed(), command.full(), before.lastUnfencedEpoch()));
        return after.equals(before)
                ? new Decision(List.of(), CommandReply.ok(new CommandReply.PartitionsChanged(0)))
                : BrokerChange.settle(image, index, List.of(after), Map.of());
    }

    static Decision assign(ClusterImage image, AssignDirectories command) {
        Optional<Decision> refusal = BrokerChange.checkRegistration(image, command.broker());
        if (refusal.isPresent()) {
            return refusal.get();
        }
        DirectoryChange change =
                new DirectoryChange(image, image.brokers().get(command.broker().id()));
        return change.changes.decideAll(
                command.assignments(),
                assignment -> change.changes.decide(
                        assignment.partition(),
                        (code, why) -> refused(code, command.broker(), assignment, why),
                        (topic, partition) -> change.assign(assignment, topic, partition)));
    }

    private CommandReply assign(DirectoryAssignment assignment, TopicImage topic, PartitionImage partition) {
        BrokerId self = broker.id();
        DirectoryId target = assignment.directory();
        if (!named.add(assignment.partition())) {
            return refused(ErrorCode.INVALID_REQUEST, broker.ref(), assignment, "it is named twice");
        }
        DirectoryId former =
                partition.replica(self).map(replica -> replica.directory()).orElse(null);
        if (former == null) {
            return refused(
                    ErrorCode.INVALID_REQUEST,
                    broker.ref(),
                    assignment,
                    "the replicas are at " + partition.replicaIds());
        }
        if (!target.isAssigned() || !broker.hasDirectory(target)) {
            return refused(
                    ErrorCode.INVALID_REQUEST,
                    broker.ref(),
                    assignment,
                    "the usable directories are " + broker.directories().usable());
        }
        boolean isCountedOn =
                partition.isr().contains(self) || partition.eligible().contains(self);
        if (isCountedOn && !broker.hasDirectory(former)) {
            return refused(
                    ErrorCode.INVALID_REQUEST,
                    broker.ref(),
                    assignment,
                    "its records are in directory " + former + ", which cannot be used");
        }
        PartitionDraft draft = new PartitionDraft(topic, partition);
        draft.moveTo(self, target);
        if (former.isAssigned() && partition.isLedBy(self)) {
            // The replica has ended and begins anew, there or where it was: no leadership survives that.
            List<BrokerId> others = choice.successors(draft, partition.isr(), self);
            draft.start(others.isEmpty() ? self : others.get(0));
        }
        return changes.put(assignment.partition(), draft.result());
    }

    private static CommandReply refused(ErrorCode code, BrokerRef broker, DirectoryAssignment assignment, String why) {
        return CommandReply.refused(
                code,
                "replica of " + assignment.partition() + " at " + broker + " to be in directory "
                        + assignment.directory() + ": " + why);
    }
}
