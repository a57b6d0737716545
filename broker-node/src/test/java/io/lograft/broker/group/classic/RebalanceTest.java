package io.lograft.broker.group.classic;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.group.Timeouts;
import io.lograft.model.ErrorCode;
import org.junit.jupiter.api.Test;

/** What time does to a group; and what another coordinator makes of it. */
class RebalanceTest {
    private final GroupHarness group = new GroupHarness();
    private final ClassicClient a = group.client("a");
    private final ClassicClient b = group.client("b");
    private final ClassicClient c = group.client("c");

    @Test
    void whoDoesNotJoinAgainWithinTheLargestRebalanceTimeoutIsRemoved() {
        a.timeouts = new Timeouts(60_000, 2_000);
        b.timeouts = new Timeouts(60_000, 5_000);
        group.becomeStable(a, b);
        long join = c.join();
        a.join();
        // The newcomer's own 30 seconds count too.
        group.pass(29_999);
        assertThat(group.isWaiting(join)).isTrue();
        group.assertRefused(b.heartbeat(), ErrorCode.REBALANCE_IN_PROGRESS);
        group.pass(1);
        assertThat(group.joined(join).leaderId()).isEqualTo("a-1");
        group.assertRefused(b.heartbeat(), ErrorCode.UNKNOWN_MEMBER);
    }

    @Test
    void whoIsMissedMayAlsoExpireBefore() {
        b.timeouts = new Timeouts(1_000, 30_000);
        group.becomeStable(a, b);
        long join = a.join();
        group.pass(1_000);
        assertThat(group.joined(join).members()).hasSize(1);
    }

    @Test
    void aMemberThatWaitsIsAliveAndHasAWholeSessionAfterwards() {
        a.timeouts = new Timeouts(1_000, 30_000);
        b.timeouts = new Timeouts(60_000, 30_000);
        group.becomeStable(a, b);
        long join = a.join();
        group.pass(30_000);
        assertThat(group.joined(join).generationId()).isEqualTo(2);
        group.pass(999);
        assertThat(group.state()).isEqualTo("CompletingRebalance");
        group.pass(1);
        assertThat(group.state()).isEqualTo("Empty");
    }

    @Test
    void aJoinThatNobodyWaitsForHoldsTheGroupForASession() {
        group.becomeStable(a);
        b.timeouts = new Timeouts(1_000, 30_000);
        b.join();
        a.join();
        assertThat(group.state()).isEqualTo("CompletingRebalance");
        a.sync("a-1=01", "b-2=02");
        group.pass(1_000);
        assertThat(group.state()).isEqualTo("PreparingRebalance");
        assertThat(group.joined(a.join()).members()).hasSize(1);
    }

    @Test
    void withoutAnyoneWhoJoinedStaticMembersAreWaitedFor() {
        ClassicClient s = group.staticClient("s", "i1");
        s.timeouts = new Timeouts(60_000, 2_000);
        a.timeouts = new Timeouts(60_000, 2_000);
        group.becomeStable(a, s);
        a.leave();
        group.pass(10_000);
        assertThat(group.state()).isEqualTo("PreparingRebalance");
        assertThat(group.joined(s.join()).leaderId()).isEqualTo("s-2");
    }

    @Test
    void everyoneMayBeTooLate() {
        a.timeouts = new Timeouts(60_000, 2_000);
        b.timeouts = a.timeouts;
        c.timeouts = a.timeouts;
        group.becomeStable(a, b, c);
        c.leave();
        group.pass(2_000);
        assertThat(group.state()).isEqualTo("Empty");
        group.assertRefused(a.join(), ErrorCode.UNKNOWN_MEMBER);
    }

    // ---- connections that break

    @Test
    void aNewMemberThatNeverLearntItsIdIsForgottenWithItsConnection() {
        group.becomeStable(a);
        b.join();
        long join = a.join();
        assertThat(group.joined(join).members()).hasSize(2);
        long lost = c.join();
        group.breakConnection(lost);
        group.assertRefused(lost, ErrorCode.UNAVAILABLE);
        assertThat(group.describe().orElseThrow().members()).hasSize(2);
        group.breakConnection(lost);
        group.breakConnection(join);
        assertThat(group.describe().orElseThrow().members()).hasSize(2);
    }

    @Test
    void aGroupWhoseOnlyMemberIsForgottenIsEmpty() {
        group.breakConnection(a.join());
        assertThat(group.state()).isEqualTo("Empty");
    }

