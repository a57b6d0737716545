package io.lograft.broker.replica;

import static io.lograft.broker.replica.ReplicaFixture.broker;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.sim.SimBatch;
import io.lograft.broker.sim.SimLog;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a follower does with streams, answers and batches. */
class FollowerRoleTest {
    private static final long STREAM = 7;
    private static final long CATCH_UP_STREAM = 8;

    /** A log of two epochs: five records of epoch 1, five of epoch 2. */
    private static SimLog log() {
        SimLog log = new SimLog(FlushMode.COMMIT);
        log.append(SimBatch.fromClient(-1, -1, -1, 5, "a"), 1);
        log.append(SimBatch.fromClient(-1, -1, -1, 5, "b"), 2);
        log.flushedTo(10);
        return log;
    }

    /** A log that begins empty at 10, and has lost what it knew of producers. */
    private static SimLog withoutProducers() {
        SimLog log = new SimLog(FlushMode.OS);
        log.startOver(10);
        log.loseProducers();
        return log;
    }

    private static ReplicaEvent.AppendReceived append(
            int epoch, long number, long from, int records, long highWatermark) {
        SimLog source = new SimLog(FlushMode.COMMIT);
        source.startOver(from);
        if (records > 0) {
            source.append(SimBatch.fromClient(-1, -1, -1, records, "r" + from), epoch);
        }
        return new ReplicaEvent.AppendReceived(
                STREAM,
                epoch,
                number,
                from,
                from + records,
                highWatermark,
                0,
                records == 0 ? null : source.read(from, 1_000));
    }

    private static void open(ReplicaFixture f, int leader, StreamKind kind, long stream) {
        f.turn(new ReplicaEvent.LeaderStreamOpened(broker(leader), kind, stream));
    }

    private static ReplicaEvent.FollowingReceived accepted(int epoch, long number, long truncateTo, long hw) {
        return new ReplicaEvent.FollowingReceived(STREAM, epoch, number, truncateTo, false, hw, null, 0);
    }

    @Test
    void aMemberOfTheSetFollowsOnTheInSyncStream() {
        ReplicaFixture f = new ReplicaFixture(log(), 4);
        f.metadata(f.configuration(2, 3, 3, 1, 2, 3));
        assertThat(f.only(ReplicaEffect.ConnectTo.class).leader()).isEqualTo(broker(2));
        open(f, 2, StreamKind.CATCH_UP, CATCH_UP_STREAM);
        assertThat(f.seen(ReplicaEffect.SendFollow.class)).isEmpty();
        open(f, 2, StreamKind.IN_SYNC, STREAM);
        assertThat(f.only(ReplicaEffect.SendFollow.class))
                .isEqualTo(new ReplicaEffect.SendFollow(broker(2), STREAM, 3, 1, 0, 10, f.log.epochs(), 0));
    }

    @Test
    void whoHasLostWhatItKnewOfProducersStartsOverBeforeItIsLetIn() {
        SimLog log = withoutProducers();
        ReplicaFixture f = new ReplicaFixture(log, 10);
        f.metadata(f.configuration(2, 3, 3, 2, 3));
        open(f, 2, StreamKind.CATCH_UP, STREAM);
        assertThat(f.only(ReplicaEffect.SendFollow.class))
                .isEqualTo(new ReplicaEffect.SendFollow(broker(2), STREAM, 3, 1, 0, 0, List.of(), 0));
        f.effects.clear();
        // The leader's log begins at 0, so to the leader nothing is there to be dropped.
        f.turn(accepted(3, 1, 0, 20));
        assertThat(f.only(ReplicaEffect.StartOverAt.class).offset()).isZero();
        assertThat(log.hasLostProducers()).isFalse();
    }

    @Test
    void whoIsLetInMeanwhileDoesNotStartOver() {
        SimLog log = withoutProducers();
        ReplicaFixture f = new ReplicaFixture(log, 10);
        f.metadata(f.configuration(2, 3, 3, 2, 3));
        open(f, 2, StreamKind.CATCH_UP, STREAM);
        f.metadata(f.configuration(2, 3, 4, 1, 2, 3));
        f.effects.clear();
        f.turn(accepted(3, 1, 0, 20));
        assertThat(f.seen(ReplicaEffect.StartOverAt.class)).isEmpty();
        assertThat(f.seen(ReplicaEffect.FailReplica.class)).isEmpty();
        assertThat(log.logEndOffset()).isEqualTo(10);
    }

