package io.lograft.metadata.control;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand.ReassignPartitions;
import io.lograft.metadata.command.PartitionTarget;
import io.lograft.metadata.command.Reassignment;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * Gives partitions other replicas, and takes that back.
 *
 * <pre>
 * as it was ──other replicas──▶ former and added replicas ──all of the target in sync──▶ the target alone
 *     ▲                          │        ▲ another target │
 *     └────────back to those─────┘        └────────────────┘
 * </pre>
 *
 * Added replicas begin outside both sets and join the in-sync set by their leader's proposals, as all do. The last step
 * belongs to whichever command brings it about ({@link LeaderChoice#settle}). What is given up on the way, added replicas
 * of a target that counts no more, must leave one in sync, and as many in both sets as records need to be committed, or as
 * there are: where the in-sync set is smaller than the minimum, those who are eligible are the other copies.
 */
final class Reassignments {
    private final ClusterImage image;
    private final LeaderChoice choice;
    private final PartitionChanges changes;
    private final long throttleBytesPerSecond;

    private Reassignments(ClusterImage image, long throttleBytesPerSecond) {
        this.image = image;
        this.choice = new LeaderChoice(image);
        this.changes = new PartitionChanges(image);
        this.throttleBytesPerSecond = throttleBytesPerSecond;
    }

    static Decision decide(ClusterImage image, ReassignPartitions command) {
        if (command.throttleBytesPerSecond() < 0) {
            return Decision.refused(
                    ErrorCode.INVALID_REQUEST,
                    "a throttle of " + command.throttleBytesPerSecond() + " bytes per second, must not be negative");
        }
        Reassignments reassignments = new Reassignments(image, command.throttleBytesPerSecond());
        Decision decision = reassignments.changes.decideAll(
                command.targets(),
                target -> reassignments.changes.decide(
                        target.partition(),
                        (code, why) -> CommandReply.refused(code, "partition " + target.partition() + ": " + why),
                        (topic, partition) -> reassignments.decide(target, topic, partition)));
        return command.validateOnly() ? new Decision(List.of(), decision.reply()) : decision;
    }

    private CommandReply decide(PartitionTarget target, TopicImage topic, PartitionImage partition) {
        String name = topic.name() + "-" + partition.partition();
        boolean isCancelled = target.replicas().isEmpty();
        if (isCancelled && partition.reassignment().isEmpty()) {
            return CommandReply.refused(
                    ErrorCode.NO_REASSIGNMENT, name + ": its replicas " + partition.replicaIds() + " stay as they are");
        }
        Optional<CommandReply> refusal = checkReplicas(name, partition, target.replicas());
        if (refusal.isPresent()) {
            return refusal.get();
        }
        if (partition.reassignment().isEmpty() && partition.replicaIds().equals(target.replicas())) {
            return CommandReply.OK;
        }
        List<ReplicaAssignment> next = new ArrayList<>(partition.formerReplicas());
        List<BrokerId> former = next.stream().map(ReplicaAssignment::broker).toList();
        List<BrokerId> added = target.replicas().stream()
                .filter(broker -> !former.contains(broker))
                .toList();
        added.forEach(broker -> next.add(partition.replica(broker).orElseGet(() -> newReplica(broker))));
        if (next.size() > TopicRules.REPLICAS_MAX) {
            return CommandReply.refused(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    name + " would have " + next.size()
                            + " replicas until those that are added are in sync, the most are "
                            + TopicRules.REPLICAS_MAX);
        }
        Optional<Reassignment> towards = isCancelled
                ? Optional.empty()
                : Optional.of(new Reassignment(target.replicas(), added, throttleBytesPerSecond));
        return assign(name, new Change(topic, partition, next, towards));
    }

    private Optional<CommandReply> checkReplicas(String name, PartitionImage partition, List<BrokerId> replicas) {
        if (new HashSet<>(replicas).size() < replicas.size()) {
            return Optional.of(
                    CommandReply.refused(ErrorCode.INVALID_REQUEST, name + ": a broker is named twice in " + replicas));
        }
        for (BrokerId id : replicas) {
            BrokerImage broker = image.broker(id).orElse(null);
            if (broker == null) {
                return Optional.of(
                        CommandReply.refused(ErrorCode.UNKNOWN_BROKER, name + ": no broker has registered as " + id));
            }
            if (!partition.isReplica(id) && !broker.isAvailableForMore()) {
                String why = broker.fenced()
                        ? " is fenced"
                        : broker.draining() ? " is draining" : " has no log directory with room";
                return Optional.of(CommandReply.refused(
                        ErrorCode.INELIGIBLE_REPLICA,
                        name + ": broker " + id + why + ", so that no replica can be made there"));
            }
        }
        return Optional.empty();
    }

    private ReplicaAssignment newReplica(BrokerId broker) {
        return new ReplicaAssignment(
                broker, BrokerChange.directoryFor(image.broker(broker).orElseThrow()));
    }

    /**
     * A partition on its way to other replicas.
     *
     * @param next the replicas that it has from now on
     */
    private record Change(
            TopicImage topic, PartitionImage partition, List<ReplicaAssignment> next, Optional<Reassignment> towards) {
        PartitionId id() {
            return new PartitionId(topic.id(), partition.partition());
        }

        boolean isKept(BrokerId broker) {
            return next.stream().anyMatch(replica -> replica.broker().equals(broker));
        }

        /** True where nobody leaves, or only such as nobody counts on. */
        boolean isHarmless() {
            return partition.isr().stream().allMatch(this::isKept)
                    && partition.eligible().stream().allMatch(this::isKept)
                    && partition.lostMembers().stream().allMatch(member -> isKept(member.broker()));
        }
    }

    private CommandReply assign(String name, Change change) {
        PartitionImage partition = change.partition();
        PartitionDraft draft = new PartitionDraft(change.topic(), partition);
        boolean isSomeoneDropped = partition.replicaIds().stream().anyMatch(broker -> !change.isKept(broker));
        List<BrokerId> inSync = change.next().stream()
                .filter(replica -> partition.isr().contains(replica.broker()) && choice.isLive(replica))
                .map(ReplicaAssignment::broker)
                .toList();
        List<BrokerId> holders = new ArrayList<>(partition.isr());
        holders.addAll(partition.eligible());
        List<BrokerId> left = new ArrayList<>(inSync);
        partition.eligible().stream().filter(change::isKept).forEach(left::add);
        int needed = Math.min(change.topic().minimum(partition), holders.size());
        if (!change.isHarmless() && (inSync.isEmpty() || left.size() < needed)) {
            return CommandReply.refused(
                    ErrorCode.UNSAFE_CHANGE,
                    name + ": of " + holders + ", which have all that is committed, only " + left
                            + " would be left, of them in sync " + inSync + ", and " + Math.max(1, needed)
                            + " are needed");
        }
        Optional<BrokerId> leader = Optional.empty();
        if (isSomeoneDropped && partition.hasLeader()) {
            BrokerId present = new BrokerId(partition.leader());
            leader = Optional.of(change.isKept(present) ? present : inSync.getFirst());
        }
        draft.assign(change.next(), change.towards(), leader);
        choice.settle(change.topic(), draft);
        return changes.put(change.id(), draft.result());
    }
}
