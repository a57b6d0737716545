package io.lograft.broker.group.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupReply.Assigned;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest.ConsumerHeartbeat;
import io.lograft.broker.group.Timeouts;
import io.lograft.model.ErrorCode;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When an answer waits, and what ends the wait. */
class LongPollTest {
    private final Coordinator coordinator = new Coordinator(Topics.NONE.with("a", 4));
    private final Client one = new Client(coordinator, "m1", "a").join();

    @Test
    void aJoinReachesTheOneWhoHasToGiveUpAtOnce() {
        long waiting = one.poll();
        Client two = new Client(coordinator, "m2", "a").join();
        one.take((Assigned) coordinator.reply(waiting).orElseThrow());
        assertThat(one.owned).hasSize(2);
        long twosWait = two.poll();
        assertThat(coordinator.reply(twosWait)).isEmpty();
        one.beat();
        assertThat(((Assigned) coordinator.reply(twosWait).orElseThrow()).assignment())
                .hasSize(2);
    }

    @Test
    void aWaitEndsAfterAThirdOfTheSession() {
        long waiting = one.poll();
        coordinator.pass(Client.SESSION_MS / 3 - 1);
        assertThat(coordinator.reply(waiting)).isEmpty();
        coordinator.pass(1);
        assertThat(coordinator.reply(waiting)).isPresent();
    }

    @Test
    void aWaitEndsWhenTheMemberWantsIt() {
        long waiting = coordinator.send(one.heartbeat(one.epoch, one.owned, 200));
        coordinator.pass(199);
        assertThat(coordinator.reply(waiting)).isEmpty();
        coordinator.pass(1);
        assertThat(coordinator.reply(waiting)).isPresent();
    }

    @Test
    void whoNeverStopsPollingNeverExpires() {
        for (int i = 0; i < 10; i++) {
            long waiting = one.poll();
            coordinator.pass(Client.SESSION_MS / 3);
            assertThat(coordinator.reply(waiting)).isPresent();
        }
        assertThat(coordinator.describe().members()).hasSize(1);
    }

    @Test
    void theIntervalIsAThirdOfTheSessionButAtMostThreeSeconds() {
        assertThat(one.told().heartbeatIntervalMs()).isEqualTo(3_000);
        Client two = new Client(coordinator, "m2", "a");
        two.timeouts = new Timeouts(1_200, 0);
        two.join();
        assertThat(two.told().heartbeatIntervalMs()).isEqualTo(400);
        Client three = new Client(coordinator, "m3", "a");
        three.timeouts = new Timeouts(60_000, 0);
        three.join();
        assertThat(three.told().heartbeatIntervalMs()).isEqualTo(3_000);
    }

    @Test
    void aMemberWhoseConnectionBrokeHasOnlyAMomentLeft() {
        long waiting = one.poll();
        coordinator.abandon(waiting);
        coordinator.pass(ConsumerGroup.CONNECTION_GRACE_MS - 1);
        assertThat(coordinator.describe().members()).hasSize(1);
        coordinator.pass(1);
        assertThat(coordinator.describe().members()).isEmpty();
        assertThat(coordinator.reply(waiting)).as("answered all the same").isPresent();
    }

    @Test
    void aMemberThatGoesOnByAnotherConnectionHasItsWholeSession() {
        long broken = one.poll();
        coordinator.abandon(broken);
        coordinator.pass(ConsumerGroup.CONNECTION_GRACE_MS - 1);
        long second = one.poll();
        coordinator.abandon(broken);
        coordinator.pass(Client.SESSION_MS / 3);
        assertThat(coordinator.reply(second)).isPresent();
        assertThat(coordinator.describe().members()).hasSize(1);
    }

    @Test
    void aLaterHeartbeatEndsTheWaitOfAnEarlierOne() {
        long first = one.poll();
        long second = one.poll();
        assertThat(coordinator.reply(first)).isPresent();
        assertThat(coordinator.reply(second)).isEmpty();
    }

    @Test
    void whoJoinsAgainEndsItsOwnWait() {
        long waiting = one.poll();
        one.join();
        assertThat(coordinator.reply(waiting)).get().isEqualTo(one.told());
    }

    @Test
    void whoLeavesHasItsWaitRefused() {
        long waiting = one.poll();
        one.leave(ConsumerHeartbeat.LEAVING);
        assertThat(((Refused) coordinator.reply(waiting).orElseThrow()).code()).isEqualTo(ErrorCode.UNKNOWN_MEMBER);
    }

    @Test
    void whoIsRemovedHasItsWaitRefused() {
        one.timeouts = new Timeouts(Client.SESSION_MS, 1_000);
        one.beat();
        new Client(coordinator, "m2", "a").join();
        one.told();
        // The same once more waits a little, so that nobody can ask in a loop.
        long waiting = 0;
        for (int i = 0; i < 10; i++) {
            waiting = one.poll();
            assertThat(coordinator.reply(waiting)).isEmpty();
            coordinator.pass(HeartbeatHandler.REPEATED_WAIT_MS);
        }
        assertThat(((Refused) coordinator.reply(waiting).orElseThrow()).code()).isEqualTo(ErrorCode.UNKNOWN_MEMBER);
    }

    @Test
    void whatIsAskedAgainIsAnsweredALittleLater() {
        Client two = new Client(coordinator, "m2", "a").join();
        long first = one.poll();
        assertThat(coordinator.reply(first)).isPresent();
        long again = one.poll();
        coordinator.pass(HeartbeatHandler.REPEATED_WAIT_MS - 1);
        assertThat(coordinator.reply(again)).isEmpty();
        coordinator.pass(1);
        assertThat(coordinator.reply(again)).isEqualTo(coordinator.reply(first));
        assertThat(two.beat().owned).isEmpty();
    }

    @Test
    void anEpochOrPartitionsThatAreNotSoAreAnsweredAtOnce() {
        GroupReply now = one.told();
        assertThat(coordinator.call(one.heartbeat(one.epoch, Set.of(), 5_000))).isEqualTo(now);
        one.join();
        assertThat(coordinator.call(one.heartbeat(one.epoch - 1, one.owned, 5_000)))
                .isEqualTo(one.told());
    }
}