    @Test
    void whoHasRecordsSinceGoesOnWithThem() {
        SimLog log = log();
        log.loseProducers();
        ReplicaFixture f = new ReplicaFixture(log, 4);
        f.metadata(f.configuration(2, 3, 3, 2, 3));
        open(f, 2, StreamKind.CATCH_UP, STREAM);
        assertThat(f.only(ReplicaEffect.SendFollow.class).logEndOffset()).isEqualTo(10);
    }

    @Test
    void aMemberOfASetGoesOnWithWhatItKnowsOfProducers() {
        SimLog log = log();
        log.loseProducers();
        ReplicaFixture f = new ReplicaFixture(log, 4);
        f.metadata(f.configuration(2, 3, 3, 1, 2, 3));
        open(f, 2, StreamKind.IN_SYNC, STREAM);
        assertThat(f.only(ReplicaEffect.SendFollow.class).logEndOffset()).isEqualTo(10);
    }

    @Test
    void itTruncatesThenAcknowledges() {
        ReplicaFixture f = new ReplicaFixture(log(), 4);
        f.metadata(f.configuration(2, 3, 3, 1, 2, 3));
        open(f, 2, StreamKind.IN_SYNC, STREAM);
        f.effects.clear();
        f.turn(accepted(3, 1, 5, 5));
        assertThat(f.effects)
                .containsExactly(
                        new ReplicaEffect.TruncateTo(5),
                        new ReplicaEffect.HighWatermarkChanged(5),
                        new ReplicaEffect.SendAck(broker(2), STREAM, 3, 1, 5, 5, false, 0));
        assertThat(f.log.logEndOffset()).isEqualTo(5);
    }

    @Test
    void goingBelowItsHighWatermarkIsRefusedLoudly() {
        ReplicaFixture f = new ReplicaFixture(log(), 6);
        f.metadata(f.configuration(2, 3, 3, 1, 2, 3));
        open(f, 2, StreamKind.IN_SYNC, STREAM);
        f.turn(accepted(3, 1, 5, 5));
        assertThat(f.only(ReplicaEffect.FailReplica.class).reason()).contains("truncate to 5", "high watermark 6");
        assertThat(f.log.logEndOffset()).isEqualTo(10);
        f.effects.clear();
        f.turn(append(3, 1, 10, 1, 11));
        assertThat(f.effects).isEmpty();
    }

    @Test
    void anUncleanEpochMayGoBelowTheHighWatermark() {
        ReplicaFixture f = new ReplicaFixture(log(), 6);
        f.metadata(ReplicaFixture.withLastUnclean(f.configuration(2, 3, 3, 2, 3), 3));
        open(f, 2, StreamKind.CATCH_UP, STREAM);
        f.turn(accepted(3, 1, 5, 5));
        assertThat(f.log.logEndOffset()).isEqualTo(5);
        assertThat(f.replica.highWatermark()).isEqualTo(5);
    }

    @Test
    void startingOverBelowTheHighWatermarkIsForOutsidersOnly() {
        for (boolean inside : new boolean[] {true, false}) {
            ReplicaFixture f = new ReplicaFixture(log(), 6);
            f.metadata(f.configuration(2, 3, 3, Set.of(2, 3), inside ? Set.of(1) : Set.of()));
            open(f, 2, StreamKind.CATCH_UP, STREAM);
            f.turn(new ReplicaEvent.FollowingReceived(STREAM, 3, 1, 2, true, 2, null, 0));
            assertThat(f.seen(ReplicaEffect.FailReplica.class)).hasSize(inside ? 1 : 0);
            assertThat(f.log.logEndOffset()).isEqualTo(inside ? 10 : 2);
        }
    }

    @Test
    void aStartOverThatFindsNoRoomLeavesTheHighWatermarkOfTheLogThatStays() {
        ReplicaFixture f = new ReplicaFixture(log(), 6);
        f.metadata(f.configuration(2, 3, 3, Set.of(2, 3), Set.of()));
        open(f, 2, StreamKind.CATCH_UP, STREAM);
        f.nextAppendFailure = new ReplicaEvent.AppendFailed(ErrorCode.DISK_FULL, "full");
        f.turn(new ReplicaEvent.FollowingReceived(STREAM, 3, 1, 20, true, 25, null, 0));
        assertThat(f.log.logEndOffset()).isEqualTo(10);
        assertThat(f.replica.highWatermark()).isEqualTo(6);
    }

