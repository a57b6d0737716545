package io.lograft.client.core.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.core.Failure;
import io.lograft.client.core.group.GroupEffect.Assign;
import io.lograft.client.core.group.GroupEffect.Fail;
import io.lograft.client.core.group.GroupEffect.Left;
import io.lograft.client.core.group.GroupEffect.Lose;
import io.lograft.client.core.group.GroupEffect.Revoke;
import io.lograft.client.core.group.GroupEffect.Send;
import io.lograft.client.core.group.GroupEvent.Answered;
import io.lograft.client.core.group.GroupEvent.GaveUp;
import io.lograft.client.core.group.GroupEvent.PollsAgain;
import io.lograft.client.core.group.GroupEvent.Refused;
import io.lograft.client.core.group.GroupEvent.Subscribed;
import io.lograft.client.core.group.GroupEvent.Tick;
import io.lograft.client.core.group.GroupEvent.Unsubscribed;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GroupMembershipTest {
    private static final TopicId TOPIC = new TopicId(1, 2);
    private static final PartitionId A = new PartitionId(TOPIC, 0);
    private static final PartitionId B = new PartitionId(TOPIC, 1);
    private static final PartitionId C = new PartitionId(TOPIC, 2);
    private static final Subscription ORDERS = Subscription.toTopics(List.of("orders"));
    private static final Subscription BILLS = Subscription.toTopics(List.of("bills"));
    private static final int INTERVAL_MS = 3_000;
    private static final long POLL_MS = 300_000;

    private GroupMembership member = new GroupMembership(new MembershipConfig("m", "", POLL_MS));
    private long nowMs = 1_000;

    @Test
    void itJoinsAndThenLetsTheCoordinatorWait() {
        Send join = onlySend(on(new Subscribed(ORDERS)));
        assertThat(join).isEqualTo(new Send(1, 0, ORDERS, Set.of(), 0));
        assertThat(member.memberEpoch()).isZero();

        List<GroupEffect> effects = on(answer(join, 5, A, B));

        assertThat(effects)
                .containsExactly(new Assign(1, Set.of(A, B)), new Send(2, 5, ORDERS, Set.of(A, B), INTERVAL_MS));
        assertThat(member.memberEpoch()).isEqualTo(5);
        assertThat(member.dueMs(nowMs)).isEqualTo(nowMs + POLL_MS);
    }

    @Test
    void partitionsToGiveUpAreNamedUntilTheApplicationIsDoneWithThem() {
        Send waiting = join(5, A, B);

        assertThat(on(answer(waiting, 6, A, C))).containsExactly(new Revoke(1, Set.of(B)), new Assign(1, Set.of(C)));
        assertThat(member.dueMs(nowMs)).as("no hot loop").isEqualTo(nowMs + INTERVAL_MS);
        assertThat(member.memberEpoch()).as("it may commit").isEqualTo(6);

        nowMs += INTERVAL_MS;
        Send still = onlySend(on(new Tick(Tick.POLLING)));
        assertThat(still.owned()).containsExactlyInAnyOrder(A, B, C);
        assertThat(still.maxWaitMs()).isZero();
        assertThat(on(answer(still, 6, A, C))).isEmpty();

        Send given = onlySend(on(new GaveUp(1, Set.of(B))));
        assertThat(given.owned()).containsExactlyInAnyOrder(A, C);
        assertThat(given.maxWaitMs()).isEqualTo(INTERVAL_MS);
    }

    @Test
    void aPartitionThatIsGivenBackBeforeItWasGivenUpIsAssignedAnew() {
        Send waiting = join(5, A, B);
        on(answer(waiting, 6, A));
        nowMs += INTERVAL_MS;
        Send still = onlySend(on(new Tick(Tick.POLLING)));

        assertThat(on(answer(still, 7, A, B))).isEmpty();
        Send given = onlySend(on(new GaveUp(1, Set.of(B))));
        assertThat(given.owned()).containsExactly(A);
        assertThat(on(answer(given, 7, A, B)).get(0)).isEqualTo(new Assign(1, Set.of(B)));
    }

    @Test
    void aCoordinatorThatDoesNotWaitIsNotAskedAllTheTime() {
        Send waiting = join(5, A);

        assertThat(on(answer(waiting, 5, A))).isEmpty();
        assertThat(member.dueMs(nowMs)).isEqualTo(nowMs + 200);
        nowMs += 200;
        Send next = onlySend(on(new Tick(Tick.POLLING)));
        nowMs += INTERVAL_MS;
        assertThat(onlySend(on(answer(next, 5, A))).maxWaitMs()).isEqualTo(INTERVAL_MS);
    }

    @ParameterizedTest
    @EnumSource(names = {"UNKNOWN_MEMBER", "ILLEGAL_GENERATION"})
    void whoIsThrownOutLosesAllAndJoinsAtOnce(ErrorCode code) {
        Send waiting = join(5, A, B);

        assertThat(on(refused(waiting, code)))
                .containsExactly(new Lose(Set.of(A, B)), new Send(3, 0, ORDERS, Set.of(), 0));
        assertThat(member.memberEpoch()).isZero();
    }

    @Test
    void whoIsRefusedAgainAndAgainWaitsLongerEachTime() {
        Send send = join(5, A);
        send = (Send) on(refused(send, ErrorCode.UNKNOWN_MEMBER)).get(1);
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            assertThat(on(refused(send, ErrorCode.UNKNOWN_MEMBER))).isEmpty();
            waits.add(member.dueMs(nowMs) - nowMs);
            nowMs = member.dueMs(nowMs);
            send = onlySend(on(new Tick(Tick.POLLING)));
        }
        assertThat(waits).containsExactly(20L, 40L, 80L, 160L, 320L, 640L, 1_000L, 1_000L);
    }

    @Test
    void aLostAnswerIsAskedForAgainAndNothingIsLost() {
        Send waiting = join(5, A);

        assertThat(on(refused(waiting, ErrorCode.UNAVAILABLE))).isEmpty();
        nowMs += 20;
        assertThat(onlySend(on(new Tick(Tick.POLLING)))).isEqualTo(new Send(3, 5, ORDERS, Set.of(A), INTERVAL_MS));
    }

    @Test
    void answersFromTheStayBeforeCountNoMore() {
        Send waiting = join(5, A);
        Send changed = onlySend(on(new Subscribed(BILLS)));
        Send again = (Send) on(refused(changed, ErrorCode.UNKNOWN_MEMBER)).get(1);

        assertThat(on(answer(waiting, 5, A))).isEmpty();
        assertThat(on(answer(again, 9, B)).get(0)).isEqualTo(new Assign(2, Set.of(B)));
        assertThat(on(new GaveUp(1, Set.of(B)))).as("of the stay before").isEmpty();
    }

    @Test
    void anEarlierAnswerCountsButNotAfterALaterOne() {
        Send waiting = join(5, A);
        Send changed = onlySend(on(new Subscribed(BILLS)));
        assertThat(changed.subscription()).isEqualTo(BILLS);

        assertThat(on(answer(waiting, 6, A, B))).containsExactly(new Assign(1, Set.of(B)));
        on(answer(changed, 7, A, B, C));
        assertThat(on(answer(waiting, 6, A))).isEmpty();
        assertThat(member.memberEpoch()).isEqualTo(7);
    }

    @ParameterizedTest
    @EnumSource(names = {"INVALID_GROUP_ID", "INCONSISTENT_GROUP_PROTOCOL", "FENCED_INSTANCE_ID"})
    void whatCannotPassEndsTheMembership(ErrorCode code) {
        Send waiting = join(5, A);
        Failure failure = new Failure(code, "no");

        assertThat(on(new Refused(waiting.number(), failure))).containsExactly(new Lose(Set.of(A)), new Fail(failure));
        assertThat(member.dueMs(nowMs)).isEqualTo(Long.MAX_VALUE);
        assertThat(onlySend(on(new Subscribed(ORDERS))).memberEpoch()).isZero();
    }

    @Test
    void itLeavesWhenItIsToldTo() {
        Send waiting = join(5, A);
        Send leave = onlySend(on(Unsubscribed.INSTANCE));
        assertThat(leave.memberEpoch()).isEqualTo(GroupMembership.LEAVE);
        assertThat(leave.owned()).isEmpty();

        assertThat(on(answer(waiting, 5, A))).isEmpty();
        assertThat(on(answer(leave, -1))).containsExactly(Left.INSTANCE);
        assertThat(member.dueMs(nowMs)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aStaticMemberLeavesForAWhile() {
        member = new GroupMembership(new MembershipConfig("m", "host-1", POLL_MS));
        join(5, A);

        assertThat(onlySend(on(Unsubscribed.INSTANCE)).memberEpoch()).isEqualTo(GroupMembership.LEAVE_FOR_A_WHILE);
    }

    @Test
    void leavingIsTriedAFewTimesOnly() {
        join(5, A);
        Send leave = onlySend(on(Unsubscribed.INSTANCE));
        for (int i = 0; i < 4; i++) {
            assertThat(on(refused(leave, ErrorCode.UNAVAILABLE))).isEmpty();
            nowMs += 1_000;
            leave = onlySend(on(new Tick(Tick.POLLING)));
        }
        assertThat(on(refused(leave, ErrorCode.UNAVAILABLE))).containsExactly(Left.INSTANCE);
    }

    @Test
    void whoSubscribesWhileItLeavesJoinsAfterwards() {
        join(5, A);
        Send leave = onlySend(on(Unsubscribed.INSTANCE));
        assertThat(on(new Subscribed(BILLS))).isEmpty();

        assertThat(onlySend(on(answer(leave, -1)))).isEqualTo(new Send(4, 0, BILLS, Set.of(), 0));
    }

    @Test
    void anApplicationThatDoesNotPollIsOutUntilItDoes() {
        Send waiting = join(5, A, B);
        long idleSinceMs = nowMs;
        nowMs += POLL_MS - 1;
        assertThat(on(new Tick(idleSinceMs))).isEmpty();
        assertThat(member.dueMs(nowMs)).isEqualTo(nowMs + 1);
        nowMs++;

        List<GroupEffect> effects = on(new Tick(idleSinceMs));
        assertThat(effects.get(0)).isEqualTo(new Lose(Set.of(A, B)));
        Send leave = (Send) effects.get(1);
        assertThat(leave.memberEpoch()).isEqualTo(GroupMembership.LEAVE);
        assertThat(on(answer(waiting, 5, A, B))).isEmpty();
        assertThat(member.isStale()).isTrue();
        assertThat(on(answer(leave, -1))).isEmpty();
        assertThat(member.dueMs(nowMs)).isEqualTo(Long.MAX_VALUE);

        assertThat(onlySend(on(PollsAgain.INSTANCE)).memberEpoch()).isZero();
        assertThat(member.isStale()).isFalse();
    }

    /**
     * Several members against a coordinator that gives a partition away only when nobody names it, with answers lost and
     * members thrown out: no application reads what the coordinator takes for given up, and each partition is read by one
     * at the end.
     */
    @Test
    void randomRebalancesEndWithEveryPartitionReadOnce() {
        for (long seed = 1; seed <= 300; seed++) {
            new Rebalances(seed).run();
        }
    }

    /** A group of three in one thread. */
    private static final class Rebalances {
        private final Random random;
        private final long seed;
        private final List<GroupMembership> members = new ArrayList<>();
        private final List<List<GroupEffect>> mail = new ArrayList<>();
        private final List<Set<PartitionId>> read = new ArrayList<>();
        private final Map<Integer, Set<PartitionId>> held = new HashMap<>();
        /** Those that do not know it yet; others may read what they read. */
        private final Set<Integer> thrownOut = new HashSet<>();

        private int epoch = 1;
        private long nowMs;

        Rebalances(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            for (int i = 0; i < 3; i++) {
                members.add(new GroupMembership(new MembershipConfig("m" + i, "", POLL_MS)));
                mail.add(new ArrayList<>());
                read.add(new TreeSet<>());
                on(i, new Subscribed(ORDERS));
            }
        }

        void run() {
            for (int step = 0; step < 400; step++) {
                boolean isCalm = step > 250;
                int who = random.nextInt(3);
                if (!isCalm && random.nextInt(25) == 0) {
                    held.remove(who); // Its session is over.
                    thrownOut.add(who);
                    epoch++;
                } else if (!mail.get(who).isEmpty()) {
                    carryOut(who, mail.get(who).remove(0), isCalm);
                } else {
                    nowMs += random.nextInt(2_000);
                    on(who, new Tick(Tick.POLLING));
                }
                held.forEach((member, partitions) -> {
                    if (!thrownOut.contains(member)) {
                        assertThat(partitions).as("seed %d", seed).containsAll(read.get(member));
                    }
                });
            }
            assertThat(read.stream().flatMap(Set::stream))
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrder(partitions().toArray(PartitionId[]::new));
        }

        private static List<PartitionId> partitions() {
            List<PartitionId> all = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                all.add(new PartitionId(TOPIC, i));
            }
            return all;
        }

        private void on(int who, GroupEvent event) {
            members.get(who).on(event, nowMs, mail.get(who));
        }

        private void carryOut(int who, GroupEffect effect, boolean isCalm) {
            if (effect instanceof Assign assign) {
                assertThat(read.get(who)).as("seed %d", seed).doesNotContainAnyElementsOf(assign.partitions());
                read.get(who).addAll(assign.partitions());
            } else if (effect instanceof Revoke revoke) {
                assertThat(read.get(who)).as("seed %d", seed).containsAll(revoke.partitions());
                read.get(who).removeAll(revoke.partitions());
                on(who, new GaveUp(revoke.stay(), revoke.partitions()));
            } else if (effect instanceof Lose lose) {
                assertThat(read.get(who)).as("seed %d", seed).isEqualTo(lose.partitions());
                read.get(who).clear();
                thrownOut.remove(who);
            } else if (effect instanceof Send send) {
                GroupEvent answer = coordinate(who, send);
                boolean isLost = !isCalm && random.nextInt(5) == 0;
                on(who, isLost ? new Refused(send.number(), new Failure(ErrorCode.UNAVAILABLE, "lost")) : answer);
            }
        }

        private GroupEvent coordinate(int who, Send send) {
            if (send.memberEpoch() == GroupMembership.JOIN) {
                held.put(who, new TreeSet<>());
                if (read.get(who).isEmpty() && mail.get(who).isEmpty()) {
                    thrownOut.remove(who);
                }
                epoch++;
            } else if (!held.containsKey(who)) {
                return new Refused(send.number(), new Failure(ErrorCode.UNKNOWN_MEMBER, "who?"));
            }
            List<Integer> present = new ArrayList<>(new TreeSet<>(held.keySet()));
            Set<PartitionId> target = new TreeSet<>();
            for (PartitionId partition : partitions()) {
                if (present.get(partition.partition() % present.size()) == who) {
                    target.add(partition);
                }
            }
            held.get(who).removeIf(p -> !target.contains(p) && !send.owned().contains(p));
            for (PartitionId partition : target) {
                if (held.values().stream().noneMatch(h -> h.contains(partition))) {
                    held.get(who).add(partition);
                }
            }
            target.retainAll(held.get(who));
            return new Answered(send.number(), epoch, target, INTERVAL_MS);
        }
    }

    /** Joins, and answers the heartbeat that waits. */
    private Send join(int epoch, PartitionId... partitions) {
        Send join = onlySend(on(new Subscribed(ORDERS)));
        return (Send) on(answer(join, epoch, partitions)).get(1);
    }

    private static Answered answer(Send send, int epoch, PartitionId... partitions) {
        return new Answered(send.number(), epoch, Set.of(partitions), INTERVAL_MS);
    }

    private static Refused refused(Send send, ErrorCode code) {
        return new Refused(send.number(), new Failure(code, "no"));
    }

    private List<GroupEffect> on(GroupEvent event) {
        List<GroupEffect> effects = new ArrayList<>();
        member.on(event, nowMs, effects);
        return effects;
    }

    private static Send onlySend(List<GroupEffect> effects) {
        assertThat(effects).hasSize(1).first().isInstanceOf(Send.class);
        return (Send) effects.get(0);
    }
}
