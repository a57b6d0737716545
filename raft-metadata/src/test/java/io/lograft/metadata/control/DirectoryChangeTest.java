package io.lograft.metadata.control;

import static io.lograft.metadata.control.MetadataWorld.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.BrokerDirectories;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.DirectoryAssignment;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Brokers with several log directories, some of which fail, fill up, come back or are taken away. */
final class DirectoryChangeTest {
    private static final DirectoryId A = new DirectoryId(new java.util.UUID(9, 1));
    private static final DirectoryId B = new DirectoryId(new java.util.UUID(9, 2));

    private final MetadataWorld world = MetadataWorld.withBrokers(3);

    /** Broker 1 with two directories, preferred leader of a partition of three replicas. */
    private PartitionId ledByOne() {
        start(true, A, B);
        PartitionId id = world.topic("orders", 3, 3, Map.of());
        for (int partition = 0; partition < 3; partition++) {
            PartitionId candidate = new PartitionId(id.topic(), partition);
            if (world.partition(candidate).leader() == 1) {
                return candidate;
            }
        }
        throw new AssertionError("broker 1 leads nothing");
    }

    private BrokerRef start(boolean isComplete, DirectoryId... directories) {
        register(isComplete, directories);
        return letIn();
    }

    private void register(boolean isComplete, DirectoryId... directories) {
        MetadataCommand.RegisterBroker one = MetadataWorld.registration(1, "", A, true);
        world.submit(new MetadataCommand.RegisterBroker(
                one.id(), one.incarnation(), "", one.address(), List.of(directories), isComplete, true));
    }

    private BrokerRef letIn(LostReplica... lost) {
        world.submit(new MetadataCommand.UnfenceBroker(world.ref(1), List.of(lost)));
        return world.ref(1);
    }

    private CommandReply assign(PartitionId id, DirectoryId directory) {
        CommandReply reply = world.submit(
                new MetadataCommand.AssignDirectories(world.ref(1), List.of(new DirectoryAssignment(id, directory))));
        return ((CommandReply.Parts) reply.result()).replies().get(0);
    }

    private void report(List<DirectoryId> failed, List<DirectoryId> full) {
        assertThat(world.submit(new MetadataCommand.ReportDirectories(world.ref(1), failed, full))
                        .isOk())
                .isTrue();
    }

    private DirectoryId directory(PartitionId id) {
        return world.partition(id)
                .replica(new BrokerId(1))
                .map(ReplicaAssignment::directory)
                .orElseThrow();
    }

    private BrokerDirectories directories() {
        return world.image().brokers().get(new BrokerId(1)).directories();
    }

    @Test
    void aBrokerWithSeveralDirectoriesChoosesItselfAndTheEpochOfItsLeaderStays() {
        PartitionId id = ledByOne();
        assertThat(directory(id)).isEqualTo(DirectoryId.UNASSIGNED);
        int epoch = world.partition(id).leaderEpoch();
        assertThat(assign(id, B).isOk()).isTrue();
        assertThat(directory(id)).isEqualTo(B);
        assertThat(world.partition(id).leaderEpoch()).isEqualTo(epoch);
        assertThat(world.partition(id).partitionEpoch()).isPositive();
    }

