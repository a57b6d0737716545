package io.lograft.metadata.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.LeaderElection;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.Reassignment;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What holds of every image, and of every step from one to the next. Remembers who led in which epoch, so one object
 * follows one history.
 */
public final class MetadataInvariants {
    private final Map<PartitionId, Map<Integer, BrokerRef>> leaders = new HashMap<>();

    /** Checks a step; throws AssertionError with both states. */
    public void check(ClusterImage before, MetadataCommand command, ClusterImage after) {
        assertThat(after.nextProducerId()).isGreaterThanOrEqualTo(before.nextProducerId());
        after.brokers().values().forEach(broker -> checkBroker(before, broker));
        boolean hasSameBrokers = before.brokers().equals(after.brokers());
        for (TopicImage topic : after.topics()) {
            assertThat(after.topic(topic.name())).contains(topic);
            for (PartitionImage partition : topic.partitions()) {
                PartitionId id = new PartitionId(topic.id(), partition.partition());
                if (hasSameBrokers && before.partition(id).equals(Optional.of(partition))) {
                    continue;
                }
                Supplier<String> what = () -> "partition " + id + " after " + after.index() + ": " + partition;
                checkState(what, after, topic, partition);
                checkLeader(what, after, id, partition);
                before.partition(id).ifPresent(former -> checkStep(what, command, topic, former, partition));
            }
        }
    }

    private static void checkBroker(ClusterImage before, BrokerImage broker) {
        assertThat(broker.lastUnfencedEpoch()).isLessThanOrEqualTo(broker.epoch());
        assertThat(broker.isLive() && broker.lastUnfencedEpoch() != broker.epoch())
                .isFalse();
        before.broker(broker.id())
                .ifPresent(former -> assertThat(broker.epoch()).isGreaterThanOrEqualTo(former.epoch()));
    }

    private static void checkState(
            Supplier<String> what, ClusterImage image, TopicImage topic, PartitionImage partition) {
        List<BrokerId> replicas = partition.replicaIds();
        assertThat(new HashSet<>(replicas)).as(what).hasSameSizeAs(replicas);
        assertThat(partition.isr()).as(what).doesNotHaveDuplicates().isSubsetOf(replicas);
        assertThat(partition.eligible()).as(what).doesNotHaveDuplicates().isSubsetOf(replicas);
        assertThat(partition.eligible()).as(what).noneMatch(partition.isr()::contains);
        assertThat(replicas.stream().filter(partition.isr()::contains)).as(what).isEqualTo(partition.isr());
        partition.reassignment().ifPresent(change -> {
            assertThat(replicas).as(what).containsAll(change.target());
            assertThat(change.target()).as(what).doesNotHaveDuplicates();
            assertThat(replicas.subList(partition.formerReplicaCount(), replicas.size()))
                    .as(what)
                    .isEqualTo(change.added());
            boolean isDue = partition.hasLeader() && partition.isr().containsAll(change.target());
            assertThat(isDue).as(what).isEqualTo(isDue && isAwaited(image, partition, change));
        });
        if (!partition.eligible().isEmpty()) {
            assertThat(partition.isr().size()).as(what).isLessThan(topic.minimum(partition));
        }
        if (partition.hasLeader()) {
            assertThat(partition.isr()).as(what).contains(new BrokerId(partition.leader()));
            assertThat(partition.lostMembers()).as(what).isEmpty();
            for (BrokerId member : partition.isr()) {
                assertThat(isLive(image, partition.replica(member).orElseThrow()))
                        .as(what)
                        .isTrue();
            }
        } else {
            for (ReplicaAssignment replica : partition.replicas()) {
                boolean couldLead = partition.isr().contains(replica.broker())
                        || partition.eligible().contains(replica.broker());
                assertThat(couldLead && isLive(image, replica)).as(what).isFalse();
            }
        }
    }

    /** Nobody of the target may lead yet, though somebody has to as the leader is to be dropped. */
    private static boolean isAwaited(ClusterImage image, PartitionImage partition, Reassignment change) {
        return change.target().size() < partition.replicas().size()
                && change.target().stream()
                        .map(broker -> partition.replica(broker).orElseThrow())
                        .noneMatch(replica -> image.broker(replica.broker())
                                .filter(broker -> broker.isAvailable(replica.directory()))
                                .isPresent());
    }

    private void checkLeader(Supplier<String> what, ClusterImage image, PartitionId id, PartitionImage partition) {
        if (partition.hasLeader()) {
            BrokerRef leader =
                    image.brokers().get(new BrokerId(partition.leader())).ref();
            BrokerRef former =
                    leaders.computeIfAbsent(id, key -> new HashMap<>()).putIfAbsent(partition.leaderEpoch(), leader);
            // Not even a restart of the same leader may go on in its epoch.
            assertThat(former == null || former.equals(leader))
                    .as(() -> what.get() + " was led in this epoch by " + former)
                    .isTrue();
        }
    }

