package io.lograft.metadata.control;

import static io.lograft.metadata.control.MetadataWorld.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.HandOverRequest;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Leaders that ask to be replaced. Replicas are 1, 2, 3, the minimum is 2. */
final class LeaderHandOverTest {
    private final MetadataWorld world = MetadataWorld.withBrokers(3);
    private final PartitionId id = world.topic("orders", 1, 3, Map.of());

    @Test
    void theNextInSyncLeadsAndTheOldLeaderLeavesTheSetThatIsLargeEnoughWithout() {
        assertThat(handOver(request()).isOk()).isTrue();
        assertThat(partition().leader()).isEqualTo(2);
        assertThat(partition().leaderEpoch()).isEqualTo(1);
        assertThat(partition().isr()).isEqualTo(ids(2, 3));
        assertThat(partition().eligible()).isEmpty();
        assertThat(partition().isUnclean()).isFalse();
    }

    @Test
    void leadershipDoesNotReturnBeforeTheOldLeaderIsInSyncAgain() {
        handOver(request());
        world.submit(new MetadataCommand.ElectPreferredLeaders(10));
        assertThat(partition().leader()).isEqualTo(2);
        world.propose(world.proposal(id, 1, 2, 3));
        world.submit(new MetadataCommand.ElectPreferredLeaders(10));
        assertThat(partition().leader()).isEqualTo(1);
    }

    @Test
    void theOldLeaderStaysWhereTheSetWouldFallBelowTheMinimumWithout() {
        world.fence(3);
        assertThat(handOver(request()).isOk()).isTrue();
        assertThat(partition().leader()).isEqualTo(2);
        assertThat(partition().isr()).isEqualTo(ids(1, 2));
    }

    @Test
    void anEligibleReplicaLeadsAloneAndTheOldLeaderStaysEligible() {
        world.propose(world.proposal(id, 1));
        assertThat(partition().eligible()).isEqualTo(ids(2, 3));
        assertThat(handOver(request()).isOk()).isTrue();
        assertThat(partition().leader()).isEqualTo(2);
        assertThat(partition().isr()).isEqualTo(ids(2));
        assertThat(partition().eligible()).isEqualTo(ids(1, 3));
        assertThat(partition().isUnclean()).isFalse();
    }

    @Test
    void aDrainingOrFencedReplicaIsNoSuccessor() {
        world.submit(new MetadataCommand.DrainBroker(world.ref(2)));
        world.fence(3);
        PartitionImage before = partition();
        CommandReply reply = handOver(request());
        assertThat(reply.error()).isEqualTo(ErrorCode.NO_ELIGIBLE_LEADER);
        assertThat(partition()).isEqualTo(before);
    }

    @Test
    void aReplicaOutsideBothSetsIsNoSuccessor() {
        world.propose(world.proposal(id, 1, 2));
        world.fence(2);
        world.fence(1);
        assertThat(partition().hasLeader()).isFalse();
        world.start(1);
        assertThat(partition().leader()).isEqualTo(1);
        assertThat(handOver(request()).error()).isEqualTo(ErrorCode.NO_ELIGIBLE_LEADER);
    }

    @Test
    void staleRequestsAreRefused() {
        HandOverRequest request = request();
        BrokerRef leader = request.leader();
        int epoch = request.leaderEpoch();
        assertThat(handOver(new HandOverRequest(id, world.ref(2), epoch)).error())
                .isEqualTo(ErrorCode.NOT_LEADER);
        assertThat(handOver(new HandOverRequest(id, leader, epoch - 1)).error())
                .isEqualTo(ErrorCode.FENCED_LEADER_EPOCH);
        assertThat(handOver(new HandOverRequest(id, leader, epoch + 1)).error())
                .isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
        assertThat(handOver(new HandOverRequest(id, new BrokerRef(leader.id(), leader.epoch() - 1), epoch))
                        .error())
                .isEqualTo(ErrorCode.STALE_BROKER_EPOCH);
        assertThat(handOver(new HandOverRequest(new PartitionId(new TopicId(9, 9), 0), leader, epoch))
                        .error())
                .isEqualTo(ErrorCode.UNKNOWN_TOPIC);
        assertThat(handOver(new HandOverRequest(new PartitionId(id.topic(), 7), leader, epoch))
                        .error())
                .isEqualTo(ErrorCode.UNKNOWN_PARTITION);
        assertThat(partition().leaderEpoch()).isZero();
    }

    @Test
    void theSameRequestTwiceInOneCommandIsStaleTheSecondTime() {
        HandOverRequest request = request();
        CommandReply reply = world.submit(new MetadataCommand.HandOverLeadership(List.of(request, request)));
        assertThat(((CommandReply.Parts) reply.result()).replies())
                .extracting(CommandReply::error)
                .containsExactly(ErrorCode.NONE, ErrorCode.NOT_LEADER);
        assertThat(partition().leaderEpoch()).isEqualTo(1);
        assertThat(partition().partitionEpoch()).isEqualTo(1);
    }

    private HandOverRequest request() {
        PartitionImage now = partition();
        return new HandOverRequest(id, world.ref(now.leader()), now.leaderEpoch());
    }

    private CommandReply handOver(HandOverRequest request) {
        CommandReply reply = world.submit(new MetadataCommand.HandOverLeadership(List.of(request)));
        return ((CommandReply.Parts) reply.result()).replies().get(0);
    }

    private PartitionImage partition() {
        return world.partition(id);
    }
}
