package io.lograft.broker.group.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest.ConsumerHeartbeat;
import io.lograft.broker.group.Subscription;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Members with an instance id, which may leave for a while. */
class StaticMemberTest {
    private final Coordinator coordinator = new Coordinator(Topics.NONE.with("a", 4));
    private final Client one = Client.withInstance(coordinator, "m1", "i1", "a").join();
    private final Client two = Client.withInstance(coordinator, "m2", "i2", "a").join();

    StaticMemberTest() {
        one.settle();
        two.settle();
    }

    @Test
    void itsPartitionsAreKeptAndAreItsAgainUnderAnotherId() {
        Set<PartitionId> before = Set.copyOf(one.owned);
        long waiting = two.poll();
        assertThat(one.leave(ConsumerHeartbeat.LEAVING_FOR_A_WHILE)).isEqualTo(GroupReply.Done.INSTANCE);
        coordinator.pass(Client.SESSION_MS / 3 - 1);
        assertThat(coordinator.reply(waiting)).isEmpty();
        Client back = Client.withInstance(coordinator, "m3", "i1", "a").join();
        assertThat(back.owned).isEqualTo(before);
        assertThat(back.epoch).isEqualTo(one.epoch);
        assertThat(coordinator.reply(waiting))
                .as("the other hears nothing of it")
                .isEmpty();
        assertThat(one.refusal()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        assertThat(one.commit(before.iterator().next(), 1, one.epoch)).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        assertThat(back.commit(before.iterator().next(), 1, back.epoch)).isEqualTo(ErrorCode.NONE);
        assertThat(coordinator.describe().members()).hasSize(2);
        assertThat(coordinator.describe().state()).isEqualTo("Stable");
    }

    @Test
    void oneThatDiedKeepsItsPlaceForASessionAndIsReplacedByWhoeverComesWithItsInstanceId() {
        Set<PartitionId> before = Set.copyOf(one.owned);
        long waiting = one.poll();
        coordinator.abandon(waiting);
        coordinator.pass(ConsumerGroup.CONNECTION_GRACE_MS + 1);
        assertThat(coordinator.describe().members()).hasSize(2);
        Client back = Client.withInstance(coordinator, "m3", "i1", "a").join();
        assertThat(back.owned).isEqualTo(before);
        assertThat(one.refusal()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        assertThat(coordinator.reply(waiting)).as("answered all the same").isPresent();
    }

    @Test
    void oneThatGoesOnByAnotherConnectionIsNotReplaced() {
        coordinator.abandon(one.poll());
        one.poll();
        Client thief = Client.withInstance(coordinator, "m3", "i1", "a");
        assertThat(coordinator.call(thief.heartbeat(0, Set.of(), 0)))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.code()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID));
    }

    @Test
    void thatSurvivesAChangeOfTheCoordinator() {
        Set<PartitionId> before = Set.copyOf(one.owned);
        one.leave(ConsumerHeartbeat.LEAVING_FOR_A_WHILE);
        coordinator.changeCoordinator();
        assertThat(Client.withInstance(coordinator, "m3", "i1", "a").join().owned)
                .isEqualTo(before);
        coordinator.changeCoordinator();
        assertThat(one.refusal()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
    }

    @Test
    void itMayComeBackWithAnotherSubscription() {
        coordinator.topics(coordinator.topics().with("b", 2));
        one.leave(ConsumerHeartbeat.LEAVING_FOR_A_WHILE);
        Client back = Client.withInstance(coordinator, "m3", "i1");
        back.subscription = new Subscription("", List.of("b"), "");
        back.join();
        back.settle();
        assertThat(back.owned)
                .allMatch(partition -> partition.topic().equals(Topics.id("b")))
                .hasSize(2);
        assertThat(two.beat().owned).hasSize(4);
    }

    @Test
    void itMayComeBackUnderTheSameId() {
        Set<PartitionId> before = Set.copyOf(one.owned);
        one.leave(ConsumerHeartbeat.LEAVING_FOR_A_WHILE);
        assertThat(one.refusal()).as("it has to join").isEqualTo(ErrorCode.ILLEGAL_GENERATION);
        assertThat(one.join().owned).isEqualTo(before);
    }

    @Test
    void afterASessionItsPartitionsAreFree() {
        one.leave(ConsumerHeartbeat.LEAVING_FOR_A_WHILE);
        coordinator.pass(Client.SESSION_MS - 1);
        assertThat(two.beat().owned).hasSize(2);
        coordinator.pass(1);
        assertThat(two.beat().owned).hasSize(4);
        assertThat(Client.withInstance(coordinator, "m3", "i1", "a").join().owned)
                .isEmpty();
    }

    @Test
    void whileItIsAwayWhatGoesToOthersGoesAtOnce() {
        one.leave(ConsumerHeartbeat.LEAVING_FOR_A_WHILE);
        Client three = new Client(coordinator, "m3", "a").join();
        Client four = new Client(coordinator, "m4", "a").join();
        two.settle();
        assertThat(three.beat().owned).hasSize(1);
        assertThat(four.beat().owned).hasSize(1);
        assertThat(coordinator.describe().state()).isEqualTo("Stable");
    }

    @Test
    void whatItWasToldToGiveUpIsGivenUpWhenItGoes() {
        Client three = new Client(coordinator, "m3", "a").join();
        Client four = new Client(coordinator, "m4", "a").join();
        one.told();
        two.settle();
        one.leave(ConsumerHeartbeat.LEAVING_FOR_A_WHILE);
        three.beat();
        four.beat();
        assertThat(three.owned).hasSize(1);
        assertThat(four.owned).hasSize(1);
    }

    @Test
    void nobodyMayTakeAnInstanceIdThatIsInUse() {
        Client thief = Client.withInstance(coordinator, "m9", "i1", "a");
        GroupReply reply = coordinator.call(thief.heartbeat(0, Set.of(), 0));
        assertThat(((Refused) reply).code()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        assertThat(((Refused) reply).message()).contains("i1").contains("m1").contains("m9");
        Client other = Client.withInstance(coordinator, "m2", "i1", "a");
        assertThat(((Refused) coordinator.call(other.heartbeat(0, Set.of(), 0))).code())
                .as("m2 has another")
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(two.beat().owned).hasSize(2);
    }

    @Test
    void itMayLeaveForGood() {
        one.leave(ConsumerHeartbeat.LEAVING);
        assertThat(two.beat().owned).hasSize(4);
        assertThat(one.refusal()).isEqualTo(ErrorCode.UNKNOWN_MEMBER);
    }
}
