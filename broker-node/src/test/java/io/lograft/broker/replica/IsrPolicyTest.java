package io.lograft.broker.replica;

import static io.lograft.broker.replica.ReplicaFixture.broker;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.replica.ReplicaEffect.IsrMember;
import io.lograft.broker.replica.ReplicaEffect.ProposeIsr;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When a leader proposes other in-sync sets, and whom the high watermark waits for meanwhile. */
class IsrPolicyTest {

    private static List<Integer> ids(ProposeIsr proposal) {
        return proposal.members().stream().map(member -> member.id().value()).toList();
    }

    /** Both have the first record, before which nobody is proposed out. */
    private static ReplicaFixture leadingWithARecordEverywhere() {
        ReplicaFixture f = leadingWithBothFollowing();
        f.produce(1, Acks.LEADER);
        f.flush();
        f.ack(2, 1, 1, 1);
        f.ack(3, 1, 1, 1);
        f.effects.clear();
        return f;
    }

    private static ReplicaFixture leadingWithBothFollowing() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.follow(2, 1);
        f.follow(3, 1);
        f.ack(2, 1, 0, 0);
        f.ack(3, 1, 0, 0);
        f.effects.clear();
        return f;
    }

    @Test
    void aFollowerWithoutStreamLeavesAfterOneSecond() {
        ReplicaFixture f = leadingWithARecordEverywhere();
        f.turn(new ReplicaEvent.FollowerStreamClosed(broker(3), 30));
        assertThat(f.replica.nextDeadlineMs()).isEqualTo(f.nowMs + 1_000);
        f.tickAt(f.nowMs + 999);
        assertThat(f.seen(ProposeIsr.class)).isEmpty();
        f.tickAt(f.nowMs + 1);
        ProposeIsr proposal = f.only(ProposeIsr.class);
        assertThat(proposal)
                .isEqualTo(new ProposeIsr(1, 1, List.of(new IsrMember(broker(1), 101), new IsrMember(broker(2), 102))));
    }

    @Test
    void aFollowerThatStandsStillLeavesAfterFiveSecondsAndAnIdleOneStays() {
        ReplicaFixture f = leadingWithBothFollowing();
        f.tickAt(f.nowMs + 60_000);
        assertThat(f.seen(ProposeIsr.class)).isEmpty();
        long start = f.nowMs;
        f.produce(1, Acks.LEADER);
        f.flush();
        f.ack(2, 1, 1, 1);
        f.tickAt(start + 4_999);
        assertThat(f.seen(ProposeIsr.class)).isEmpty();
        f.tickAt(start + 5_000);
        assertThat(ids(f.only(ProposeIsr.class))).containsExactly(1, 2);
    }

    @Test
    void aFollowerThatIsAlwaysALittleBehindStays() {
        ReplicaFixture f = leadingWithBothFollowing();
        for (int i = 1; i <= 100; i++) {
            f.tickAt(f.nowMs + 100);
            f.produce(1, Acks.LEADER);
            f.flush();
            f.ack(2, 1, i, i);
            f.ack(3, 1, i - 1, i - 1);
        }
        assertThat(f.seen(ProposeIsr.class)).isEmpty();
    }

    @Test
    void whoeverIsProposedOutCountsUntilThatIsConfirmed() {
        ReplicaFixture f = leadingWithBothFollowing();
        f.turn(new ReplicaEvent.FollowerStreamClosed(broker(3), 30));
        long request = f.produce(1, Acks.ALL);
        f.flush();
        f.ack(2, 1, 1, 1);
        f.tickAt(f.nowMs + 1_000);
        assertThat(f.seen(ProposeIsr.class)).hasSize(1);
        assertThat(f.outcome(request)).isNull();
        f.metadata(f.configuration(1, 1, 2, 1, 2));
        assertThat(f.outcome(request)).isInstanceOf(ProduceOutcome.Acknowledged.class);
    }

    @Test
    void whoeverIsProposedInCountsAtOnce() {
        ReplicaFixture f = new ReplicaFixture();
        f.metadata(f.configuration(1, 1, 1, 1, 2));
        f.follow(2, 1);
        f.ack(2, 1, 0, 0);
        f.follow(3, 1);
        f.ack(3, 1, 0, 0);
        assertThat(ids(f.only(ProposeIsr.class))).containsExactly(1, 2, 3);
        long request = f.produce(1, Acks.ALL);
        f.flush();
        f.ack(2, 1, 1, 1);
        assertThat(f.outcome(request)).isNull();
        f.ack(3, 1, 1, 1);
        assertThat(f.outcome(request)).isNotNull();
    }

    @Test
    void anUnansweredProposalIsRepeatedAndWithdrawnWhenItsReasonIsGone() {
        ReplicaFixture f = leadingWithARecordEverywhere();
        f.turn(new ReplicaEvent.FollowerStreamClosed(broker(3), 30));
        f.tickAt(f.nowMs + 1_000);
        assertThat(f.replica.nextDeadlineMs()).isEqualTo(f.nowMs + 500);
        f.tickAt(f.nowMs + 500);
        assertThat(f.seen(ProposeIsr.class)).hasSize(2).allMatch(p -> ids(p).equals(List.of(1, 2)));
        f.follow(3, 2);
        f.ack(3, 2, 1, 1);
        f.tickAt(f.nowMs + 500);
        assertThat(ids(f.seen(ProposeIsr.class).getLast())).containsExactly(1, 2, 3);
        f.metadata(f.configuration(1, 1, 2, 1, 2, 3));
        assertThat(f.replica.nextDeadlineMs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theSameProposalIsRepeatedAfterGrowingPauses() {
        ReplicaFixture f = leadingWithARecordEverywhere();
        f.turn(new ReplicaEvent.FollowerStreamClosed(broker(3), 30));
        f.tickAt(f.nowMs + 1_000);
        long firstMs = f.nowMs;
        assertThat(f.seen(ProposeIsr.class)).hasSize(1);
        long[] repeatsMs = {500, 1_500, 3_500, 7_500, 12_500, 17_500};
        for (int i = 0; i < repeatsMs.length; i++) {
            while (f.nowMs < firstMs + repeatsMs[i]) {
                assertThat(f.seen(ProposeIsr.class)).hasSize(i + 1);
                f.tickAt(f.replica.nextDeadlineMs());
            }
            assertThat(f.nowMs).isEqualTo(firstMs + repeatsMs[i]);
            assertThat(f.seen(ProposeIsr.class)).hasSize(i + 2);
        }

        // News of the cluster may mean another controller.
        f.metadata(f.configuration(1, 1, 1, 1, 2, 3));
        f.tickAt(f.nowMs + 500);
        assertThat(f.seen(ProposeIsr.class)).hasSize(repeatsMs.length + 2);
    }

    @Test
    void aWithdrawnJoinerStillCountsUntilANewPartitionEpoch() {
        ReplicaFixture f = new ReplicaFixture();
        f.metadata(f.configuration(1, 1, 1, 1, 2));
        f.follow(2, 1);
        f.ack(2, 1, 0, 0);
        f.follow(3, 1);
        f.ack(3, 1, 0, 0);
        f.turn(new ReplicaEvent.FollowerStreamClosed(broker(3), 30));
        f.tickAt(f.nowMs + 500);
        assertThat(ids(f.seen(ProposeIsr.class).getLast())).containsExactly(1, 2);
        long request = f.produce(1, Acks.ALL);
        f.flush();
        f.ack(2, 1, 1, 1);
        assertThat(f.outcome(request)).isNull();
        f.metadata(f.configuration(1, 1, 2, 1, 2));
        assertThat(f.outcome(request)).isNotNull();
    }

    @Test
    void nobodyJoinsBeforeThisEpochsFirstOffset() {
        ReplicaFixture f = new ReplicaFixture();
        f.log.append(io.lograft.broker.sim.SimBatch.fromClient(-1, -1, -1, 5, "old"), 1);
        f.log.flushedTo(5);
        f.metadata(f.configuration(1, 2, 2, Set.of(1), Set.of(3)));
        f.follow(3, 1);
        f.ack(3, 1, 4, 4);
        assertThat(f.seen(ProposeIsr.class)).isEmpty();
        f.ack(3, 1, 5, 5);
        assertThat(ids(f.only(ProposeIsr.class))).containsExactly(1, 3);
    }

    @Test
    void aNewLifeOfABrokerStartsFromNothing() {
        ReplicaFixture f = leadingWithBothFollowing();
        long request = f.produce(1, Acks.ALL);
        f.flush();
        f.ack(2, 1, 1, 1);
        f.ack(3, 1, 0, 0);
        PartitionConfiguration c = f.configuration(1, 1, 2, 1, 2, 3);
        List<PartitionConfiguration.Member> members = c.replicas().stream()
                .map(m -> m.id().equals(broker(2))
                        ? new PartitionConfiguration.Member(m.id(), 900, true, false, true)
                        : m)
                .toList();
        f.metadata(new PartitionConfiguration(c.self(), 101, c.leader(), 1, 2, members, 2, c.flushMode(), -1));
        f.ack(3, 1, 1, 1);
        f.ack(2, 1, 1, 1);
        assertThat(f.outcome(request)).isNull();
    }

    @Test
    void aSmallSetAsksForAHandOverWithGrowingPauses() {
        ReplicaFixture f = new ReplicaFixture();
        f.metadata(f.configuration(1, 1, 1, Set.of(1), Set.of(2)));
        f.tickAt(f.nowMs + 5_000);
        assertThat(f.seen(ReplicaEffect.RequestHandOver.class)).hasSize(1);
        f.tickAt(f.nowMs + 5_000);
        assertThat(f.seen(ReplicaEffect.RequestHandOver.class)).hasSize(2);
        f.tickAt(f.nowMs + 5_000);
        assertThat(f.seen(ReplicaEffect.RequestHandOver.class)).hasSize(2);
    }
}
