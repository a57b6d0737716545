package io.lograft.broker.group.consumer;

import static io.lograft.broker.group.consumer.Coordinator.partition;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupRequest.ConsumerHeartbeat;
import io.lograft.broker.group.Subscription;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Members come and go, and partitions move; no more of them than need be. */
class RebalanceTest {
    private final Coordinator coordinator = new Coordinator(Topics.NONE.with("a", 4));

    @Test
    void aSingleMemberGetsAllAtOnce() {
        Client one = new Client(coordinator, "m1", "a").join();
        assertThat(one.epoch).isEqualTo(1);
        assertThat(one.owned)
                .containsExactlyInAnyOrder(partition("a", 0), partition("a", 1), partition("a", 2), partition("a", 3));
        assertThat(coordinator.describe().state()).isEqualTo("Stable");
        assertThat(coordinator.describe().protocolName()).isEqualTo("uniform");
        assertThat(coordinator.describe().members().getFirst().owned())
                .allMatch(held -> held.sinceMs() == coordinator.wallMs());
        assertThat(coordinator.log()).as("the group and the member").hasSize(2);
    }

    @Test
    void aHeartbeatThatChangesNothingWritesNothing() {
        Client one = new Client(coordinator, "m1", "a").join();
        int records = coordinator.log().size();
        one.beat().beat();
        assertThat(coordinator.log()).hasSize(records);
    }

    @Test
    void aSecondMemberGetsItsHalfWhenTheFirstHasGivenItUp() {
        Client one = new Client(coordinator, "m1", "a").join();
        Set<PartitionId> all = Set.copyOf(one.owned);
        Client two = new Client(coordinator, "m2", "a").join();
        assertThat(two.owned).as("the first still holds all").isEmpty();
        assertThat(coordinator.describe().state()).isEqualTo("Reconciling");

        int epochBefore = one.epoch;
        GroupReply.Assigned told = one.told();
        assertThat(told.assignment()).hasSize(2);
        assertThat(told.memberEpoch()).as("while it has to give up").isEqualTo(epochBefore);
        assertThat(two.beat().owned).as("told is not yet given up").isEmpty();

        one.take(told);
        one.beat();
        assertThat(one.epoch)
                .as("it has given up all")
                .isEqualTo(coordinator.describe().generation());
        assertThat(two.beat().owned).hasSize(2).doesNotContainAnyElementsOf(one.owned);
        TreeSet<PartitionId> together = new TreeSet<>(one.owned);
        together.addAll(two.owned);
        assertThat(together).isEqualTo(new TreeSet<>(all));
        assertThat(coordinator.describe().state()).isEqualTo("Stable");
    }

    @Test
    void whatComesLaterComesWithAHigherEpoch() {
        Client one = new Client(coordinator, "m1", "a").join();
        Client two = new Client(coordinator, "m2", "a").join();
        int joined = two.epoch;
        one.settle();
        two.beat();
        assertThat(two.owned).hasSize(2);
        assertThat(two.epoch).isGreaterThan(joined);
    }

    @Test
    void whoIsNotTouchedHearsNothing() {
        coordinator.topics(Topics.NONE.with("a", 4).with("b", 2));
        Client one = new Client(coordinator, "m1", "a").join();
        long waiting = one.poll();
        new Client(coordinator, "m2", "b").join();
        assertThat(coordinator.reply(waiting)).isEmpty();
        int records = coordinator.log().size();
        coordinator.pass(3_000);
        assertThat(coordinator.reply(waiting)).get().isEqualTo(one.told());
        assertThat(coordinator.log()).hasSize(records);
    }

    @Test
    void partitionsThatStayKeepTheTimeSinceWhen() {
        Client one = new Client(coordinator, "m1", "a").join();
        long sinceMs = coordinator.wallMs();
        coordinator.pass(500);
        Client two = new Client(coordinator, "m2", "a").join();
        one.settle();
        two.settle();
        assertThat(coordinator.describe().members().get(0).owned()).allMatch(held -> held.sinceMs() == sinceMs);
        assertThat(coordinator.describe().members().get(1).owned()).allMatch(held -> held.sinceMs() == sinceMs + 500);
    }

