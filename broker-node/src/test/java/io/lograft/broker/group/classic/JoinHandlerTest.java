package io.lograft.broker.group.classic;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.group.GroupReply.Joined;
import io.lograft.broker.group.GroupReply.JoinedMember;
import io.lograft.broker.group.GroupSettings;
import io.lograft.broker.group.Timeouts;
import io.lograft.model.ErrorCode;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JoinHandlerTest {
    private final GroupHarness group = new GroupHarness();
    private final ClassicClient a = group.client("a");
    private final ClassicClient b = group.client("b");
    private final ClassicClient c = group.client("c");

    // ---- the first rebalance

    @Test
    void theFirstMemberWaitsAShortWhileForOthersAndLeads() {
        long first = a.join();
        group.pass(40);
        long second = b.join();
        assertThat(group.isWaiting(first)).isTrue();
        assertThat(group.state()).isEqualTo("PreparingRebalance");

        group.pass(60);

        assertThat(group.joined(first))
                .isEqualTo(new Joined(
                        1,
                        "range",
                        "a-1",
                        "a-1",
                        List.of(
                                new JoinedMember("a-1", "", ClassicClient.bytes("01")),
                                new JoinedMember("b-2", "", ClassicClient.bytes("01"))),
                        false));
        assertThat(group.joined(second)).isEqualTo(new Joined(1, "range", "a-1", "b-2", List.of(), false));
        assertThat(group.state()).isEqualTo("CompletingRebalance");
        assertThat(group.log()).as("nothing is written before it is assigned").isEmpty();
    }

    @Test
    void theWaitForOthersEndsThoughTheyKeepComing() {
        GroupHarness large = new GroupHarness(new GroupSettings(1_000, 60_000, 10_000, 200, 50, 100, 100, 1));
        ClassicClient first = large.client("first");
        first.timeouts = new Timeouts(10_000, 200);
        long join = first.join();
        int others = 0;
        while (large.isWaiting(join) && others < 50) {
            ClassicClient other = large.client("other");
            other.timeouts = first.timeouts;
            other.join();
            others++;
            large.pass(30);
        }
        assertThat(large.joined(join).members()).hasSize(1 + others);
        assertThat(others).isEqualTo(7);
    }

    @Test
    void withoutADelayTheFirstMemberStartsAlone() {
        GroupHarness eager = new GroupHarness(new GroupSettings(1_000, 60_000, 10_000, 30_000, 0, 4, 100, 1));
        assertThat(eager.joined(eager.client("a").join()).generationId()).isEqualTo(1);
    }

    // ---- refusals

    @Test
    void sessionTimeoutsOutOfBoundsAreRefusedAndZeroStandsForTheDefault() {
        a.timeouts = new Timeouts(999, 0);
        group.assertRefused(a.join(), ErrorCode.INVALID_SESSION_TIMEOUT, "999", "1000", "60000");
        a.timeouts = new Timeouts(60_001, 0);
        group.assertRefused(a.join(), ErrorCode.INVALID_SESSION_TIMEOUT, "60001");
        a.timeouts = new Timeouts(-1, 0);
        group.assertRefused(a.join(), ErrorCode.INVALID_SESSION_TIMEOUT, "-1");
        a.timeouts = new Timeouts(1_000, -1);
        group.assertRefused(a.join(), ErrorCode.INVALID_REQUEST, "-1");
        assertThat(group.describe()).as("a refused join leaves no group").isEmpty();

        a.timeouts = new Timeouts(0, 0);
        group.becomeStable(a);
        assertThat(group.written().members().getFirst().timeouts()).isEqualTo(new Timeouts(10_000, 30_000));
    }

    @Test
    void aJoinNamesWhatItIsForAndEachProtocolOnce() {
        a.protocols = List.of();
        group.assertRefused(a.join(), ErrorCode.INVALID_REQUEST);
        a.protocols = ClassicClient.offer("range:01", "range:02");
        group.assertRefused(a.join(), ErrorCode.INVALID_REQUEST, "[range, range]");
        a.protocols = ClassicClient.offer(":01");
        group.assertRefused(a.join(), ErrorCode.INVALID_REQUEST);
        a.protocols = ClassicClient.offer("range:01");
        a.protocolType = "";
        group.assertRefused(a.join(), ErrorCode.INVALID_REQUEST);
        ClassicClient longNamed = group.client("x".repeat(250));
        group.assertRefused(longNamed.join(), ErrorCode.INVALID_REQUEST, "250", "249");
        a.protocolType = "x".repeat(250);
        group.assertRefused(a.join(), ErrorCode.INVALID_REQUEST, "250", "249");
        assertThat(group.describe()).isEmpty();
    }

    /** One that names half a million would have the loop of the group compare them for minutes. */
    @Test
    void aJoinNamesSoManyProtocolsAtMost() {
        List<String> names =
                IntStream.range(0, 101).mapToObj(i -> "protocol-" + i + ":01").toList();
        a.protocols = ClassicClient.offer(names.toArray(String[]::new));
        group.assertRefused(a.join(), ErrorCode.INVALID_REQUEST, "101", "100");
        a.protocols = ClassicClient.offer("x".repeat(250) + ":01");
        group.assertRefused(a.join(), ErrorCode.INVALID_REQUEST, "250", "249");
        assertThat(group.describe()).isEmpty();
        a.protocols = ClassicClient.offer(names.subList(0, 100).toArray(String[]::new));
        assertThat(group.isWaiting(a.join())).isTrue();
    }

    @Test
    void membersHaveTheProtocolTypeAndAProtocolInCommon() {
        a.protocols = ClassicClient.offer("range:01", "sticky:01");
        group.becomeStable(a);
        b.protocolType = "connect";
        group.assertRefused(b.join(), ErrorCode.INCONSISTENT_GROUP_PROTOCOL, "consumer", "connect");
        b.protocolType = "consumer";
        b.protocols = ClassicClient.offer("roundrobin:01");
        group.assertRefused(b.join(), ErrorCode.INCONSISTENT_GROUP_PROTOCOL, "roundrobin");
        assertThat(group.state()).as("a refused join disturbs nobody").isEqualTo("Stable");
        b.protocols = ClassicClient.offer("roundrobin:01", "sticky:01");
        b.join();
        long again = a.join();
        assertThat(group.joined(again).protocolName()).isEqualTo("sticky");
    }

    @Test
    void whatAMemberOfferedIsKnownToTheNextCoordinatorToo() {
        a.protocols = ClassicClient.offer("sticky:01", "range:02");
        group.becomeStable(a);
        group.changeCoordinator();
        b.protocols = ClassicClient.offer("range:01");
        assertThat(group.isWaiting(b.join())).isTrue();
        assertThat(group.joined(a.join()).protocolName()).isEqualTo("range");
    }

    @Test
    void theOnlyMemberMayChangeToAnything() {
        group.becomeStable(a);
        a.protocolType = "connect";
        a.protocols = ClassicClient.offer("eager:01");
        assertThat(group.joined(a.join()).protocolName()).isEqualTo("eager");
    }

    @Test
    void aFullGroupTakesNobodyElse() {
        ClassicClient d = group.client("d");
        group.becomeStable(a, b, c, d);
        group.assertRefused(group.client("e").join(), ErrorCode.BUSY, "4");
        assertThat(group.state()).isEqualTo("Stable");
        assertThat(group.isWaiting(d.join())).as("members may join again").isFalse();
    }

    @Test
    void aMemberIdThatTheGroupDoesNotKnowIsRefused() {
        a.memberId = "a-17";
        group.assertRefused(a.join(), ErrorCode.UNKNOWN_MEMBER, "a-17");
        assertThat(group.describe()).isEmpty();
        a.memberId = "";
        group.becomeStable(a);
        b.memberId = "a-18";
        group.assertRefused(b.join(), ErrorCode.UNKNOWN_MEMBER, "a-18");
        a.instanceId = "other";
        group.assertRefused(a.join(), ErrorCode.UNKNOWN_MEMBER, "other");
    }

    // ---- the vote

    @Test
    void mostVotesAmongTheCommonProtocolsWin() {
        a.protocols = ClassicClient.offer("range:01", "sticky:01", "only-a:01");
        b.protocols = ClassicClient.offer("sticky:01", "range:01");
        c.protocols = ClassicClient.offer("sticky:01", "range:01");
        long join = a.join();
        b.join();
        c.join();
        group.pass(200);
        assertThat(group.joined(join).protocolName()).isEqualTo("sticky");
    }

    @Test
    void withAsManyVotesTheFirstMembersPreferenceCounts() {
        a.protocols = ClassicClient.offer("only-a:01", "sticky:01", "range:01");
        b.protocols = ClassicClient.offer("range:01", "sticky:01");
        long join = a.join();
        b.join();
        group.pass(200);
        assertThat(group.joined(join).protocolName()).isEqualTo("sticky");
    }

    // ---- joining again

    @Test
    void aFollowerThatOffersTheSameIsToldThePresentGeneration() {
        group.becomeStable(a, b);
        assertThat(group.joined(b.join())).isEqualTo(new Joined(1, "range", "a-1", "b-2", List.of(), false));
        assertThat(group.synced(b.sync())).isEqualTo("02");
    }

    @Test
    void aFollowerThatOffersSomethingElseStartsARebalance() {
        group.becomeStable(a, b);
        b.protocols = ClassicClient.offer("range:02");
        long join = b.join();
        assertThat(group.isWaiting(join)).isTrue();
        group.assertRefused(a.heartbeat(), ErrorCode.REBALANCE_IN_PROGRESS);
        assertThat(group.joined(a.join()).generationId()).isEqualTo(2);
        assertThat(group.joined(join).generationId()).isEqualTo(2);
    }

    @Test
    void aVoteThatWouldEndOtherwiseStartsARebalanceToo() {
        a.protocols = ClassicClient.offer("range:01", "sticky:01");
        b.protocols = ClassicClient.offer("range:01", "sticky:01");
        group.becomeStable(a, b);
        a.protocols = ClassicClient.offer("sticky:01", "range:01");
        b.protocols = ClassicClient.offer("sticky:01", "range:01");
        assertThat(group.isWaiting(b.join()))
                .as("one vote each, and the first member's counts")
                .isFalse();
        a.join();
        assertThat(group.joined(b.join()).protocolName()).isEqualTo("sticky");
    }

    @Test
    void aLeaderThatJoinsAgainWantsToAssignAnew() {
        group.becomeStable(a, b);
        long join = a.join();
        assertThat(group.isWaiting(join)).isTrue();
        b.join();
        assertThat(group.joined(join).generationId()).isEqualTo(2);
        assertThat(group.joined(join).members()).hasSize(2);
    }

    @Test
    void whoMissedTheAnswerGetsItAgainWhileTheGenerationBegins() {
        a.join();
        b.join();
        group.pass(200);
        assertThat(group.joined(b.join()).generationId()).isEqualTo(1);
        assertThat(group.joined(a.join()).members()).hasSize(2);
        assertThat(group.state()).isEqualTo("CompletingRebalance");
    }

    @Test
    void aNewerJoinAnswersTheOneBefore() {
        group.becomeStable(a, b);
        b.protocols = ClassicClient.offer("range:02");
        long given = b.join();
        long newer = b.join();
        group.assertRefused(given, ErrorCode.REBALANCE_IN_PROGRESS, "newer");
        assertThat(group.isWaiting(newer)).isTrue();
        a.join();
        assertThat(group.joined(newer).generationId()).isEqualTo(2);
    }

    @Test
    void aJoinAnswersASyncThatWaits() {
        a.join();
        b.join();
        group.pass(200);
        long sync = b.sync();
        assertThat(group.joined(b.join()).generationId()).isEqualTo(1);
        group.assertRefused(sync, ErrorCode.REBALANCE_IN_PROGRESS, "newer");
    }

    // ---- static members

    @Test
    void aStaticMemberThatComesBackTakesOverWithoutARebalance() {
        ClassicClient former = group.staticClient("s", "i1");
        group.becomeStable(a, former);
        ClassicClient back = group.staticClient("s", "i1");
        long join = back.join();
        assertThat(group.joined(join)).isEqualTo(new Joined(1, "range", "a-1", "s-3", List.of(), false));
        assertThat(group.synced(back.sync())).isEqualTo("02");
        assertThat(group.state()).isEqualTo("Stable");
        assertThat(group.written().members().getLast().identity().memberId()).isEqualTo("s-3");
        group.assertDone(a.heartbeat());

        group.assertRefused(former.heartbeat(), ErrorCode.FENCED_INSTANCE_ID, "i1", "s-2");
        group.assertRefused(former.join(), ErrorCode.FENCED_INSTANCE_ID);
        group.assertRefused(former.sync(), ErrorCode.FENCED_INSTANCE_ID);
        group.assertRefused(former.commit(1), ErrorCode.FENCED_INSTANCE_ID);
        group.assertRefused(former.leave(), ErrorCode.FENCED_INSTANCE_ID);

        group.changeCoordinator();
        group.assertRefused(former.heartbeat(), ErrorCode.FENCED_INSTANCE_ID);
        group.assertDone(back.heartbeat());
    }

    @Test
    void aStaticLeaderThatComesBackLeadsOnAndSkipsTheAssignment() {
        ClassicClient former = group.staticClient("s", "i1");
        group.becomeStable(former, b);
        ClassicClient back = group.staticClient("s", "i1");
        Joined joined = group.joined(back.join());
        assertThat(joined.leaderId()).isEqualTo("s-3");
        assertThat(joined.skipsAssignment()).isTrue();
        assertThat(joined.members()).extracting(JoinedMember::memberId).containsExactly("s-3", "b-2");
        assertThat(group.synced(back.sync())).isEqualTo("01");
    }

    @Test
    void aStaticMemberThatComesBackWithAnotherOfferStartsARebalance() {
        ClassicClient former = group.staticClient("s", "i1");
        group.becomeStable(a, former);
        ClassicClient back = group.staticClient("s", "i1");
        back.protocols = ClassicClient.offer("range:07");
        long join = back.join();
        assertThat(group.isWaiting(join)).isTrue();
        assertThat(group.joined(a.join()).members())
                .containsExactly(
                        new JoinedMember("a-1", "", ClassicClient.bytes("01")),
                        new JoinedMember("s-3", "i1", ClassicClient.bytes("07")));
        assertThat(group.joined(join).generationId()).isEqualTo(2);
    }

    @Test
    void whatTheFormerStaticMemberWaitsForIsRefused() {
        ClassicClient former = group.staticClient("s", "i1");
        long first = former.join();
        ClassicClient back = group.staticClient("s", "i1");
        long second = back.join();
        group.assertRefused(first, ErrorCode.FENCED_INSTANCE_ID, "i1");
        group.pass(200);
        assertThat(group.joined(second).members()).hasSize(1);

        back.memberId = "";
        long third = back.join();
        assertThat(group.joined(third).generationId())
                .as("the leader was to assign to the one that it knew")
                .isEqualTo(2);
    }

    @Test
    void aStaticMemberKeepsItsPlaceWhenItMissesARebalanceUntilItsSessionEnds() {
        ClassicClient absent = group.staticClient("s", "i1");
        absent.timeouts = new Timeouts(60_000, 5_000);
        a.timeouts = new Timeouts(10_000, 5_000);
        b.timeouts = a.timeouts;
        c.timeouts = a.timeouts;
        group.becomeStable(absent, a, b);
        long join = c.join();
        a.join();
        group.pass(5_000);
        assertThat(group.joined(join).leaderId()).as("who is there leads").isEqualTo("a-2");
        assertThat(group.describe().orElseThrow().members())
                .extracting(member -> member.identity().memberId())
                .as("the dynamic one that missed it is gone")
                .containsExactly("s-1", "a-2", "c-4");
        a.sync("s-1=01", "a-2=02", "c-4=03");
        assertThat(group.synced(c.sync())).isEqualTo("03");

        group.assertRefused(absent.heartbeat(), ErrorCode.ILLEGAL_GENERATION);
        assertThat(group.joined(absent.join()).generationId()).isEqualTo(2);
        assertThat(group.synced(absent.sync())).isEqualTo("01");
    }
}
