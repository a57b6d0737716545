package io.lograft.broker.group.classic;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.group.Timeouts;
import io.lograft.model.ErrorCode;
import org.junit.jupiter.api.Test;

class HeartbeatHandlerTest {
    private final GroupHarness group = new GroupHarness();
    private final ClassicClient a = group.client("a");
    private final ClassicClient b = group.client("b");

    @Test
    void onlyMembersOfTheGenerationLive() {
        group.assertRefused(a.heartbeat(), ErrorCode.UNKNOWN_MEMBER);
        group.becomeStable(a, b);
        group.assertDone(a.heartbeat());
        b.generation = 0;
        group.assertRefused(b.heartbeat(), ErrorCode.ILLEGAL_GENERATION, "0", "1");
        b.generation = 2;
        group.assertRefused(b.heartbeat(), ErrorCode.ILLEGAL_GENERATION);
        b.memberId = "b-9";
        group.assertRefused(b.heartbeat(), ErrorCode.UNKNOWN_MEMBER, "b-9");
    }

    @Test
    void aMemberIsAliveWhileItWaitsForTheAssignment() {
        a.join();
        group.pass(200);
        group.assertDone(a.heartbeat());
        assertThat(group.state()).isEqualTo("CompletingRebalance");
    }

    @Test
    void aHeartbeatTellsThatTheMembersJoinAgain() {
        group.becomeStable(a);
        b.join();
        group.assertRefused(a.heartbeat(), ErrorCode.REBALANCE_IN_PROGRESS, "1");
    }

    @Test
    void aMemberThatIsNotHeardOfForItsSessionIsGone() {
        a.timeouts = new Timeouts(10_000, 5_000);
        b.timeouts = new Timeouts(2_000, 5_000);
        group.becomeStable(a, b);
        group.pass(1_999);
        group.assertDone(b.heartbeat());
        group.pass(1_999);
        assertThat(group.state()).isEqualTo("Stable");
        group.pass(1);
        assertThat(group.state()).isEqualTo("PreparingRebalance");
        group.assertRefused(b.heartbeat(), ErrorCode.UNKNOWN_MEMBER);
        assertThat(group.joined(a.join()).members()).hasSize(1);
    }

    @Test
    void commitsAndSyncsAreSignsOfLifeToo() {
        a.timeouts = new Timeouts(2_000, 5_000);
        group.becomeStable(a);
        for (int i = 0; i < 3; i++) {
            group.pass(1_500);
            a.commit(i);
            group.pass(1_500);
            a.sync();
        }
        assertThat(group.state()).isEqualTo("Stable");
    }

    @Test
    void refusedHeartbeatsAreNone() {
        b.timeouts = new Timeouts(2_000, 5_000);
        group.becomeStable(a, b);
        b.generation = 7;
        for (int i = 0; i < 4; i++) {
            group.pass(400);
            group.assertRefused(b.heartbeat(), ErrorCode.ILLEGAL_GENERATION);
        }
        group.pass(400);
        assertThat(group.state()).isEqualTo("PreparingRebalance");
    }

    @Test
    void theLastMemberThatExpiresLeavesAnEmptyGroup() {
        group.becomeStable(a, b);
        group.pass(10_000);
        assertThat(group.state()).isEqualTo("Empty");
        assertThat(group.written().members()).isEmpty();
        assertThat(group.nextDeadlineInMs()).isGreaterThan(Long.MAX_VALUE / 2);
    }
}
