package io.lograft.metadata.control;

import static io.lograft.metadata.control.MetadataWorld.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.LostReplica.Cause;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Fencing, unfencing, draining and losing: who leads, who is in sync, who is eligible. Replicas are 1, 2, 3. */
final class LeaderChoiceTest {
    private static final Map<String, String> OS = Map.of("flush.mode", "os");

    private final MetadataWorld world = MetadataWorld.withBrokers(3);
    private final PartitionId id = world.topic("orders", 1, 3, Map.of());

    @Test
    void theFirstMemberInAssignmentTakesOver() {
        assertThat(partition().leader()).isEqualTo(1);
        world.fence(1);
        assertState(2, ids(2, 3), ids());
        assertThat(partition().leaderEpoch()).isEqualTo(1);
        assertThat(partition().partitionEpoch()).isEqualTo(1);
    }

    @Test
    void aFollowerThatIsFencedLeavesTheLeaderInItsEpoch() {
        world.fence(3);
        assertState(1, ids(1, 2), ids());
        assertThat(partition().leaderEpoch()).isZero();
        assertThat(partition().partitionEpoch()).isEqualTo(1);
    }

    @Test
    void whoLeavesBelowTheMinimumIsEligible() {
        world.fence(1);
        world.fence(2);
        assertState(3, ids(3), ids(2));
    }

    @Test
    void whoLeavesInTheChangeThatCrossesTheMinimumIsEligible() {
        world.fence(2, 3);
        assertState(1, ids(1), ids(2, 3));
    }

    @Test
    void theLastMemberStaysWithoutLeader() {
        world.fence(1);
        world.fence(2);
        world.fence(3);
        assertState(-1, ids(3), ids(2));
    }

    @Test
    void membersThatAreFencedTogetherAllStayAsTheyAllHoldEverything() {
        world.fence(1, 2, 3);
        assertState(-1, ids(1, 2, 3), ids());
        world.start(2);
        assertState(2, ids(2), ids(1, 3));
    }

    @Test
    void anEligibleReplicaLeadsAloneAndTheOthersStayEligible() {
        world.fence(1);
        world.fence(2);
        world.fence(3);
        world.start(2);
        assertState(2, ids(2), ids(3));
        assertThat(partition().isUnclean()).isFalse();
    }

    @Test
    void aReplicaOutsideBothSetsNeverLeads() {
        world.fence(1);
        world.fence(2);
        world.fence(3);
        world.start(1);
        assertState(-1, ids(3), ids(2));
    }

    @Test
    void aLeaderThatComesBackToItsPartitionGetsAFreshEpoch() {
        PartitionId single = world.topic("single", 1, 1, Map.of());
        int leader = world.partition(single).leader();
        world.start(leader);
        assertThat(world.partition(single).leader()).isEqualTo(leader);
        assertThat(world.partition(single).leaderEpoch()).isEqualTo(1);
        assertThat(world.partition(single).isr()).isEqualTo(ids(leader));
    }

    @Test
    void aMinimumAboveTheReplicationFactorIsThatFactor() {
        PartitionId single = world.topic("single", 1, 1, Map.of("min.insync.replicas", "3"));
        int leader = world.partition(single).leader();
        world.fence(leader);
        assertThat(world.partition(single).isr()).isEqualTo(ids(leader));
        assertThat(world.partition(single).eligible()).isEmpty();
        world.start(leader);
        assertThat(world.partition(single).leader()).isEqualTo(leader);
    }

    @Test
    void fencingConcernsOnlyTheRegistrationThatIsNamed() {
        BrokerRef old = world.ref(1);
        world.start(1);
        PartitionImage before = partition();
        world.submit(new MetadataCommand.FenceBrokers(List.of(old)));
        assertThat(partition()).isEqualTo(before);
    }

    @Test
    void drainingMovesLeadershipAndLeavesTheInSyncSet() {
        world.submit(new MetadataCommand.DrainBroker(world.ref(1)));
        assertState(2, ids(2, 3), ids());
        world.fence(1);
        assertThat(world.image().broker(ids(1).get(0)).orElseThrow().isStoppedOrderly())
                .isTrue();
    }