    private static void checkStep(
            Supplier<String> state,
            MetadataCommand command,
            TopicImage topic,
            PartitionImage before,
            PartitionImage after) {
        if (before.equals(after)) {
            return;
        }
        Set<BrokerId> joining = joining(command, new PartitionId(topic.id(), after.partition()));
        Supplier<String> what = () -> state.get() + ", before: " + before;
        assertThat(after.partitionEpoch()).as(what).isEqualTo(before.partitionEpoch() + 1);
        assertThat(after.leaderEpoch()).as(what).isBetween(before.leaderEpoch(), before.leaderEpoch() + 1);
        if (after.hasLeader() && after.leader() != before.leader()) {
            assertThat(after.leaderEpoch()).as(what).isEqualTo(before.leaderEpoch() + 1);
        }
        checkReplicas(what, command, before, after);
        checkCopies(what, topic, before, after);
        boolean isSafe = !after.hasLeader()
                || before.isr().contains(new BrokerId(after.leader()))
                || before.eligible().contains(new BrokerId(after.leader()))
                || joining.contains(new BrokerId(after.leader()));
        if (after.isUnclean() && after.leaderEpoch() != before.leaderEpoch()) {
            assertThat(before.hasLeader()).as(what).isFalse();
            assertThat(after.isr()).as(what).containsExactly(new BrokerId(after.leader()));
            assertThat(after.eligible()).as(what).isEmpty();
            if (!isOperatorsChoice(command)) {
                checkPowerLoss(what, topic, before);
            }
        } else {
            assertThat(isSafe).as(what).isTrue();
        }
    }

    /**
     * Replicas go by a reassignment alone: what is added of one that is given up, or what is not in the target at its end.
     * Then a leadership begins, as what a leader knows of a replica must not outlive the replica.
     */
    private static void checkReplicas(
            Supplier<String> what, MetadataCommand command, PartitionImage before, PartitionImage after) {
        boolean isAsked = command instanceof MetadataCommand.ReassignPartitions;
        if (!before.replicaIds().equals(after.replicaIds()) && !isAsked) {
            assertThat(before.reassignment().map(Reassignment::target)).as(what).contains(after.replicaIds());
            assertThat(after.reassignment()).as(what).isEmpty();
            assertThat(after.isr()).as(what).isEqualTo(after.replicaIds());
        }
        if (!after.replicaIds().containsAll(before.replicaIds())) {
            assertThat(!after.hasLeader() || after.leaderEpoch() > before.leaderEpoch())
                    .as(what)
                    .isTrue();
            boolean isCounted = !before.isr().isEmpty();
            assertThat(isCounted && after.isr().isEmpty()).as(what).isFalse();
        }
    }

    /** Where replicas go, so many copies of what is committed are left as the minimum asks for, or as there were. */
    private static void checkCopies(
            Supplier<String> what, TopicImage topic, PartitionImage before, PartitionImage after) {
        if (!after.replicaIds().containsAll(before.replicaIds())) {
            int copies = before.isr().size() + before.eligible().size();
            assertThat(after.isr().size() + after.eligible().size())
                    .as(what)
                    .isGreaterThanOrEqualTo(Math.min(topic.minimum(after), copies));
        }
    }

    /** Who may lead besides the members before: those whom the leader has just vouched for. */
    private static Set<BrokerId> joining(MetadataCommand command, PartitionId id) {
        Set<BrokerId> joining = new HashSet<>();
        if (command instanceof MetadataCommand.AlterIsr alter) {
            for (IsrProposal proposal : alter.proposals()) {
                if (proposal.partition().equals(id)) {
                    proposal.members().forEach(member -> joining.add(member.id()));
                }
            }
        }
        return joining;
    }

    private static boolean isOperatorsChoice(MetadataCommand command) {
        return command instanceof MetadataCommand.ElectLeaders elect && elect.election() == LeaderElection.UNCLEAN;
    }

    /** The one exception but for an operator: every member lost no more than a tail that was never promised on disk. */
    private static void checkPowerLoss(Supplier<String> what, TopicImage topic, PartitionImage before) {
        assertThat(topic.flushMode()).as(what).isEqualTo(FlushMode.OS);
        assertThat(before.lostMembers())
                .as(what)
                .allMatch(member -> member.cause() == LostReplica.Cause.UNFLUSHED_TAIL);
    }

    private static boolean isLive(ClusterImage image, ReplicaAssignment replica) {
        return image.broker(replica.broker())
                .filter(broker -> broker.isLive() && broker.hasDirectory(replica.directory()))
                .isPresent();
    }
}
