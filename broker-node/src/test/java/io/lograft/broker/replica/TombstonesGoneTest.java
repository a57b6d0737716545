package io.lograft.broker.replica;

import static io.lograft.broker.replica.ReplicaFixture.broker;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.sim.SimBatch;
import io.lograft.broker.sim.SimLog;
import io.lograft.model.EpochStart;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A follower that ends below a tombstone that compaction removed must not go on with what it has. */
final class TombstonesGoneTest {
    private static final List<EpochStart> HISTORY = List.of(new EpochStart(1, 0));
    private static final long STREAM = 7;

    /** Ten records of epoch 1, one a batch. */
    private static SimLog log(long tombstonesGoneBelow) {
        SimLog log = new SimLog(FlushMode.COMMIT);
        for (int i = 0; i < 10; i++) {
            log.append(SimBatch.fromClient(-1, -1, -1, 1, "r" + i), 1);
        }
        log.flushedTo(10);
        log.compacted(tombstonesGoneBelow, tombstonesGoneBelow);
        return log;
    }

    private static ReplicaFixture leading(SimLog log) {
        ReplicaFixture f = new ReplicaFixture(log, 10);
        f.metadata(f.configuration(1, 2, 2, 1, 3));
        f.effects.clear();
        return f;
    }

    private static ReplicaEffect.SendFollowing answer(long tombstonesGoneBelow, long logEnd, long refilledBelow) {
        ReplicaFixture f = leading(log(tombstonesGoneBelow));
        f.follow(2, 1, logEnd, HISTORY, refilledBelow);
        return f.only(ReplicaEffect.SendFollowing.class);
    }

    @Test
    void whoeverEndsBelowThemStartsOver() {
        assertThat(answer(5, 4, 0).startOver()).isTrue();
        assertThat(answer(5, 4, 0).truncateTo()).isZero();
        assertThat(answer(5, 4, 0).tombstonesGoneBelow()).isEqualTo(5);
        assertThat(answer(5, 5, 0).startOver()).isFalse();
        assertThat(answer(0, 4, 0).startOver()).isFalse();
    }

    @Test
    void whoeverIsBeingRefilledWithoutThemGoesOn() {
        assertThat(answer(5, 4, 5).startOver()).isFalse();
        assertThat(answer(5, 4, 5).truncateTo()).isEqualTo(4);
        assertThat(answer(5, 4, 4).startOver()).isTrue();
    }

    @Test
    void aFollowerThatIsOvertakenByACompactionIsSentAway() {
        SimLog log = log(0);
        for (int i = 10; i < 60; i++) {
            log.append(SimBatch.fromClient(-1, -1, -1, 1, "r" + i), 1);
        }
        ReplicaFixture f = leading(log);
        f.follow(2, 1, 4, HISTORY, 0);
        // As much as the window has room for.
        assertThat(f.seen(ReplicaEffect.AppendTo.class)).isNotEmpty();
        f.effects.clear();
        log.compacted(60, 60);
        f.ack(2, 1, 4, 4);
        ReplicaEffect.RefuseFollow refusal = f.only(ReplicaEffect.RefuseFollow.class);
        assertThat(refusal.follower()).isEqualTo(broker(2));
        assertThat(refusal.code()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
        assertThat(f.seen(ReplicaEffect.AppendTo.class))
                .noneMatch(push -> push.follower().equals(broker(2)));
    }

    @Test
    void aRefillGoesOnWhileTombstonesGoWhoseValuesWereGoneBefore() {
        SimLog log = log(0);
        for (int i = 10; i < 100; i++) {
            log.append(SimBatch.fromClient(-1, -1, -1, 1, "r" + i), 1);
        }
        log.compacted(60, 20);
        ReplicaFixture f = leading(log);
        f.follow(2, 1, 4, HISTORY, 0);
        assertThat(f.only(ReplicaEffect.SendFollowing.class).startOver()).isTrue();

        f.effects.clear();
        log.compacted(90, 60);
        f.ack(2, 1, 1, 1);
        assertThat(f.seen(ReplicaEffect.RefuseFollow.class)).isEmpty();

        // What one deletes that lies above may have been sent.
        log.compacted(90, 61);
        f.ack(2, 1, 2, 2);
        assertThat(f.only(ReplicaEffect.RefuseFollow.class).code()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
    }

    @Test
    void aFollowerThatStartedOverRemembersWhatItsLogLacks() {
        ReplicaFixture f = new ReplicaFixture(log(0), 6);
        f.metadata(f.configuration(2, 2, 2, Set.of(2, 3), Set.of()));
        f.turn(new ReplicaEvent.LeaderStreamOpened(broker(2), StreamKind.CATCH_UP, STREAM));
        assertThat(f.only(ReplicaEffect.SendFollow.class).refilledBelow()).isZero();
        f.turn(new ReplicaEvent.FollowingReceived(STREAM, 2, 1, 0, true, 9, null, 8));
        assertThat(f.only(ReplicaEffect.StartOverAt.class)).isEqualTo(new ReplicaEffect.StartOverAt(0, null, 8));

        // Interrupted, it says so, and goes on from another leader that lacks less.
        f.metadata(f.configuration(3, 3, 3, Set.of(2, 3), Set.of()));
        f.turn(new ReplicaEvent.LeaderStreamOpened(broker(3), StreamKind.CATCH_UP, STREAM + 1));
        ReplicaEffect.SendFollow follow = f.seen(ReplicaEffect.SendFollow.class).getLast();
        assertThat(follow.refilledBelow()).isEqualTo(8);
        f.turn(new ReplicaEvent.FollowingReceived(STREAM + 1, 3, follow.number(), 0, false, 9, null, 5));

        // What comes from there may be what tombstones deleted that the first one lacked.
        f.metadata(f.configuration(2, 4, 4, Set.of(2, 3), Set.of()));
        f.turn(new ReplicaEvent.LeaderStreamOpened(broker(2), StreamKind.CATCH_UP, STREAM + 2));
        assertThat(f.seen(ReplicaEffect.SendFollow.class).getLast().refilledBelow())
                .isEqualTo(5);
    }
}