    @Test
    void whoLeavesFreesAllAtOnce() {
        Client one = new Client(coordinator, "m1", "a").join();
        Client two = new Client(coordinator, "m2", "a").join();
        one.settle();
        two.settle();
        long waiting = two.poll();
        assertThat(one.leave(ConsumerHeartbeat.LEAVING)).isEqualTo(GroupReply.Done.INSTANCE);
        assertThat(coordinator.reply(waiting))
                .get()
                .satisfies(reply ->
                        assertThat(((GroupReply.Assigned) reply).assignment()).hasSize(4));
        assertThat(one.refusal()).isEqualTo(ErrorCode.UNKNOWN_MEMBER);
    }

    @Test
    void theLastOneLeavesAnEmptyGroup() {
        Client one = new Client(coordinator, "m1", "a").join();
        coordinator.pass(400);
        one.leave(ConsumerHeartbeat.LEAVING);
        assertThat(coordinator.describe().state()).isEqualTo("Empty");
        assertThat(coordinator.describe().protocolName()).isEmpty();
        assertThat(coordinator.log().getLast()).isInstanceOf(GroupRecord.ConsumerMember.class);
        assertThat(coordinator.log())
                .contains(new GroupRecord.ConsumerGroup(Coordinator.GROUP, 2, coordinator.wallMs()));
    }

    @Test
    void whoIsSilentForASessionIsGone() {
        Client one = new Client(coordinator, "m1", "a").join();
        Client two = new Client(coordinator, "m2", "a").join();
        coordinator.pass(Client.SESSION_MS - 1);
        two.beat();
        assertThat(coordinator.describe().members()).hasSize(2);
        coordinator.pass(1);
        assertThat(coordinator.describe().members()).hasSize(1);
        assertThat(two.beat().owned).hasSize(4);
        assertThat(one.refusal()).isEqualTo(ErrorCode.UNKNOWN_MEMBER);
    }

    @Test
    void whoDoesNotGiveUpInTimeIsGone() {
        Client one = new Client(coordinator, "m1", "a").join();
        Client two = new Client(coordinator, "m2", "a").join();
        one.told();
        long heldFor = 0;
        while (heldFor < Client.REBALANCE_MS) {
            assertThat(one.told().assignment()).hasSize(2);
            assertThat(two.told().assignment()).isEmpty();
            coordinator.pass(1_000);
            heldFor += 1_000;
        }
        assertThat(one.refusal()).isEqualTo(ErrorCode.UNKNOWN_MEMBER);
        assertThat(two.beat().owned).hasSize(4);
    }

    @Test
    void whatIsToBeGivenUpIsGivenUpByTheHeartbeatWithoutIt() {
        Client one = new Client(coordinator, "m1", "a").join();
        Client two = new Client(coordinator, "m2", "a").join();
        GroupReply.Assigned told = one.told();
        one.owned.remove(partition("a", 3));
        assertThat(told.assignment()).doesNotContain(partition("a", 3), partition("a", 2));
        assertThat(one.told().memberEpoch()).as("one of two is given up").isEqualTo(one.epoch);
        assertThat(two.beat().owned).containsExactly(partition("a", 3));
        one.settle();
        assertThat(two.beat().owned).containsExactlyInAnyOrder(partition("a", 2), partition("a", 3));
    }

    @Test
    void anOlderHeartbeatGivesNothingUp() {
        Client one = new Client(coordinator, "m1", "a").join();
        Client two = new Client(coordinator, "m2", "a").join();
        ConsumerHeartbeat late = two.heartbeat(two.epoch, Set.of(), 0);
        one.settle();
        two.settle();
        assertThat(two.owned).hasSize(2);
        new Client(coordinator, "m3", "a").join();
        Client four = new Client(coordinator, "m4", "a").join();
        GroupReply.Assigned told = two.told();
        assertThat(told.assignment()).hasSize(1);
        coordinator.call(late);
        one.settle();
        assertThat(four.beat().owned).doesNotContainAnyElementsOf(two.owned);
    }