    @Test
    void aDrainingBrokerStaysWhereNobodyElseLives() {
        world.fence(2, 3);
        world.submit(new MetadataCommand.DrainBroker(world.ref(1)));
        assertState(1, ids(1), ids(2, 3));
        assertThat(partition().leaderEpoch()).isZero();
    }

    @Test
    void aDrainingLeaderGoesAsSoonAsAnotherIsInSync() {
        world.fence(2, 3);
        world.submit(new MetadataCommand.DrainBroker(world.ref(1)));
        world.start(2);
        assertThat(world.propose(world.proposal(id, 1, 2)).isOk()).isTrue();
        assertState(2, ids(2), ids(1, 3));
        assertThat(partition().leaderEpoch()).isEqualTo(1);
    }

    @Test
    void aReplicaWhoseDirectoryIsGoneCountsAsFenced() {
        world.fence(2, 3);
        world.submit(MetadataWorld.registration(1, "", MetadataWorld.directory(99), true));
        world.submit(new MetadataCommand.UnfenceBroker(world.ref(1), List.of()));
        assertThat(partition().hasLeader()).isFalse();
        assertThat(partition().isr()).contains(new BrokerId(1));
        assertThat(partition().replicas().get(0).directory()).isEqualTo(MetadataWorld.directory(1));
    }

    @Test
    void aLostReplicaMovesToADirectoryThatIsThere() {
        world.submit(MetadataWorld.registration(1, "", MetadataWorld.directory(99), true));
        world.submit(new MetadataCommand.UnfenceBroker(world.ref(1), List.of(lost(id, Cause.DISK, -1, 0))));
        assertThat(partition().replicas().get(0).directory()).isEqualTo(MetadataWorld.directory(99));
        assertState(2, ids(2, 3), ids());
    }

    @Test
    void aReplicaThatNoSetCountsOnMovesToADirectoryThatIsThereAndCanJoin() {
        world.fence(3);
        world.submit(MetadataWorld.registration(3, "", MetadataWorld.directory(99), true));
        world.submit(new MetadataCommand.UnfenceBroker(world.ref(3), List.of()));
        assertThat(partition().replicas().get(2).directory()).isEqualTo(MetadataWorld.directory(99));
        assertThat(world.propose(world.proposal(id, 1, 2, 3)).isOk()).isTrue();
        assertState(1, ids(1, 2, 3), ids());
    }

    @Test
    void aLostMemberLeavesBothSetsInTheSameCommand() {
        world.fence(1);
        world.fence(2);
        world.start(2, lost(id, Cause.DISK, 0, 10));
        assertState(3, ids(3), ids());
        world.fence(3);
        world.start(3, lost(id, Cause.DISK, 0, 10));
        assertState(-1, ids(), ids());
    }

    @Test
    void unfencingTwiceIsUnfencingOnce() {
        world.fence(2);
        world.start(2);
        world.propose(world.proposal(id, 1, 2, 3));
        PartitionImage before = partition();
        world.submit(new MetadataCommand.UnfenceBroker(world.ref(2), List.of(lost(id, Cause.DISK, 0, 10))));
        assertThat(partition()).isEqualTo(before);
    }

    @Test
    void afterAPowerLossTheLongestLogOfTheNewestEpochLeads() {
        PartitionId os = world.topic("os", 1, 3, OS);
        world.fence(1, 2, 3);
        world.start(1, lost(os, Cause.UNFLUSHED_TAIL, 0, 900));
        assertThat(world.partition(os).hasLeader()).isFalse();
        world.start(2, lost(os, Cause.UNFLUSHED_TAIL, 1, 500));
        assertThat(world.partition(os).hasLeader()).isFalse();
        world.start(3, lost(os, Cause.UNFLUSHED_TAIL, 1, 400));
        PartitionImage after = world.partition(os);
        assertThat(after.leader()).isEqualTo(2);
        assertThat(after.isr()).isEqualTo(ids(2));
        assertThat(after.isUnclean()).isTrue();
        assertThat(after.lostMembers()).isEmpty();
    }

