package io.lograft.metadata.control;

import static io.lograft.metadata.control.MetadataWorld.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.HandOverRequest;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.LeaderElection;
import io.lograft.metadata.command.MetadataCommand.DrainBroker;
import io.lograft.metadata.command.MetadataCommand.ElectLeaders;
import io.lograft.metadata.command.MetadataCommand.HandOverLeadership;
import io.lograft.metadata.command.MetadataCommand.ReassignPartitions;
import io.lograft.metadata.command.PartitionTarget;
import io.lograft.metadata.command.Reassignment;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ReassignmentsTest {
    private final MetadataWorld world = MetadataWorld.withBrokers(3);
    private PartitionId id;

    private CommandReply reassign(long throttle, boolean validateOnly, int... replicas) {
        CommandReply reply = world.submit(
                new ReassignPartitions(List.of(new PartitionTarget(id, ids(replicas))), throttle, validateOnly));
        return reply.isOk() ? ((CommandReply.Parts) reply.result()).replies().get(0) : reply;
    }

    private CommandReply reassign(int... replicas) {
        return reassign(0, false, replicas);
    }

    private void propose(int... members) {
        assertThat(world.propose(world.proposal(id, members)).isOk()).isTrue();
    }

    private PartitionImage partition() {
        return world.partition(id);
    }

    /** Replicas 1, 2 and 3; brokers 4 and 5 are there, too. */
    private void topicOfThree() {
        id = world.topic("orders", 1, 3, Map.of());
        propose(1, 2, 3);
        world.start(4);
        world.start(5);
        reassign(1, 2, 3);
        assertThat(partition().replicaIds()).isEqualTo(ids(1, 2, 3));
    }

    @Test
    void theTargetAloneIsLeftOnceAllOfItIsInSync() {
        topicOfThree();
        int epoch = partition().leaderEpoch();
        assertThat(reassign(4, 5, 2).isOk()).isTrue();
        assertThat(partition().replicaIds()).isEqualTo(ids(1, 2, 3, 4, 5));
        assertThat(partition().isr()).isEqualTo(ids(1, 2, 3));
        assertThat(partition().leaderEpoch()).isEqualTo(epoch);
        assertThat(partition().reassignment()).contains(new Reassignment(ids(4, 5, 2), ids(4, 5), 0));
        assertThat(partition().isUnderReplicated()).isFalse();
        propose(1, 2, 3, 4);
        assertThat(partition().reassignment()).isPresent();
        propose(1, 2, 3, 4, 5);
        assertThat(partition().reassignment()).isEmpty();
        assertThat(partition().replicaIds()).isEqualTo(ids(4, 5, 2));
        assertThat(partition().isr()).isEqualTo(ids(4, 5, 2));
        assertThat(partition().leader()).isEqualTo(4);
        assertThat(partition().leaderEpoch()).isEqualTo(epoch + 1);
    }

    @Test
    void aLeaderThatStaysBeginsAnewWhereAReplicaLeaves() {
        topicOfThree();
        int epoch = partition().leaderEpoch();
        reassign(1, 2);
        assertThat(partition().replicaIds()).isEqualTo(ids(1, 2));
        assertThat(partition().leader()).isEqualTo(1);
        assertThat(partition().leaderEpoch()).isEqualTo(epoch + 1);
    }

    @Test
    void aTargetThatIsInSyncAlreadyIsReachedAtOnce() {
        topicOfThree();
        int epoch = partition().leaderEpoch();
        reassign(3, 1, 2);
        assertThat(partition().replicaIds()).isEqualTo(ids(3, 1, 2));
        assertThat(partition().reassignment()).isEmpty();
        assertThat(partition().leaderEpoch()).isEqualTo(epoch);
    }

    @Test
    void moreReplicasDoNotStopWritesWhileTheyCatchUp() {
        id = world.topic("orders", 1, 1, Map.of("min.insync.replicas", "2"));
        int first = partition().leader();
        int second = first % 3 + 1;
        int third = second % 3 + 1;
        reassign(first, second, third);
        assertThat(world.topic("orders").orElseThrow().minimum(partition())).isEqualTo(1);
        assertThat(world.topic("orders").orElseThrow().replicationFactor()).isEqualTo(3);
        propose(first, second, third);
        assertThat(partition().replicaIds()).isEqualTo(ids(first, second, third));
        assertThat(world.topic("orders").orElseThrow().minimum(partition())).isEqualTo(2);
    }

    @Test
    void fewerReplicasLowerTheMinimumOnlyAtTheEnd() {
        topicOfThree();
        world.fence(3);
        reassign(3);
        assertThat(world.topic("orders").orElseThrow().minimum(partition())).isEqualTo(2);
        world.start(3);
        propose(1, 2, 3);
        assertThat(partition().replicaIds()).isEqualTo(ids(3));
        assertThat(partition().leader()).isEqualTo(3);
        assertThat(world.topic("orders").orElseThrow().minimum(partition())).isEqualTo(1);
    }

    @Test
    void whoIsGoneIsReplaced() {
        topicOfThree();
        world.fence(1);
        assertThat(reassign(4, 2, 3).isOk()).isTrue();
        propose(2, 3, 4);
        assertThat(partition().replicaIds()).isEqualTo(ids(4, 2, 3));
        world.start(1);
        assertThat(partition().isr()).isEqualTo(ids(4, 2, 3));
    }

    @Test
    void cancellingGoesBackToTheReplicasFromBefore() {
        topicOfThree();
        int epoch = partition().leaderEpoch();
        reassign(4, 5, 1);
        propose(1, 2, 3, 4);
        assertThat(reassign().isOk()).isTrue();
        assertThat(partition().replicaIds()).isEqualTo(ids(1, 2, 3));
        assertThat(partition().isr()).isEqualTo(ids(1, 2, 3));
        assertThat(partition().reassignment()).isEmpty();
        assertThat(partition().leaderEpoch()).isEqualTo(epoch + 1);
        assertThat(reassign().error()).isEqualTo(ErrorCode.NO_REASSIGNMENT);
    }

    @Test
    void aLeaderThatIsGivenUpIsReplacedByOneFromBefore() {
        topicOfThree();
        reassign(4, 5, 1);
        propose(1, 2, 3, 4);
        world.fence(1, 2, 3);
        world.start(2);
        world.start(3);
        propose(2, 3, 4);
        assertThat(partition().leader()).isEqualTo(4);
        int epoch = partition().leaderEpoch();
        assertThat(reassign().isOk()).isTrue();
        assertThat(partition().isr()).isEqualTo(ids(2, 3));
        assertThat(partition().leader()).isEqualTo(2);
        assertThat(partition().leaderEpoch()).isEqualTo(epoch + 1);
    }

    @Test
    void anUncleanLeaderThatIsTheWholeTargetEndsIt() {
        id = world.topic("orders", 1, 1, Map.of());
        int first = partition().leader();
        int second = first % 3 + 1;
        reassign(second);
        world.fence(first);
        world.submit(new ElectLeaders(List.of(id), LeaderElection.UNCLEAN));
        assertThat(partition().replicaIds()).isEqualTo(ids(second));
        assertThat(partition().reassignment()).isEmpty();
        assertThat(partition().isUnclean()).isTrue();
    }

    @Test
    void aHandOverToWhoeverIsTheWholeTargetEndsIt() {
        topicOfThree();
        world.fence(2, 3);
        reassign(2);
        world.start(2);
        assertThat(partition().isr()).isEqualTo(ids(1));
        assertThat(partition().eligible()).isEqualTo(ids(2, 3));
        world.submit(new HandOverLeadership(
                List.of(new HandOverRequest(id, world.ref(1), partition().leaderEpoch()))));
        assertThat(partition().replicaIds()).isEqualTo(ids(2));
        assertThat(partition().reassignment()).isEmpty();
    }

    @Test
    void moreReplicasThanALeaderCanKeepAreRefused() {
        topicOfThree();
        for (int broker = 6; broker <= 70; broker++) {
            world.start(broker);
        }
        int[] target = IntStream.rangeClosed(4, 65).toArray();
        CommandReply refused = reassign(target);
        assertThat(refused.error()).isEqualTo(ErrorCode.INVALID_REPLICATION_FACTOR);
        assertThat(refused.message()).contains("65 replicas").contains("the most are 64");
        assertThat(reassign(IntStream.rangeClosed(4, 64).toArray()).isOk()).isTrue();
        assertThat(partition().replicas()).hasSize(64);
    }

    @Test
    void cancellingIsRefusedWhereTooFewInSyncWouldBeLeft() {
        topicOfThree();
        reassign(4, 5, 1);
        propose(1, 2, 3, 4);
        world.fence(2, 3);
        assertThat(partition().isr()).isEqualTo(ids(1, 4));
        CommandReply refused = reassign();
        assertThat(refused.error()).isEqualTo(ErrorCode.UNSAFE_CHANGE);
        assertThat(refused.message())
                .isEqualTo(
                        "orders-0: of [1, 4], which have all that is committed, only [1] would be left, of them in sync"
                                + " [1], and 2 are needed");
        assertThat(partition().reassignment()).isPresent();
        // What has not joined may be given up at any time.
        world.fence(4);
        world.start(2);
        propose(1, 2);
        assertThat(reassign().isOk()).isTrue();
        assertThat(partition().replicaIds()).isEqualTo(ids(1, 2, 3));
    }

    @Test
    void cancellingIsRefusedWhereTooFewWouldBeLeftThatHoldWhatIsCommitted() {
        topicOfThree();
        reassign(4, 5, 1);
        propose(1, 2, 3, 4);
        world.fence(2, 3);
        world.fence(4);
        assertThat(partition().isr()).isEqualTo(ids(1));
        assertThat(partition().eligible()).isEqualTo(ids(4));
        assertThat(reassign().error()).isEqualTo(ErrorCode.UNSAFE_CHANGE);
        assertThat(partition().eligible()).isEqualTo(ids(4));
    }

    @Test
    void anotherTargetReplacesTheFirst() {
        topicOfThree();
        reassign(4, 2, 3);
        assertThat(reassign(9, false, 5, 2, 3).isOk()).isTrue();
        assertThat(partition().replicaIds()).isEqualTo(ids(1, 2, 3, 5));
        assertThat(partition().reassignment()).contains(new Reassignment(ids(5, 2, 3), ids(5), 9));
        int epoch = partition().leaderEpoch();
        assertThat(reassign(7, false, 5, 2, 3).isOk()).isTrue();
        assertThat(partition().reassignment().orElseThrow().throttleBytesPerSecond())
                .isEqualTo(7);
        assertThat(partition().leaderEpoch()).isEqualTo(epoch);
    }

    @Test
    void aProposalFromBeforeAReplicaLeftIsRefused() {
        topicOfThree();
        reassign(4, 2, 3);
        IsrProposal stale = world.proposal(id, 1, 2, 3, 4);
        reassign();
        reassign(4, 2, 3);
        assertThat(world.propose(stale).error()).isEqualTo(ErrorCode.FENCED_LEADER_EPOCH);
    }

    @Test
    void itWaitsForSomebodyOfTheTargetWhoIsFitToLead() {
        topicOfThree();
        reassign(4);
        world.submit(new DrainBroker(world.ref(4)));
        assertThat(world.propose(world.proposal(id, 1, 2, 3, 4)).error()).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
        assertThat(partition().replicaIds()).isEqualTo(ids(1, 2, 3, 4));
        world.start(4);
        propose(1, 2, 3, 4);
        assertThat(partition().replicaIds()).isEqualTo(ids(4));
    }

    @Test
    void impossibleTargetsAreRefused() {
        topicOfThree();
        assertThat(reassign(1, 2, 2).error()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(reassign(1, 9).error()).isEqualTo(ErrorCode.UNKNOWN_BROKER);
        assertThat(reassign(-1, false, 1, 4).error()).isEqualTo(ErrorCode.INVALID_REQUEST);
        world.fence(4);
        CommandReply fenced = reassign(1, 4);
        assertThat(fenced.error()).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
        assertThat(fenced.message()).isEqualTo("orders-0: broker 4 is fenced, so that no replica can be made there");
        world.submit(new DrainBroker(world.ref(5)));
        assertThat(reassign(1, 5).message()).contains("broker 5 is draining");
        assertThat(partition().replicaIds()).isEqualTo(ids(1, 2, 3));
    }

    @Test
    void aValidationChangesNothing() {
        topicOfThree();
        assertThat(reassign(0, true, 4, 5, 1).isOk()).isTrue();
        assertThat(reassign(0, true, 1, 9).error()).isEqualTo(ErrorCode.UNKNOWN_BROKER);
        assertThat(partition().replicaIds()).isEqualTo(ids(1, 2, 3));
        assertThat(partition().reassignment()).isEmpty();
    }
}