    @Test
    void aDirectoryThatIsNotThereIsRefused() {
        PartitionId id = ledByOne();
        assertThat(assign(id, new DirectoryId(new java.util.UUID(9, 3))).error())
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(assign(id, DirectoryId.UNASSIGNED).error()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(assign(new PartitionId(id.topic(), 7), A).error()).isEqualTo(ErrorCode.UNKNOWN_PARTITION);
        BrokerRef stale = new BrokerRef(new BrokerId(1), world.ref(1).epoch() - 1);
        assertThat(world.submit(new MetadataCommand.AssignDirectories(stale, List.of()))
                        .error())
                .isEqualTo(ErrorCode.STALE_BROKER_EPOCH);
        assertThat(world.submit(new MetadataCommand.ReportDirectories(stale, List.of(A), List.of()))
                        .error())
                .isEqualTo(ErrorCode.STALE_BROKER_EPOCH);
    }

    @Test
    void aLeaderThatMovesToAnotherDirectoryHandsOverAndAStaysInSync() {
        PartitionId id = ledByOne();
        assign(id, A);
        int epoch = world.partition(id).leaderEpoch();
        assertThat(assign(id, B).isOk()).isTrue();
        assertThat(world.partition(id).leader()).isNotEqualTo(1);
        assertThat(world.partition(id).leaderEpoch()).isEqualTo(epoch + 1);
        assertThat(world.partition(id).isr()).containsExactlyInAnyOrderElementsOf(ids(1, 2, 3));
    }

    @Test
    void aFailedDirectoryTakesOnlyItsReplicasOffline() {
        PartitionId id = ledByOne();
        PartitionId other = new PartitionId(id.topic(), (id.partition() + 1) % 3);
        assign(id, A);
        assign(other, B);
        report(List.of(A), List.of());
        assertThat(world.partition(id).leader()).isNotEqualTo(1);
        assertThat(world.partition(id).isr()).containsExactlyInAnyOrderElementsOf(ids(2, 3));
        assertThat(directory(id)).as("it may come back").isEqualTo(A);
        assertThat(world.partition(other).isr()).containsExactlyInAnyOrderElementsOf(ids(1, 2, 3));
        assertThat(directories().offlineIds()).containsExactly(A);
        assertThat(world.propose(world.proposal(id, 1, 2, 3)).error()).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
    }

    @Test
    void theOnlyMemberIsOfflineWithItsDirectoryAndLeadsWhenThatComesBack() {
        PartitionId id = ledByOne();
        assign(id, A);
        world.fence(2, 3);
        long lastEpoch = world.ref(1).epoch();
        report(List.of(A), List.of());
        assertThat(world.partition(id).hasLeader()).isFalse();
        assertThat(assign(id, B).error()).as("its records are in A").isEqualTo(ErrorCode.INVALID_REQUEST);
        start(false, B);
        assertThat(world.partition(id).hasLeader()).isFalse();
        register(true, A, B);
        assertThat(directories().lastUnfencedEpoch(A, world.ref(1).epoch())).isEqualTo(lastEpoch);
        letIn();
        assertThat(world.partition(id).leader()).isEqualTo(1);
        assertThat(directories().offline()).isEmpty();
    }

    @Test
    void aDirectoryTakenAwayForGoodHasItsReplicasRefilledElsewhere() {
        PartitionId id = ledByOne();
        assign(id, A);
        register(true, B);
        letIn(new LostReplica(id, LostReplica.Cause.DISK, -1, 0));
        assertThat(directory(id)).isEqualTo(B);
        assertThat(directories().offline()).isEmpty();
    }

    @Test
    void aDirectoryThatIsAbsentAtAStartKeepsItsReplicas() {
        PartitionId id = ledByOne();
        assign(id, A);
        long lastEpoch = world.ref(1).epoch();
        start(false, B);
        assertThat(directory(id)).isEqualTo(A);
        assertThat(directories().offline()).containsExactly(new BrokerDirectories.Offline(A, lastEpoch));
        start(false, B);
        assertThat(directories().offline()).containsExactly(new BrokerDirectories.Offline(A, lastEpoch));
    }

    @Test
    void leadershipMovesAwayFromAFullDirectoryAndComesBack() {
        PartitionId id = ledByOne();
        assign(id, A);
        report(List.of(), List.of(A));
        assertThat(world.partition(id).leader()).isNotEqualTo(1);
        assertThat(world.partition(id).isr()).containsExactlyInAnyOrderElementsOf(ids(2, 3));
        assertThat(world.propose(world.proposal(id, 1, 2, 3)).error()).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
        report(List.of(), List.of());
        assertThat(world.propose(world.proposal(id, 1, 2, 3)).isOk()).isTrue();
        world.submit(new MetadataCommand.ElectPreferredLeaders(10));
        assertThat(world.partition(id).leader()).isEqualTo(1);
    }

    @Test
    void whereAllAreFullTheLeaderStaysAndCanBeReadFrom() {
        PartitionId id = ledByOne();
        assign(id, A);
        for (int broker : List.of(2, 3)) {
            world.submit(new MetadataCommand.ReportDirectories(
                    world.ref(broker), List.of(), List.of(MetadataWorld.directory(broker))));
        }
        assertThat(world.partition(id).isr()).containsExactlyInAnyOrderElementsOf(ids(1));
        report(List.of(), List.of(A, B));
        assertThat(world.partition(id).leader()).isEqualTo(1);
    }

    @Test
    void newTopicsGoWhereThereIsRoomAndElsewhereOnlyIfTheyMust() {
        world.submit(
                new MetadataCommand.ReportDirectories(world.ref(2), List.of(), List.of(MetadataWorld.directory(2))));
        PartitionId two = world.topic("two", 4, 2, Map.of());
        PartitionId three = world.topic("three", 4, 3, Map.of());
        for (int partition = 0; partition < 4; partition++) {
            assertThat(world.partition(new PartitionId(two.topic(), partition)).replicaIds())
                    .containsExactlyInAnyOrderElementsOf(ids(1, 3));
            assertThat(world.partition(new PartitionId(three.topic(), partition))
                            .leader())
                    .isNotEqualTo(2);
        }
    }
}
