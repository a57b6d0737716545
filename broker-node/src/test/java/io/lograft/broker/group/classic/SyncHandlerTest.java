package io.lograft.broker.group.classic;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.group.GroupRecord.ClassicGeneration;
import io.lograft.broker.group.GroupRecord.ClassicMemberState;
import io.lograft.broker.group.MemberIdentity;
import io.lograft.broker.group.Timeouts;
import io.lograft.model.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;

class SyncHandlerTest {
    private final GroupHarness group = new GroupHarness();
    private final ClassicClient a = group.client("a");
    private final ClassicClient b = group.client("b");
    private final ClassicClient c = group.client("c");

    private void allJoin() {
        a.join();
        b.join();
        c.join();
        group.pass(200);
    }

    @Test
    void allWaitForTheLeaderAndTheGenerationIsWrittenFirst() {
        allJoin();
        long ofB = b.sync();
        assertThat(group.isWaiting(ofB)).isTrue();
        assertThat(group.log()).isEmpty();

        long ofA = a.sync("a-1=0102", "b-2=03");

        assertThat(group.synced(ofA)).isEqualTo("0102");
        assertThat(group.synced(ofB)).isEqualTo("03");
        assertThat(group.synced(c.sync())).as("whom the leader left out").isEmpty();
        assertThat(group.log()).hasSize(1);
        assertThat(group.written())
                .isEqualTo(new ClassicGeneration(
                        "consumer",
                        1,
                        "range",
                        "a-1",
                        List.of(written("a", 1, "0102"), written("b", 2, "03"), written("c", 3, "")),
                        group.wallMs()));
    }

    private ClassicMemberState written(String name, int number, String assignment) {
        return new ClassicMemberState(
                new MemberIdentity(name + "-" + number, "", name, "10.0.0.1"),
                new Timeouts(10_000, 30_000),
                ClassicClient.offer("range:01"),
                ClassicClient.bytes(assignment),
                group.wallMs() - 200);
    }

    @Test
    void onlyAMemberOfTheGenerationMaySync() {
        allJoin();
        b.generation = 2;
        group.assertRefused(b.sync(), ErrorCode.ILLEGAL_GENERATION, "1", "2", "b-2");
        b.memberId = "b-9";
        group.assertRefused(b.sync(), ErrorCode.UNKNOWN_MEMBER, "b-9");
    }

    @Test
    void aSyncDuringARebalanceIsRefusedAndSoIsOneThatWaits() {
        allJoin();
        long waiting = b.sync();
        c.leave();
        group.assertRefused(waiting, ErrorCode.REBALANCE_IN_PROGRESS, "1");
        group.assertRefused(a.sync("a-1=01"), ErrorCode.REBALANCE_IN_PROGRESS);
        assertThat(group.log()).isEmpty();
    }

    @Test
    void anAssignmentForNoMemberOrGivenTwiceIsRefused() {
        allJoin();
        group.assertRefused(a.sync("a-1=01", "x-9=02"), ErrorCode.INVALID_REQUEST, "x-9");
        group.assertRefused(a.sync("b-2=01", "b-2=02"), ErrorCode.INVALID_REQUEST, "b-2");
        assertThat(group.log()).isEmpty();
        assertThat(group.synced(a.sync("a-1=01"))).isEqualTo("01");
    }

    @Test
    void aGenerationThatIsTooLargeForARecordIsRefused() {
        allJoin();
        String half = "00".repeat(Rebalance.GENERATION_BYTES_MAX / 2);
        group.assertRefused(
                a.sync("a-1=" + half, "b-2=" + half), ErrorCode.RECORD_TOO_LARGE, "900018", "900000", "3 members");
        assertThat(group.log()).isEmpty();
        String rest = "00".repeat(Rebalance.GENERATION_BYTES_MAX / 2 - 18);
        assertThat(group.synced(a.sync("a-1=" + half, "b-2=" + rest))).isEqualTo(half);
    }

    @Test
    void assignmentsOfAFollowerAreNotLookedAt() {
        allJoin();
        long ofB = b.sync("a-1=09", "b-2=09", "c-3=09");
        assertThat(group.isWaiting(ofB)).isTrue();
        a.sync("b-2=01");
        assertThat(group.synced(ofB)).isEqualTo("01");
    }

    @Test
    void aNewerSyncAnswersTheOneBefore() {
        allJoin();
        long given = b.sync();
        long newer = b.sync();
        group.assertRefused(given, ErrorCode.REBALANCE_IN_PROGRESS, "newer");
        a.sync("b-2=01");
        assertThat(group.synced(newer)).isEqualTo("01");
    }

    @Test
    void whoDoesNotSyncInTimeIsRemoved() {
        a.timeouts = new Timeouts(10_000, 3_000);
        b.timeouts = a.timeouts;
        c.timeouts = a.timeouts;
        allJoin();
        a.sync("a-1=01", "b-2=02", "c-3=03");
        assertThat(group.synced(b.sync())).isEqualTo("02");
        group.pass(2_000);
        group.assertDone(c.heartbeat());
        assertThat(group.state()).isEqualTo("Stable");

        group.pass(1_000);

        assertThat(group.state()).isEqualTo("PreparingRebalance");
        group.assertRefused(c.sync(), ErrorCode.UNKNOWN_MEMBER);
        group.assertRefused(a.heartbeat(), ErrorCode.REBALANCE_IN_PROGRESS);
    }

    @Test
    void aLeaderThatDoesNotAssignInTimeIsRemovedAndAnotherOneLeads() {
        a.timeouts = new Timeouts(10_000, 3_000);
        b.timeouts = a.timeouts;
        c.timeouts = a.timeouts;
        allJoin();
        long ofB = b.sync();
        long ofC = c.sync();
        group.pass(3_000);
        group.assertRefused(ofB, ErrorCode.REBALANCE_IN_PROGRESS);
        group.assertRefused(ofC, ErrorCode.REBALANCE_IN_PROGRESS);
        c.join();
        assertThat(group.joined(b.join()).leaderId()).isEqualTo("b-2");
        group.assertRefused(a.heartbeat(), ErrorCode.UNKNOWN_MEMBER);
    }

    @Test
    void aSyncIsAnsweredAgainWhileTheGenerationLasts() {
        group.becomeStable(a, b);
        assertThat(group.synced(b.sync())).isEqualTo("02");
        assertThat(group.synced(a.sync("a-1=09"))).as("it is assigned already").isEqualTo("01");
        group.changeCoordinator();
        assertThat(group.synced(b.sync())).isEqualTo("02");
    }
}
