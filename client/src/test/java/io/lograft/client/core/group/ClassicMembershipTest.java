package io.lograft.client.core.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.client.assign.Assignor;
import io.lograft.client.assign.CooperativeStickyAssignor;
import io.lograft.client.assign.MemberSubscription;
import io.lograft.client.assign.RangeAssignor;
import io.lograft.client.core.ClusterView;
import io.lograft.client.core.Failure;
import io.lograft.client.core.group.GroupEffect.Assign;
import io.lograft.client.core.group.GroupEffect.Call;
import io.lograft.client.core.group.GroupEffect.Fail;
import io.lograft.client.core.group.GroupEffect.Left;
import io.lograft.client.core.group.GroupEffect.Lose;
import io.lograft.client.core.group.GroupEffect.Revoke;
import io.lograft.client.core.group.GroupEvent.GaveUp;
import io.lograft.client.core.group.GroupEvent.Heard;
import io.lograft.client.core.group.GroupEvent.Joined;
import io.lograft.client.core.group.GroupEvent.PollsAgain;
import io.lograft.client.core.group.GroupEvent.Refused;
import io.lograft.client.core.group.GroupEvent.Subscribed;
import io.lograft.client.core.group.GroupEvent.Synced;
import io.lograft.client.core.group.GroupEvent.Tick;
import io.lograft.client.core.group.GroupEvent.Unsubscribed;
import io.lograft.client.core.group.GroupEvent.ViewChanged;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ClassicMembershipTest {
    private static final TopicId ORDERS = new TopicId(1, 2);
    private static final TopicId BILLS = new TopicId(3, 4);
    private static final Subscription TO_ORDERS = Subscription.toTopics(List.of("orders"));
    private static final List<Assignor> EAGER = List.of(new RangeAssignor());
    private static final List<Assignor> COOPERATIVE = List.of(new CooperativeStickyAssignor());
    private static final long HEARTBEAT_MS = 1_000;
    private static final long POLL_MS = 300_000;

    private final List<GroupEffect> effects = new ArrayList<>();
    private ClassicMembership member;
    private long nowMs = 1_000;

    @Test
    void aFollowerJoinsSyncsAndSendsHeartbeats() {
        start("", EAGER);
        Call join = call(on(new Subscribed(TO_ORDERS)));
        assertThat(join.call()).isEqualTo(new ClassicCall.Join("", MemberSubscription.of("orders"), List.of("range")));
        assertThat(member.memberEpoch()).isZero();

        Call sync = call(on(joined(join, 7, "leader", Map.of())));
        assertThat(sync.call()).isEqualTo(new ClassicCall.Sync(7, "me", Map.of()));

        assertThat(on(new Synced(sync.number(), partitions("orders", 0, 1))))
                .containsExactly(new Assign(1, ids(ORDERS, 0, 1)));
        assertThat(member.memberEpoch()).isEqualTo(7);
        Call beat = heartbeat();
        assertThat(beat.call()).isEqualTo(new ClassicCall.Heartbeat(7, "me"));
        assertThat(on(new Heard(beat.number()))).isEmpty();
        assertThat(member.dueMs(nowMs)).isEqualTo(nowMs + HEARTBEAT_MS);
    }

    @Test
    void theLeaderAssignsByTheAssignorThatWasChosen() {
        start("", List.of(new CooperativeStickyAssignor(), new RangeAssignor()));
        Call join = call(on(new Subscribed(TO_ORDERS)));

        Call sync = call(on(joined(join, 1, "me", both())));

        assertThat(((ClassicCall.Sync) sync.call()).assignments())
                .isEqualTo(Map.of("me", partitions("orders", 0, 1), "other", partitions("orders", 2, 3)));
    }

    @Test
    void aLeaderThatCameBackIsNotToAssign() {
        start("host-1", EAGER);
        Call join = call(on(new Subscribed(TO_ORDERS)));

        Call sync = call(on(new Joined(join.number(), 4, "range", "me", "me", both(), true)));

        assertThat(((ClassicCall.Sync) sync.call()).assignments()).isEmpty();
    }

    @Test
    void anEagerMemberGivesAllUpBeforeItJoinsAgain() {
        start("", EAGER);
        stable(7, "leader", 0, 1);

        assertThat(on(refused(heartbeat(), ErrorCode.REBALANCE_IN_PROGRESS)))
                .containsExactly(new Revoke(1, ids(ORDERS, 0, 1)));
        Call beat = heartbeat();
        assertThat(beat.call()).as("still there meanwhile").isInstanceOf(ClassicCall.Heartbeat.class);
        assertThat(on(refused(beat, ErrorCode.REBALANCE_IN_PROGRESS))).isEmpty();

        Call join = call(on(new GaveUp(1, ids(ORDERS, 0, 1))));
        assertThat(((ClassicCall.Join) join.call()).subscription().owned()).isEmpty();
        Call sync = call(on(joined(join, 8, "leader", Map.of())));
        assertThat(on(new Synced(sync.number(), partitions("orders", 1))))
                .containsExactly(new Assign(1, ids(ORDERS, 1)));
    }

    @Test
    void aCooperativeMemberReadsOnAndGivesUpOnlyWhatMoves() {
        start("", COOPERATIVE);
        stable(7, "leader", 0, 1);

        Call join = call(on(refused(heartbeat(), ErrorCode.REBALANCE_IN_PROGRESS)));
        assertThat(((ClassicCall.Join) join.call()).subscription())
                .isEqualTo(MemberSubscription.of("orders").withOwned(partitions("orders", 0, 1), 7));
        assertThat(member.memberEpoch()).as("it may commit").isEqualTo(7);
        Call sync = call(on(joined(join, 8, "leader", Map.of())));

        assertThat(on(new Synced(sync.number(), partitions("orders", 0, 2))))
                .containsExactly(new Revoke(1, ids(ORDERS, 1)), new Assign(1, ids(ORDERS, 2)));
        Call again = call(on(new GaveUp(1, ids(ORDERS, 1))));
        assertThat(((ClassicCall.Join) again.call()).subscription().owned()).isEqualTo(partitions("orders", 0, 2));
    }

    @Test
    void oneEagerAssignorMakesTheMemberEager() {
        start("", List.of(new CooperativeStickyAssignor(), new RangeAssignor()));
        stable(7, "leader", 0);

        assertThat(on(refused(heartbeat(), ErrorCode.REBALANCE_IN_PROGRESS)))
                .containsExactly(new Revoke(1, ids(ORDERS, 0)));
    }

    @Test
    void theLeaderJoinsAgainWhenATopicOfAnyMemberChanges() {
        start("", COOPERATIVE);
        Call join = call(on(new Subscribed(TO_ORDERS)));
        Map<String, MemberSubscription> members =
                Map.of("me", MemberSubscription.of("orders"), "other", MemberSubscription.of("bills"));
        Call sync = call(on(joined(join, 1, "me", members)));
        on(new Synced(sync.number(), partitions("orders", 0, 1, 2, 3)));
        assertThat(on(new ViewChanged(view(4, -1)))).isEmpty();

        assertThat(call(on(new ViewChanged(view(4, 2)))).call()).isInstanceOf(ClassicCall.Join.class);
    }

    @Test
    void aFollowerLeavesThatToTheLeader() {
        start("", COOPERATIVE);
        stable(7, "leader", 0);

        assertThat(on(new ViewChanged(view(9, 3)))).isEmpty();
    }

    @Test
    void aPatternIsLookedUpInWhatIsKnown() {
        start("", COOPERATIVE);
        Call join = call(on(new Subscribed(Subscription.toPattern("(orders|bills|__x)"))));
        assertThat(((ClassicCall.Join) join.call()).subscription().topics()).containsExactly("orders");
        Call sync = call(on(joined(join, 1, "leader", Map.of())));
        on(new Synced(sync.number(), partitions("orders", 0)));

        Call again = call(on(new ViewChanged(view(4, 1))));

        assertThat(((ClassicCall.Join) again.call()).subscription().topics())
                .containsExactlyInAnyOrder("orders", "bills");
    }

    @Test
    void aPartitionThatIsNotKnownYetIsAssignedOnceItIs() {
        start("", COOPERATIVE);
        Call join = call(on(new Subscribed(TO_ORDERS)));
        Call sync = call(on(joined(join, 1, "leader", Map.of())));

        assertThat(on(new Synced(sync.number(), partitions("orders", 0, 5))))
                .containsExactly(new Assign(1, ids(ORDERS, 0)));
        assertThat(on(new ViewChanged(view(6, -1)))).containsExactly(new Assign(1, ids(ORDERS, 5)));
    }

    @Test
    void anotherSubscriptionIsToldAndWhatIsNotInItGivenUp() {
        start("", COOPERATIVE);
        stable(7, "leader", 0, 1);

        assertThat(on(new Subscribed(Subscription.toTopics(List.of("bills")))))
                .containsExactly(new Revoke(1, ids(ORDERS, 0, 1)));
        Call join = call(on(new GaveUp(1, ids(ORDERS, 0, 1))));
        assertThat(((ClassicCall.Join) join.call()).subscription().topics()).containsExactly("bills");
    }

    @Test
    void whoSubscribesAnewWhileItJoinsTellsSoAfterwards() {
        start("", COOPERATIVE);
        Call join = call(on(new Subscribed(TO_ORDERS)));
        assertThat(on(new Subscribed(Subscription.toTopics(List.of("bills"))))).isEmpty();
        Call sync = call(on(joined(join, 1, "leader", Map.of())));

        List<GroupEffect> after = on(new Synced(sync.number(), partitions("orders", 0)));

        assertThat(after).containsExactly(new Assign(1, ids(ORDERS, 0)), new Revoke(1, ids(ORDERS, 0)));
    }

    @Test
    void aSyncThatComesTooLateLeadsToAnotherJoin() {
        start("", COOPERATIVE);
        Call join = call(on(new Subscribed(TO_ORDERS)));
        Call sync = call(on(joined(join, 1, "leader", Map.of())));

        Call again = call(on(refused(sync, ErrorCode.REBALANCE_IN_PROGRESS)));

        assertThat(((ClassicCall.Join) again.call()).memberId()).isEqualTo("me");
    }

    @Test
    void whoIsThrownOutLosesAllAndJoinsAsANewMember() {
        start("", COOPERATIVE);
        stable(7, "leader", 0, 1);

        List<GroupEffect> after = on(refused(heartbeat(), ErrorCode.UNKNOWN_MEMBER));

        assertThat(after.get(0)).isEqualTo(new Lose(ids(ORDERS, 0, 1)));
        assertThat(((Call) after.get(1)).call())
                .isEqualTo(new ClassicCall.Join("", MemberSubscription.of("orders"), List.of("cooperative-sticky")));
        assertThat(member.memberEpoch()).isZero();
        assertThat(on(new GaveUp(1, ids(ORDERS, 0)))).as("of the stay before").isEmpty();
    }

    @Test
    void anOldGenerationKeepsTheMemberId() {
        start("", COOPERATIVE);
        stable(7, "leader", 0);

        List<GroupEffect> after = on(refused(heartbeat(), ErrorCode.ILLEGAL_GENERATION));

        assertThat(after.get(0)).isEqualTo(new Lose(ids(ORDERS, 0)));
        assertThat(((ClassicCall.Join) ((Call) after.get(1)).call()).memberId()).isEqualTo("me");
    }

    @Test
    void aLostAnswerIsAskedForAgain() {
        start("", COOPERATIVE);
        stable(7, "leader", 0);
        Call beat = heartbeat();

        assertThat(on(refused(beat, ErrorCode.UNAVAILABLE))).isEmpty();
        nowMs += 20;
        assertThat(call(on(new Tick(Tick.POLLING))).call()).isEqualTo(beat.call());
        assertThat(on(new Heard(beat.number()))).as("a late answer").isEmpty();
    }

    @Test
    void whatCannotPassEndsTheMembership() {
        start("", EAGER);
        stable(7, "leader", 0);
        Failure failure = new Failure(ErrorCode.FENCED_INSTANCE_ID, "no");

        assertThat(on(new Refused(heartbeat().number(), failure)))
                .containsExactly(new Lose(ids(ORDERS, 0)), new Fail(failure));
        assertThat(member.dueMs(nowMs)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aDynamicMemberLeavesAndAStaticOneGoesSilent() {
        start("", EAGER);
        stable(7, "leader", 0);
        Call leave = call(on(Unsubscribed.INSTANCE));
        assertThat(leave.call()).isEqualTo(new ClassicCall.Leave("me"));
        assertThat(on(new Heard(leave.number()))).containsExactly(Left.INSTANCE);

        start("host-1", EAGER);
        stable(7, "leader", 0);
        assertThat(on(Unsubscribed.INSTANCE)).containsExactly(Left.INSTANCE);
    }

    @Test
    void whoLeavesBeforeItHasAnIdLeavesWithTheOneThatItGets() {
        start("", EAGER);
        Call join = call(on(new Subscribed(TO_ORDERS)));
        assertThat(on(Unsubscribed.INSTANCE)).isEmpty();

        Call leave = call(on(joined(join, 1, "leader", Map.of())));

        assertThat(leave.call()).isEqualTo(new ClassicCall.Leave("me"));
    }

    @Test
    void anApplicationThatDoesNotPollIsOutUntilItDoes() {
        start("", EAGER);
        stable(7, "leader", 0);
        long idleSinceMs = nowMs;
        nowMs += POLL_MS;

        List<GroupEffect> after = on(new Tick(idleSinceMs));

        assertThat(after.get(0)).isEqualTo(new Lose(ids(ORDERS, 0)));
        assertThat(member.isStale()).isTrue();
        on(new Heard(((Call) after.get(1)).number()));
        assertThat(call(on(PollsAgain.INSTANCE)).call()).isInstanceOf(ClassicCall.Join.class);
    }

    @Test
    void withoutAnAssignorThereIsNoMember() {
        assertThatThrownBy(() -> start("", List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    private void start(String instanceId, List<Assignor> assignors) {
        member = new ClassicMembership(new MembershipConfig("", instanceId, POLL_MS), assignors, HEARTBEAT_MS);
        on(new ViewChanged(view(4, -1)));
    }

    /** Brings the member to these partitions of the topic. */
    private void stable(int generation, String leader, int... numbers) {
        Call join = call(on(new Subscribed(TO_ORDERS)));
        Call sync = call(on(joined(join, generation, leader, Map.of())));
        on(new Synced(sync.number(), partitions("orders", numbers)));
    }

    private Call heartbeat() {
        nowMs += HEARTBEAT_MS;
        return call(on(new Tick(Tick.POLLING)));
    }

    private static Joined joined(Call join, int generation, String leader, Map<String, MemberSubscription> members) {
        return new Joined(join.number(), generation, "range", "me", leader, members, false);
    }

    private static Refused refused(Call call, ErrorCode code) {
        return new Refused(call.number(), new Failure(code, "no"));
    }

    private static Map<String, MemberSubscription> both() {
        return Map.of("me", MemberSubscription.of("orders"), "other", MemberSubscription.of("orders"));
    }

    private static List<TopicPartition> partitions(String topic, int... numbers) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int number : numbers) {
            partitions.add(new TopicPartition(topic, number));
        }
        return partitions;
    }

    private static Set<PartitionId> ids(TopicId topic, int... numbers) {
        Set<PartitionId> ids = new TreeSet<>();
        for (int number : numbers) {
            ids.add(new PartitionId(topic, number));
        }
        return ids;
    }

    /** The topics with so many partitions; below 0: there is none. */
    private static ClusterView view(int orders, int bills) {
        Map<String, ClusterView.Topic> topics = new HashMap<>();
        topics.put("orders", topic("orders", ORDERS, orders));
        topics.put("__x", topic("__x", new TopicId(9, 9), 1));
        if (bills >= 0) {
            topics.put("bills", topic("bills", BILLS, bills));
        }
        return new ClusterView("cluster", 1, 1, Map.of(), topics);
    }

    private static ClusterView.Topic topic(String name, TopicId id, int partitions) {
        return new ClusterView.Topic(name, id, Collections.nCopies(partitions, new ClusterView.Partition(1, 1)));
    }

    private List<GroupEffect> on(GroupEvent event) {
        effects.clear();
        member.on(event, nowMs, effects);
        return List.copyOf(effects);
    }

    private static Call call(List<GroupEffect> effects) {
        assertThat(effects).hasSize(1).first().isInstanceOf(Call.class);
        return (Call) effects.get(0);
    }
}
