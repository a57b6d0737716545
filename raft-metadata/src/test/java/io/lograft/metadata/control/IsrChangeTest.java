package io.lograft.metadata.control;

import static io.lograft.metadata.control.MetadataWorld.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class IsrChangeTest {
    private final MetadataWorld world = MetadataWorld.withBrokers(4);
    private final PartitionId id = world.topic("orders", 1, 3, Map.of());

    @Test
    void theLeaderShrinksAndGrowsTheSet() {
        assertThat(world.propose(world.proposal(id, 1, 2)).isOk()).isTrue();
        assertThat(partition().isr()).isEqualTo(ids(1, 2));
        assertThat(partition().eligible()).isEmpty();
        assertThat(partition().partitionEpoch()).isEqualTo(1);
        assertThat(partition().leaderEpoch()).isZero();
        assertThat(world.propose(world.proposal(id, 3, 2, 1)).isOk()).isTrue();
        assertThat(partition().isr()).isEqualTo(ids(1, 2, 3));
    }

    @Test
    void belowTheMinimumThoseThatLeftAreEligibleUntilTheSetIsLargeEnough() {
        world.propose(world.proposal(id, 1));
        assertThat(partition().eligible()).isEqualTo(ids(2, 3));
        world.propose(world.proposal(id, 1, 3));
        assertThat(partition().isr()).isEqualTo(ids(1, 3));
        assertThat(partition().eligible()).isEmpty();
    }

    @Test
    void theSameSetAgainEndsTheProposalsBefore() {
        IsrProposal early = world.proposal(id, 1, 2);
        assertThat(world.propose(world.proposal(id, 1, 2, 3)).isOk()).isTrue();
        assertThat(partition().partitionEpoch()).isEqualTo(1);
        assertThat(world.propose(early).error()).isEqualTo(ErrorCode.STALE_PARTITION_EPOCH);
        assertThat(partition().isr()).isEqualTo(ids(1, 2, 3));
    }

    @Test
    void refusesWhatWasComputedUnderAnotherLeadership() {
        IsrProposal byFirst = world.proposal(id, 1, 2, 3);
        world.fence(1);
        assertThat(world.propose(byFirst).error()).isEqualTo(ErrorCode.NOT_LEADER);
        IsrProposal bySecond = world.proposal(id, 2, 3);
        assertRefused(ErrorCode.FENCED_LEADER_EPOCH, withLeaderEpoch(bySecond, 0));
        assertRefused(ErrorCode.UNKNOWN_LEADER_EPOCH, withLeaderEpoch(bySecond, 7));
    }

    @Test
    void refusesAFormerSelfOfTheLeader() {
        IsrProposal proposal = world.proposal(id, 1, 2, 3);
        BrokerRef stale =
                new BrokerRef(proposal.leader().id(), proposal.leader().epoch() - 1);
        assertRefused(
                ErrorCode.STALE_BROKER_EPOCH,
                new IsrProposal(id, stale, proposal.leaderEpoch(), proposal.partitionEpoch(), proposal.members()));
    }

    @Test
    void lettingInNeedsTheBrokerEpochThatTheLeaderSaw() {
        world.fence(3);
        BrokerRef formerThird = world.ref(3);
        world.start(3);
        IsrProposal now = world.proposal(id, 1, 2);
        assertRefused(
                ErrorCode.INELIGIBLE_REPLICA,
                new IsrProposal(
                        id,
                        now.leader(),
                        now.leaderEpoch(),
                        now.partitionEpoch(),
                        List.of(world.ref(1), world.ref(2), formerThird)));
    }

    @Test
    void aFencedOrDrainingBrokerIsNotLetIn() {
        world.fence(3);
        assertRefused(ErrorCode.INELIGIBLE_REPLICA, world.proposal(id, 1, 2, 3));
        world.start(3);
        world.submit(new MetadataCommand.DrainBroker(world.ref(3)));
        assertRefused(ErrorCode.INELIGIBLE_REPLICA, world.proposal(id, 1, 2, 3));
        world.fence(3);
        world.start(3);
        assertThat(world.propose(world.proposal(id, 1, 2, 3)).isOk()).isTrue();
    }

    @Test
    void refusesMembersThatMakeNoSense() {
        assertRefused(ErrorCode.INVALID_REQUEST, world.proposal(id, 1, 4));
        assertRefused(ErrorCode.INVALID_REQUEST, world.proposal(id, 1, 2, 2));
        assertRefused(ErrorCode.INVALID_REQUEST, world.proposal(id, 2, 3));
        assertRefused(ErrorCode.INVALID_REQUEST, world.proposal(id));
    }

    @Test
    void refusesUnknownPartitions() {
        IsrProposal proposal = world.proposal(id, 1);
        assertRefused(ErrorCode.UNKNOWN_TOPIC, withPartition(proposal, new PartitionId(new TopicId(9, 9), 0)));
        assertRefused(ErrorCode.UNKNOWN_PARTITION, withPartition(proposal, new PartitionId(id.topic(), 1)));
    }

    @Test
    void decidesEachProposalOfACommandByItself() {
        PartitionId other = world.topic("other", 1, 3, Map.of());
        IsrProposal wrong = world.proposal(id, 1, 4);
        IsrProposal right = world.proposal(other, world.partition(other).leader());
        CommandReply reply = world.submit(new MetadataCommand.AlterIsr(List.of(wrong, right, right)));
        assertThat(((CommandReply.Parts) reply.result()).replies())
                .extracting(CommandReply::error)
                .containsExactly(ErrorCode.INVALID_REQUEST, ErrorCode.NONE, ErrorCode.STALE_PARTITION_EPOCH);
        assertThat(world.partition(other).isr()).hasSize(1);
    }

    @Test
    void aRefusalNamesTheValuesThatMatter() {
        CommandReply reply = world.propose(withLeaderEpoch(world.proposal(id, 1, 2), 7));
        assertThat(reply.message())
                .contains(id.toString())
                .contains("leader epoch 7")
                .contains("the leader epoch is 0");
    }

    private void assertRefused(ErrorCode code, IsrProposal proposal) {
        PartitionImage before = partition();
        assertThat(world.propose(proposal).error()).isEqualTo(code);
        assertThat(partition()).isEqualTo(before);
    }

    private static IsrProposal withLeaderEpoch(IsrProposal proposal, int leaderEpoch) {
        return new IsrProposal(
                proposal.partition(), proposal.leader(), leaderEpoch, proposal.partitionEpoch(), proposal.members());
    }

    private static IsrProposal withPartition(IsrProposal proposal, PartitionId partition) {
        return new IsrProposal(
                partition, proposal.leader(), proposal.leaderEpoch(), proposal.partitionEpoch(), proposal.members());
    }

    private PartitionImage partition() {
        assertThat(world.partition(id).leader()).isIn(1, 2);
        assertThat(new BrokerId(1)).isIn(world.partition(id).replicaIds());
        return world.partition(id);
    }
}