    @Test
    void appendsAreAcknowledgedAgainWhenFlushed() {
        ReplicaFixture f = new ReplicaFixture().following();
        f.turn(append(1, 1, 0, 3, 0));
        assertThat(f.only(ReplicaEffect.SendAck.class))
                .isEqualTo(new ReplicaEffect.SendAck(broker(2), STREAM, 1, 1, 3, 0, false, 0));
        f.effects.clear();
        f.flush();
        assertThat(f.only(ReplicaEffect.SendAck.class).flushedOffset()).isEqualTo(3);
    }

    @Test
    void theHighWatermarkHeardCountsUpToTheLogEnd() {
        ReplicaFixture f = new ReplicaFixture().following();
        f.turn(append(1, 1, 0, 3, 9));
        assertThat(f.replica.highWatermark()).isEqualTo(3);
        f.turn(append(1, 1, 3, 0, 9));
        f.turn(append(1, 1, 3, 2, 2));
        assertThat(f.replica.highWatermark()).isEqualTo(5);
    }

    @Test
    void oneTurnAcknowledgesOnce() {
        ReplicaFixture f = new ReplicaFixture().following();
        f.on(append(1, 1, 0, 3, 0));
        f.on(append(1, 1, 3, 3, 0));
        f.on(ReplicaEvent.TurnEnded.INSTANCE);
        assertThat(f.only(ReplicaEffect.SendAck.class).logEndOffset()).isEqualTo(6);
    }

    @Test
    void messagesOfOtherEpochsAndNumbersAreDropped() {
        ReplicaFixture f = new ReplicaFixture().following();
        f.turn(append(1, 2, 0, 3, 0));
        f.turn(append(2, 1, 0, 3, 0));
        assertThat(f.effects).isEmpty();
        assertThat(f.log.logEndOffset()).isZero();
    }

    @Test
    void aWrongOffsetOrAFailedAppendMakesItFollowAnew() {
        ReplicaFixture f = new ReplicaFixture().following();
        f.turn(append(1, 1, 4, 3, 0));
        assertThat(f.only(ReplicaEffect.SendUnfollow.class).number()).isEqualTo(1);
        f.tickAt(f.replica.nextDeadlineMs());
        assertThat(f.only(ReplicaEffect.SendFollow.class).number()).isEqualTo(2);
        f.turn(accepted(1, 2, 0, 0));
        f.effects.clear();
        f.nextAppendFailure = new ReplicaEvent.AppendFailed(ErrorCode.DISK_FULL, "full");
        f.turn(append(1, 2, 0, 3, 0));
        assertThat(f.seen(ReplicaEffect.SendAck.class)).isEmpty();
        assertThat(f.only(ReplicaEffect.SendUnfollow.class).number()).isEqualTo(2);
    }

    @Test
    void aFollowerWithoutRoomStaysAwayLongEnoughToBeLeftOutAndComesBackByItself() {
        ReplicaFixture f = new ReplicaFixture().following();
        long[] pauses = {2_000, 4_000, 5_000, 5_000};
        for (int i = 0; i < pauses.length; i++) {
            f.nextAppendFailure = new ReplicaEvent.AppendFailed(ErrorCode.DISK_FULL, "no space left");
            f.turn(append(1, i + 1, 0, 3, 0));
            assertThat(f.seen(ReplicaEffect.SendUnfollow.class)).hasSize(i + 1);
            assertThat(f.replica.nextDeadlineMs()).isEqualTo(f.nowMs + pauses[i]);
            f.tickAt(f.replica.nextDeadlineMs());
            f.turn(accepted(1, i + 2, 0, 0));
        }
        f.turn(append(1, pauses.length + 1, 0, 3, 0));
        assertThat(f.log.logEndOffset()).isEqualTo(3);
        f.turn(new ReplicaEvent.FollowRefusedReceived(STREAM, pauses.length + 1, ErrorCode.UNKNOWN_LEADER_EPOCH, ""));
        assertThat(f.replica.nextDeadlineMs()).as("the pauses are short again").isEqualTo(f.nowMs + 50);
    }

    @Test
    void aRefusedFollowIsRepeatedWithGrowingPauses() {
        ReplicaFixture f = new ReplicaFixture();
        f.metadata(f.configuration(2, 1, 1, 1, 2, 3));
        open(f, 2, StreamKind.IN_SYNC, STREAM);
        long[] pauses = {50, 100, 200};
        for (int i = 0; i < pauses.length; i++) {
            f.turn(new ReplicaEvent.FollowRefusedReceived(STREAM, i + 1, ErrorCode.UNKNOWN_LEADER_EPOCH, "wait"));
            assertThat(f.replica.nextDeadlineMs()).isEqualTo(f.nowMs + pauses[i]);
            f.tickAt(f.replica.nextDeadlineMs());
            assertThat(f.seen(ReplicaEffect.SendFollow.class)).hasSize(i + 2);
        }
    }