    @Test
    void anEmptyLogThatStartsBehindAnotherOnesEndHasMore() {
        PartitionId os = world.topic("os", 1, 3, OS);
        world.fence(1, 2, 3);
        world.start(1, lost(os, Cause.UNFLUSHED_TAIL, 1, 500));
        // All that it had was deleted, so all of it was committed; another leader would give the offsets away again.
        world.start(2, lost(os, Cause.UNFLUSHED_TAIL, -1, 501));
        world.start(3, lost(os, Cause.UNFLUSHED_TAIL, -1, 0));
        assertThat(world.partition(os).leader()).isEqualTo(2);
    }

    @Test
    void anEmptyLogThatStartsBelowAnotherOnesEndHasLess() {
        PartitionId os = world.topic("os", 1, 3, OS);
        world.fence(1, 2, 3);
        world.start(1, lost(os, Cause.UNFLUSHED_TAIL, -1, 500));
        world.start(2, lost(os, Cause.UNFLUSHED_TAIL, 1, 500));
        world.start(3, lost(os, Cause.UNFLUSHED_TAIL, 0, 700));
        assertThat(world.partition(os).leader()).isEqualTo(2);
    }

    @Test
    void afterAPowerLossAMemberThatLostNothingLeadsCleanly() {
        PartitionId os = world.topic("os", 1, 3, OS);
        world.fence(1, 2, 3);
        world.start(1, lost(os, Cause.UNFLUSHED_TAIL, 0, 900));
        world.start(2);
        assertThat(world.partition(os).leader()).isEqualTo(2);
        assertThat(world.partition(os).isUnclean()).isFalse();
    }

    @Test
    void afterAPowerLossAllMustBeBackAtTheSameTime() {
        PartitionId os = world.topic("os", 1, 2, OS);
        List<BrokerId> replicas = world.partition(os).replicaIds();
        int first = replicas.get(0).value();
        int second = replicas.get(1).value();
        world.fence(first, second);
        world.start(first, lost(os, Cause.UNFLUSHED_TAIL, 0, 9));
        world.fence(first);
        world.start(second, lost(os, Cause.UNFLUSHED_TAIL, 0, 8));
        assertThat(world.partition(os).hasLeader()).isFalse();
        world.start(first);
        assertThat(world.partition(os).leader()).isEqualTo(first);
    }

    @Test
    void aLostDiskIsForAnOperatorWhateverIsReportedLater() {
        PartitionId os = world.topic("os", 1, 1, OS);
        int broker = world.partition(os).leader();
        world.fence(broker);
        world.start(broker, lost(os, Cause.DISK, 0, 5));
        assertThat(world.partition(os).hasLeader()).isFalse();
        world.start(broker, lost(os, Cause.UNFLUSHED_TAIL, 0, 5));
        assertThat(world.partition(os).hasLeader()).isFalse();
    }

    @Test
    void aTopicThatFlushesHasNoTailToLose() {
        PartitionId single = world.topic("single", 1, 1, Map.of());
        int broker = world.partition(single).leader();
        world.fence(broker);
        world.start(broker, lost(single, Cause.UNFLUSHED_TAIL, 0, 5));
        assertThat(world.partition(single).hasLeader()).isFalse();
        assertThat(world.partition(single).lostMembers().get(0).cause()).isEqualTo(Cause.DISK);
    }

    @Test
    void theUncleanEpochIsRememberedByLaterLeaders() {
        PartitionId os = world.topic("os", 1, 1, OS);
        int broker = world.partition(os).leader();
        world.fence(broker);
        world.start(broker, lost(os, Cause.UNFLUSHED_TAIL, 0, 5));
        assertThat(world.partition(os).isUnclean()).isTrue();
        world.start(broker);
        assertThat(world.partition(os).isUnclean()).isFalse();
        assertThat(world.partition(os).lastUncleanEpoch()).isEqualTo(1);
        assertThat(world.partition(os).leaderEpoch()).isEqualTo(2);
    }

    private static LostReplica lost(PartitionId partition, Cause cause, int lastEpoch, long logEnd) {
        return new LostReplica(partition, cause, lastEpoch, logEnd);
    }

    private PartitionImage partition() {
        return world.partition(id);
    }

    private void assertState(int leader, List<BrokerId> isr, List<BrokerId> eligible) {
        assertThat(partition().leader()).isEqualTo(leader);
        assertThat(partition().isr()).isEqualTo(isr);
        assertThat(partition().eligible()).isEqualTo(eligible);
    }
}
