package io.lograft.metadata.control;

import static io.lograft.metadata.control.MetadataWorld.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.LeaderElection;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.LostReplica.Cause;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An operator's elections. Replicas are 1, 2, 3, the minimum is 2. */
final class LeaderElectionsTest {
    private final MetadataWorld world = MetadataWorld.withBrokers(3);
    private final PartitionId id = world.topic("orders", 1, 3, Map.of());

    @Test
    void leadershipReturnsToThePreferredReplica() {
        world.fence(1);
        world.start(1);
        world.propose(world.proposal(id, 1, 2, 3));
        assertThat(partition().leader()).isEqualTo(2);
        assertThat(elect(LeaderElection.PREFERRED).isOk()).isTrue();
        assertThat(partition().leader()).isEqualTo(1);
        assertThat(partition().leaderEpoch()).isEqualTo(2);
        assertThat(partition().isUnclean()).isFalse();
    }

    @Test
    void thePreferredElectionSaysWhyItIsRefused() {
        CommandReply notNeeded = elect(LeaderElection.PREFERRED);
        assertThat(notNeeded.error()).isEqualTo(ErrorCode.ELECTION_NOT_NEEDED);
        world.fence(1);
        CommandReply fenced = elect(LeaderElection.PREFERRED);
        assertThat(fenced.error()).isEqualTo(ErrorCode.NO_ELIGIBLE_LEADER);
        assertThat(fenced.message()).contains("orders-0", "broker 1", "in-sync set [2, 3]");
        world.fence(2, 3);
        CommandReply offline = elect(LeaderElection.PREFERRED);
        assertThat(offline.error()).isEqualTo(ErrorCode.NO_ELIGIBLE_LEADER);
        assertThat(offline.message()).contains("no leader");
    }

    @Test
    void anUncleanElectionIsRefusedWhereSomebodyLeadsOrNobodyLives() {
        CommandReply led = elect(LeaderElection.UNCLEAN);
        assertThat(led.error()).isEqualTo(ErrorCode.ELECTION_NOT_NEEDED);
        assertThat(led.message()).contains("orders-0", "broker 1");
        world.fence(1, 2, 3);
        PartitionImage before = partition();
        CommandReply nobody = elect(LeaderElection.UNCLEAN);
        assertThat(nobody.error()).isEqualTo(ErrorCode.NO_ELIGIBLE_LEADER);
        assertThat(partition()).isEqualTo(before);
    }

    @Test
    void theFirstLiveReplicaInAssignmentTakesOverWhereNobodyReportedWhatItHas() {
        world.propose(world.proposal(id, 1));
        world.propose(world.proposal(id, 1, 3));
        world.fence(1, 3);
        assertThat(partition().hasLeader()).isFalse();
        assertThat(elect(LeaderElection.UNCLEAN).isOk()).isTrue();
        assertThat(partition().leader()).isEqualTo(2);
        assertThat(partition().isr()).isEqualTo(ids(2));
        assertThat(partition().eligible()).isEmpty();
        assertThat(partition().isUnclean()).isTrue();
        assertThat(partition().lastUncleanEpoch()).isEqualTo(partition().leaderEpoch());
    }

    @Test
    void theGreatestEpochAndThenTheLongestLogOfThoseThatReportedTakesOver() {
        world.fence(1, 2, 3);
        world.start(1, lost(0, 900));
        world.start(2, lost(1, 400));
        world.start(3, lost(1, 500));
        assertThat(partition().hasLeader()).isFalse();
        assertThat(elect(LeaderElection.UNCLEAN).isOk()).isTrue();
        assertThat(partition().leader()).isEqualTo(3);
        assertThat(partition().lostMembers()).isEmpty();
    }

    @Test
    void anEmptyLogThatStartsBehindTheOthersTakesOver() {
        world.fence(1, 2, 3);
        world.start(1, lost(0, 900));
        world.start(2, lost(-1, 901));
        world.start(3, lost(-1, 0));
        assertThat(elect(LeaderElection.UNCLEAN).isOk()).isTrue();
        assertThat(partition().leader()).isEqualTo(2);
    }

    @Test
    void aReportOfOneThatIsGoneAgainDoesNotCount() {
        world.fence(1, 2, 3);
        world.start(1, lost(0, 900));
        world.start(3, lost(1, 500));
        world.fence(3);
        world.start(2, lost(0, 100));
        assertThat(elect(LeaderElection.UNCLEAN).isOk()).isTrue();
        assertThat(partition().leader()).isEqualTo(1);
    }

    @Test
    void whoWasInSyncAndComesBackLaterIsAFollowerOutsideBothSets() {
        world.propose(world.proposal(id, 1));
        world.propose(world.proposal(id, 1, 3));
        world.fence(1, 3);
        elect(LeaderElection.UNCLEAN);
        world.start(1);
        assertThat(partition().leader()).isEqualTo(2);
        assertThat(partition().isr()).isEqualTo(ids(2));
        assertThat(world.propose(world.proposal(id, 1, 2)).isOk()).isTrue();
        assertThat(partition().isr()).isEqualTo(ids(1, 2));
        assertThat(partition().lastUncleanEpoch()).isEqualTo(1);
    }

    @Test
    void aLastMemberIsWaitedForInOsModeUntilAnOperatorDecides() {
        PartitionId os = world.topic("os", 1, 3, Map.of("flush.mode", "os"));
        PartitionImage first = world.partition(os);
        int leader = first.leader();
        int other = leader == 1 ? 2 : 1;
        world.fence(other);
        world.fence(leader == 3 || other == 3 ? 6 - leader - other : 3);
        world.fence(leader);
        world.start(other, new LostReplica(os, Cause.UNFLUSHED_TAIL, 0, 100));
        assertThat(world.partition(os).hasLeader()).isFalse();
        assertThat(world.partition(os).isr()).isEqualTo(ids(leader));
        CommandReply reply = world.submit(new MetadataCommand.ElectLeaders(List.of(os), LeaderElection.UNCLEAN));
        assertThat(parts(reply).get(0).isOk()).isTrue();
        assertThat(world.partition(os).leader()).isEqualTo(other);
    }

    @Test
    void eachPartitionOfTheCommandHasItsOwnReply() {
        CommandReply reply = world.submit(new MetadataCommand.ElectLeaders(
                List.of(id, new PartitionId(new TopicId(9, 9), 0), new PartitionId(id.topic(), 5)),
                LeaderElection.PREFERRED));
        assertThat(parts(reply))
                .extracting(CommandReply::error)
                .containsExactly(ErrorCode.ELECTION_NOT_NEEDED, ErrorCode.UNKNOWN_TOPIC, ErrorCode.UNKNOWN_PARTITION);
    }

    private LostReplica lost(int lastEpoch, long logEnd) {
        return new LostReplica(id, Cause.DISK, lastEpoch, logEnd);
    }

    private CommandReply elect(LeaderElection election) {
        return parts(world.submit(new MetadataCommand.ElectLeaders(List.of(id), election)))
                .get(0);
    }

    private static List<CommandReply> parts(CommandReply reply) {
        return ((CommandReply.Parts) reply.result()).replies();
    }

    private PartitionImage partition() {
        return world.partition(id);
    }
}