    @Test
    void anOutsiderCatchesUpOnItsOwnStreamAndThenChanges() {
        ReplicaFixture f = new ReplicaFixture();
        f.metadata(f.configuration(2, 1, 1, 2, 3));
        open(f, 2, StreamKind.IN_SYNC, STREAM);
        open(f, 2, StreamKind.CATCH_UP, CATCH_UP_STREAM);
        assertThat(f.only(ReplicaEffect.SendFollow.class).streamId()).isEqualTo(CATCH_UP_STREAM);
        f.turn(accepted(1, 1, 0, 6));
        f.effects.clear();
        f.turn(append(1, 1, 0, 3, 6));
        assertThat(f.seen(ReplicaEffect.SendFollow.class)).isEmpty();
        f.turn(append(1, 1, 3, 3, 6));
        ReplicaEffect.SendFollow again = f.only(ReplicaEffect.SendFollow.class);
        assertThat(again.streamId()).isEqualTo(STREAM);
        assertThat(again.number()).isEqualTo(2);
        assertThat(again.logEndOffset()).isEqualTo(6);
    }

    @Test
    void aBrokenStreamIsAwaited() {
        ReplicaFixture f = new ReplicaFixture().following();
        f.turn(new ReplicaEvent.LeaderStreamClosed(broker(2), StreamKind.IN_SYNC, STREAM));
        f.turn(append(1, 1, 0, 3, 0));
        assertThat(f.log.logEndOffset()).isZero();
        open(f, 2, StreamKind.IN_SYNC, 9);
        assertThat(f.only(ReplicaEffect.SendFollow.class).streamId()).isEqualTo(9);
    }

    @Test
    void aNewLeaderGetsNewStreamsAndANewEpochOfTheSameOneANewFollow() {
        ReplicaFixture f = new ReplicaFixture().following();
        f.metadata(f.configuration(3, 2, 2, 1, 3));
        assertThat(f.only(ReplicaEffect.SendUnfollow.class).leader()).isEqualTo(broker(2));
        assertThat(f.only(ReplicaEffect.DisconnectFrom.class).leader()).isEqualTo(broker(2));
        assertThat(f.only(ReplicaEffect.ConnectTo.class).leader()).isEqualTo(broker(3));
        open(f, 3, StreamKind.IN_SYNC, 11);
        f.effects.clear();
        f.metadata(f.configuration(3, 3, 3, 1, 3));
        assertThat(f.only(ReplicaEffect.SendFollow.class).leaderEpoch()).isEqualTo(3);
        assertThat(f.seen(ReplicaEffect.ConnectTo.class)).isEmpty();
    }

    @Test
    void theLeaderStartsFromTheGreatestHighWatermarkHeard() {
        ReplicaFixture f = new ReplicaFixture().following();
        f.turn(append(1, 1, 0, 3, 2));
        f.metadata(f.configuration(1, 2, 2, 1, 3));
        assertThat(f.replica.isLeader()).isTrue();
        assertThat(f.replica.highWatermark()).isEqualTo(2);
    }

    /** The leader forgets the position of a broker that registered anew; found by seed 585 of the simulation. */
    @Test
    void aNewRegistrationFollowsAnew() {
        ReplicaFixture f = new ReplicaFixture().following();
        PartitionConfiguration now = f.configuration(2, 1, 1, 1, 2, 3);
        List<PartitionConfiguration.Member> members = now.replicas().stream()
                .map(m -> m.id().equals(broker(1))
                        ? new PartitionConfiguration.Member(m.id(), 500, m.inSync(), m.eligible(), m.admissible())
                        : m)
                .toList();
        f.metadata(new PartitionConfiguration(
                now.self(), 500, now.leader(), 1, 1, members, now.minimum(), now.flushMode(), -1));
        assertThat(f.only(ReplicaEffect.SendFollow.class).number()).isEqualTo(2);
    }

    @Test
    void metadataOfAFormerLifeLeaveItIdle() {
        ReplicaFixture f = new ReplicaFixture();
        PartitionConfiguration now = f.configuration(1, 1, 1, 1, 2, 3);
        f.metadata(new PartitionConfiguration(
                now.self(),
                500,
                now.leader(),
                now.leaderEpoch(),
                now.partitionEpoch(),
                now.replicas(),
                now.minimum(),
                now.flushMode(),
                -1));
        assertThat(f.replica.isLeader()).isFalse();
        assertThat(f.effects).isEmpty();
    }
}