    @Test
    void aMemberWhoseConnectionBrokeHasASecondToJoinAgain() {
        group.becomeStable(a, b, c);
        a.join();
        long lost = b.join();
        group.breakConnection(lost);
        group.assertRefused(lost, ErrorCode.UNAVAILABLE);
        long join = c.join();
        assertThat(group.isWaiting(join))
                .as("it does not count as joined any more")
                .isTrue();
        group.pass(999);
        assertThat(group.isWaiting(join)).isTrue();
        assertThat(group.joined(b.join()).generationId()).isEqualTo(2);
        assertThat(group.joined(join).generationId()).isEqualTo(2);

        long sync = b.sync();
        group.breakConnection(sync);
        group.assertRefused(sync, ErrorCode.UNAVAILABLE);
        group.pass(1_000);
        group.assertRefused(b.heartbeat(), ErrorCode.UNKNOWN_MEMBER);
        group.assertRefused(a.heartbeat(), ErrorCode.REBALANCE_IN_PROGRESS);
    }

    @Test
    void aStaticMemberWhoseConnectionBrokeHasItsWholeSession() {
        ClassicClient s = group.staticClient("s", "i1");
        s.timeouts = new Timeouts(5_000, 30_000);
        long lost = s.join();
        group.breakConnection(lost);
        group.pass(4_000);
        assertThat(group.describe().orElseThrow().members()).hasSize(1);
        ClassicClient again = group.staticClient("s", "i1");
        assertThat(group.joined(again.join()).memberId()).isEqualTo("s-2");
    }

    // ---- commits

    @Test
    void membersCommitUnlessTheirGenerationIsNotAssignedYet() {
        c.memberId = "c-9";
        group.assertRefused(c.commit(1), ErrorCode.UNKNOWN_MEMBER, "c-9");
        a.join();
        b.join();
        group.pass(200);
        group.assertRefused(a.commit(1), ErrorCode.REBALANCE_IN_PROGRESS, "1");
        a.sync("a-1=01");
        b.sync();
        assertThat(group.answer(a.commit(1)).toString()).contains("NONE");

        long join = a.join();
        assertThat(group.answer(a.commit(2)).toString()).contains("NONE");
        b.generation = 0;
        group.assertRefused(b.commit(3), ErrorCode.ILLEGAL_GENERATION, "0", "1");
        b.join();
        assertThat(group.joined(join).generationId()).isEqualTo(2);
        a.generation = 1;
        group.assertRefused(a.commit(4), ErrorCode.ILLEGAL_GENERATION);
        a.memberId = "a-9";
        group.assertRefused(a.commit(5), ErrorCode.UNKNOWN_MEMBER, "a-9");
        a.memberId = "";
        a.generation = -1;
        group.assertRefused(a.commit(6), ErrorCode.GROUP_NOT_EMPTY);
    }

    // ---- another coordinator

    @Test
    void membersKeepGenerationAndAssignmentAndHaveAWholeSession() {
        group.becomeStable(a, b);
        group.pass(9_000);
        group.changeCoordinator();
        group.pass(9_999);
        assertThat(group.state()).isEqualTo("Stable");
        group.assertDone(a.heartbeat());
        group.assertDone(b.heartbeat());
        assertThat(group.synced(b.sync())).isEqualTo("02");
        assertThat(group.describe().orElseThrow().members())
                .extracting(member -> member.assignment().toString())
                .containsExactly("01", "02");
        group.pass(10_000);
        assertThat(group.state()).isEqualTo("Empty");
    }

    @Test
    void aGenerationThatWasNeverAssignedIsNotKnown() {
        group.becomeStable(a, b);
        a.join();
        b.join();
        assertThat(a.generation).isEqualTo(2);
        group.changeCoordinator();
        group.assertRefused(a.sync("a-1=05"), ErrorCode.ILLEGAL_GENERATION, "1", "2");
        long join = a.join();
        b.generation = 1;
        group.assertRefused(b.heartbeat(), ErrorCode.REBALANCE_IN_PROGRESS);
        b.join();
        assertThat(group.joined(join).generationId()).isEqualTo(2);
    }

    @Test
    void aGroupThatWasNeverAssignedDoesNotExist() {
        a.join();
        group.pass(200);
        group.changeCoordinator();
        assertThat(group.describe()).isEmpty();
        group.assertRefused(a.sync("a-1=01"), ErrorCode.UNKNOWN_MEMBER);
        group.assertRefused(a.join(), ErrorCode.UNKNOWN_MEMBER);
    }

    @Test
    void theLeaderLeadsOnAtAnotherCoordinator() {
        group.becomeStable(a, b, c);
        a.leave();
        c.join();
        b.join();
        b.sync("b-2=01", "c-3=02");
        c.sync();
        group.changeCoordinator();
        assertThat(group.isWaiting(c.join())).as("a follower need not wait").isFalse();
        assertThat(group.isWaiting(b.join()))
                .as("the leader begins a rebalance")
                .isTrue();
    }

    @Test
    void membersAreDescribedWithWhatTheySentAndGot() {
        group.becomeStable(a, b);
        assertThat(group.describe().orElseThrow().toString())
                .contains("kind=classic", "state=Stable", "protocolType=consumer", "generation=1", "protocolName=range")
                .contains("memberId=b-2", "clientHost=10.0.0.1", "metadata=01", "assignment=02");
    }
}