    @Test
    void newPartitionsGoToThoseWhoReadTheTopic() {
        Client one = new Client(coordinator, "m1", "a").join();
        long waiting = one.poll();
        coordinator.topics(coordinator.topics().with("b", 8));
        assertThat(coordinator.reply(waiting)).as("nobody reads b").isEmpty();
        coordinator.topics(coordinator.topics().with("a", 6));
        assertThat(coordinator.reply(waiting)).isPresent();
        assertThat(one.beat().owned).hasSize(6);
    }

    @Test
    void aTopicMayComeLaterAndGo() {
        Client one = new Client(coordinator, "m1", "a", "later").join();
        assertThat(one.owned).hasSize(4);
        coordinator.topics(coordinator.topics().with("later", 2));
        assertThat(one.beat().owned).hasSize(6);
        coordinator.topics(coordinator.topics().without("a"));
        one.settle();
        assertThat(one.owned).containsExactlyInAnyOrder(partition("later", 0), partition("later", 1));
    }

    @Test
    void aPatternMeansWholeNames() {
        coordinator.topics(Topics.NONE.with("log-1", 1).with("log-2", 1).with("my-log-3", 1));
        Client one = new Client(coordinator, "m1", "a");
        one.subscription = new Subscription("", List.of(), "log-[0-9]");
        one.join();
        assertThat(one.owned).containsExactlyInAnyOrder(partition("log-1", 0), partition("log-2", 0));
        coordinator.topics(coordinator.topics().with("log-4", 1).with("log-55", 1));
        assertThat(one.beat().owned).contains(partition("log-4", 0)).doesNotContain(partition("log-55", 0));
    }

    @Test
    void aChangedSubscriptionMovesPartitions() {
        coordinator.topics(coordinator.topics().with("b", 2));
        Client one = new Client(coordinator, "m1", "a").join();
        one.subscription = new Subscription("", List.of("b"), "");
        one.settle();
        assertThat(one.owned).containsExactlyInAnyOrder(partition("b", 0), partition("b", 1));
    }

    @Test
    void theAssignorIsTheOneThatMostAskFor() {
        for (String id : List.of("m1", "m2")) {
            Client client = new Client(coordinator, id, "a");
            client.subscription = new Subscription("range", List.of("a"), "");
            client.join();
        }
        assertThat(coordinator.describe().protocolName()).isEqualTo("range");
        new Client(coordinator, "m3", "a").join();
        assertThat(coordinator.describe().protocolName()).isEqualTo("range");
        new Client(coordinator, "m4", "a").join();
        assertThat(coordinator.describe().protocolName()).as("as many of both").isEqualTo("uniform");
    }

    @Test
    void whoJoinsAgainBeginsAnewAndNothingMoves() {
        Client one = new Client(coordinator, "m1", "a").join();
        Client two = new Client(coordinator, "m2", "a").join();
        one.settle();
        two.settle();
        Set<PartitionId> before = Set.copyOf(two.owned);
        int epochBefore = two.epoch;
        two.join();
        assertThat(two.owned).isEqualTo(before);
        assertThat(two.epoch).isGreaterThan(epochBefore);
        assertThat(one.settle().owned).hasSize(2);
    }

    @Test
    void whoJoinsAgainAmidARebalanceGivesTheRestUpWithItsNextHeartbeat() {
        Client one = new Client(coordinator, "m1", "a").join();
        Client two = new Client(coordinator, "m2", "a").join();
        one.told();
        one.join();
        assertThat(one.owned).hasSize(2);
        assertThat(two.beat().owned).isEmpty();
        one.beat();
        assertThat(two.beat().owned).hasSize(2).doesNotContainAnyElementsOf(one.owned);
    }
}
