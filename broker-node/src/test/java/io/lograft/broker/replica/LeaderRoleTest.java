package io.lograft.broker.replica;

import static io.lograft.broker.replica.ReplicaFixture.broker;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.replica.ProduceOutcome.Acknowledged;
import io.lograft.broker.replica.ProduceOutcome.Refused;
import io.lograft.broker.sim.SimBatch;
import io.lograft.broker.sim.SimLog;
import io.lograft.model.EpochStart;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a leader does with produced batches, acknowledgements and time. */
class LeaderRoleTest {

    private static Acknowledged acknowledged(ReplicaFixture f, long request) {
        assertThat(f.outcome(request)).isInstanceOf(Acknowledged.class);
        return (Acknowledged) f.outcome(request);
    }

    private static ErrorCode refusal(ReplicaFixture f, long request) {
        assertThat(f.outcome(request)).isInstanceOf(Refused.class);
        return ((Refused) f.outcome(request)).code();
    }

    @Test
    void acksAllWaitsUntilEveryInSyncReplicaHasFlushed() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.follow(2, 1);
        f.follow(3, 1);
        long request = f.produce(3, Acks.ALL);
        assertThat(f.log.logEndOffset()).isEqualTo(3);
        f.flush();
        f.ack(2, 1, 3, 3);
        f.ack(3, 1, 3, 0);
        assertThat(f.outcome(request)).isNull();
        f.ack(3, 1, 3, 3);
        assertThat(acknowledged(f, request)).isEqualTo(new Acknowledged(0, 1, 0, 3, 3, false));
        assertThat(f.only(ReplicaEffect.HighWatermarkChanged.class).highWatermark())
                .isEqualTo(3);
    }

    @Test
    void ownFlushCountsToo() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.follow(2, 1);
        f.follow(3, 1);
        long request = f.produce(1, Acks.ALL);
        f.ack(2, 1, 1, 1);
        f.ack(3, 1, 1, 1);
        assertThat(f.outcome(request)).isNull();
        f.flush();
        assertThat(acknowledged(f, request).replicasFlushed()).isEqualTo(3);
    }

    @Test
    void inOsModeThePageCachesAreEnoughOnceEachReplicaSaysSo() {
        ReplicaFixture f = new ReplicaFixture().inMode(FlushMode.OS).leading();
        assertThat(f.log.flushMode()).isEqualTo(FlushMode.OS);
        f.follow(2, 1);
        f.follow(3, 1);
        long request = f.produce(1, Acks.ALL);
        f.ack(2, 1, 1, 0);
        f.turn(new ReplicaEvent.FollowerAcked(broker(3), 30, 1, 1, 1, 0, false, 0));
        assertThat(f.outcome(request)).isNull();
        f.ack(3, 1, 1, 0);
        assertThat(acknowledged(f, request)).isEqualTo(new Acknowledged(0, 1, 0, 3, 0, false));
    }

    @Test
    void acksLeaderIsAnsweredAtOnce() {
        ReplicaFixture f = new ReplicaFixture().leading();
        assertThat(acknowledged(f, f.produce(2, Acks.LEADER)).baseOffset()).isZero();
        assertThat(acknowledged(f, f.produce(2, Acks.NONE)).baseOffset()).isEqualTo(2);
    }

    @Test
    void aBatchIsPushedToFollowersBeforeItIsFlushed() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.follow(2, 1);
        f.effects.clear();
        f.produce(1, Acks.ALL);
        ReplicaEffect.AppendTo push = f.only(ReplicaEffect.AppendTo.class);
        assertThat(push.follower()).isEqualTo(broker(2));
        assertThat(push.fromOffset()).isZero();
    }

    @Test
    void theWindowStopsAFollowerThatDoesNotAcknowledge() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.follow(2, 1);
        f.effects.clear();
        for (int i = 0; i < 30; i++) {
            f.produce(2, Acks.LEADER); // 101 bytes each, the window has 1000
        }
        long sent = f.seen(ReplicaEffect.AppendTo.class).getLast().fromOffset();
        assertThat(sent).isLessThan(24);
        f.effects.clear();
        f.ack(2, 1, 10, 0);
        assertThat(f.seen(ReplicaEffect.AppendTo.class).getFirst().maxBytes()).isPositive();
    }

    @Test
    void aFullStreamGetsNothingUntilItIsReady() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.follow(2, 1);
        f.on(new ReplicaEvent.Sent(broker(2), 20, 1, 0, 0, false));
        f.effects.clear();
        f.produce(1, Acks.ALL);
        assertThat(f.seen(ReplicaEffect.AppendTo.class)).isEmpty();
        f.turn(new ReplicaEvent.FollowerStreamReady(broker(2), 20));
        assertThat(f.only(ReplicaEffect.AppendTo.class).maxBytes()).isPositive();
    }

    @Test
    void aNewHighWatermarkIsToldWithoutRecords() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.follow(2, 1);
        f.follow(3, 1);
        f.produce(1, Acks.ALL);
        f.flush();
        f.ack(2, 1, 1, 1);
        f.effects.clear();
        f.ack(3, 1, 1, 1);
        assertThat(f.seen(ReplicaEffect.AppendTo.class))
                .allMatch(push -> push.maxBytes() == 0 && push.highWatermark() == 1)
                .hasSize(2);
    }

    @Test
    void aSmallInSyncSetRefusesAndStopsTheHighWatermark() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.follow(2, 1);
        f.follow(3, 1);
        long waiting = f.produce(1, Acks.ALL);
        f.metadata(f.configuration(1, 1, 2, Set.of(1), Set.of(2, 3)));
        assertThat(refusal(f, waiting)).isEqualTo(ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
        assertThat(refusal(f, f.produce(1, Acks.ALL))).isEqualTo(ErrorCode.NOT_ENOUGH_REPLICAS);
        f.flush();
        assertThat(f.replica.highWatermark()).isZero();
        assertThat(f.log.logEndOffset()).isEqualTo(1);
    }

    @Test
    void whoJoinsAfterALongAbsenceHasTheWholeLagTimeAgain() {
        ReplicaFixture f = new ReplicaFixture();
        f.metadata(f.configuration(1, 1, 1, 1, 2));
        f.follow(2, 1);
        f.ack(2, 1, 0, 0);
        f.nowMs += 20_000;
        f.produce(1, Acks.ALL);
        f.flush();
        f.ack(2, 1, 1, 1);
        f.produce(1, Acks.ALL);
        f.follow(3, 1);
        f.ack(3, 1, 1, 1);
        assertThat(f.only(ReplicaEffect.ProposeIsr.class).members())
                .as("it has what is committed, though not the log end")
                .hasSize(3);
        f.effects.clear();
        f.metadata(f.configuration(1, 1, 2, 1, 2, 3));
        f.tickAt(f.nowMs + 4_999);
        assertThat(f.seen(ReplicaEffect.ProposeIsr.class)).isEmpty();
        f.tickAt(f.nowMs + 1);
        assertThat(f.only(ReplicaEffect.ProposeIsr.class).members()).hasSize(1);
    }

    @Test
    void nobodyIsProposedOutBeforeTheFirstRecord() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.follow(2, 1);
        f.effects.clear();
        assertThat(f.replica.nextDeadlineMs()).isEqualTo(Long.MAX_VALUE);
        f.tickAt(f.nowMs + 60_000);
        assertThat(f.seen(ReplicaEffect.ProposeIsr.class)).isEmpty();
        f.produce(1, Acks.ALL);
        f.flush();
        f.ack(2, 1, 1, 1);
        f.tickAt(f.nowMs + 999);
        assertThat(f.seen(ReplicaEffect.ProposeIsr.class)).isEmpty();
        f.tickAt(f.nowMs + 1);
        assertThat(f.only(ReplicaEffect.ProposeIsr.class).members())
                .as("from then on the follower without a stream holds up the others")
                .hasSize(2);
    }

    @Test
    void aDeposedLeaderDoesNotKnowTheOutcomeButWhomToAsk() {
        ReplicaFixture f = new ReplicaFixture().leading();
        long waiting = f.produce(1, Acks.ALL);
        f.metadata(f.configuration(2, 2, 2, 2, 3));
        assertThat(refusal(f, waiting)).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
        assertThat(((Refused) f.outcome(waiting)).leader()).isEqualTo(Optional.of(broker(2)));
        assertThat(((Refused) f.outcome(waiting)).leaderEpoch()).isEqualTo(2);
        long late = f.produce(1, Acks.ALL);
        assertThat(((Refused) f.outcome(late)).leader()).isEqualTo(Optional.of(broker(2)));
        assertThat(refusal(f, late)).isEqualTo(ErrorCode.NOT_LEADER);
    }

    @Test
    void aRetryWaitsForTheCommitOfItsFirstCopy() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.follow(2, 1);
        f.follow(3, 1);
        SimBatch batch = SimBatch.fromClient(9, 0, 0, 2, "x");
        long first = f.produce(batch, Acks.ALL);
        long retry = f.produce(batch, Acks.ALL);
        f.flush();
        f.ack(2, 1, 2, 2);
        assertThat(f.outcome(retry)).isNull();
        f.ack(3, 1, 2, 2);
        assertThat(acknowledged(f, first).duplicate()).isFalse();
        assertThat(acknowledged(f, retry).duplicate()).isTrue();
        assertThat(acknowledged(f, f.produce(batch, Acks.ALL)).baseOffset()).isZero();
        assertThat(f.log.logEndOffset()).isEqualTo(2);
        assertThat(refusal(f, f.produce(SimBatch.fromClient(9, 0, 7, 1, "gap"), Acks.ALL)))
                .isEqualTo(ErrorCode.OUT_OF_ORDER_SEQUENCE);
    }

    @Test
    void tooManyWaitingRequestsMakeItBusyAndOldOnesTimeOut() {
        ReplicaFixture f = new ReplicaFixture().leading();
        long first = f.produce(1, Acks.ALL);
        f.produce(1, Acks.ALL);
        f.produce(1, Acks.ALL);
        assertThat(refusal(f, f.produce(1, Acks.ALL))).isEqualTo(ErrorCode.BUSY);
        assertThat(f.replica.nextDeadlineMs()).isLessThanOrEqualTo(f.nowMs + 30_000);
        f.tickAt(f.nowMs + 30_000);
        assertThat(refusal(f, first)).isEqualTo(ErrorCode.REQUEST_TIMED_OUT);
    }

    @Test
    void aFailedAppendIsAnsweredAndLeavesNoTrace() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.nextAppendFailure = new ReplicaEvent.AppendFailed(ErrorCode.DISK_FULL, "full");
        assertThat(refusal(f, f.produce(1, Acks.ALL))).isEqualTo(ErrorCode.DISK_FULL);
        f.nextAppendFailure = new ReplicaEvent.AppendFailed(ErrorCode.DISK_FULL, "full");
        assertThat(refusal(f, f.produce(1, Acks.LEADER))).isEqualTo(ErrorCode.DISK_FULL);
        assertThat(acknowledged(f, f.produce(1, Acks.LEADER)).baseOffset()).isZero();
    }

    @Test
    void aFollowerWithAnotherHistoryIsToldWhereToTruncate() {
        SimLog log = new SimLog(FlushMode.COMMIT);
        log.append(SimBatch.fromClient(-1, -1, -1, 5, "a"), 1);
        log.append(SimBatch.fromClient(-1, -1, -1, 5, "b"), 3);
        ReplicaFixture f = new ReplicaFixture(log, 0);
        f.metadata(f.configuration(1, 4, 4, 1, 2, 3));
        f.follow(2, 1, 8, List.of(new EpochStart(1, 0), new EpochStart(2, 7)));
        ReplicaEffect.SendFollowing answer = f.only(ReplicaEffect.SendFollowing.class);
        assertThat(answer.truncateTo()).isEqualTo(5);
        assertThat(answer.startOver()).isFalse();
    }

    @Test
    void followsOfOtherEpochsAreRefused() {
        ReplicaFixture f = new ReplicaFixture();
        f.metadata(f.configuration(1, 4, 4, 1, 2, 3));
        for (int epoch : new int[] {3, 5}) {
            f.turn(new ReplicaEvent.FollowReceived(
                    broker(2), 102, 20, StreamKind.IN_SYNC, epoch, 1, 0, 0, List.of(), 0));
        }
        assertThat(f.seen(ReplicaEffect.RefuseFollow.class))
                .extracting(ReplicaEffect.RefuseFollow::code)
                .containsExactly(ErrorCode.FENCED_LEADER_EPOCH, ErrorCode.UNKNOWN_LEADER_EPOCH);
    }

    @Test
    void aFollowerOfAFormerLifeIsRefused() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.turn(new ReplicaEvent.FollowReceived(broker(2), 99, 20, StreamKind.IN_SYNC, 1, 1, 0, 0, List.of(), 0));
        assertThat(f.only(ReplicaEffect.RefuseFollow.class).code()).isEqualTo(ErrorCode.STALE_BROKER_EPOCH);
    }

    @Test
    void anImpossibleAcknowledgementEndsTheFollowing() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.follow(2, 1);
        f.ack(2, 1, 5, 5);
        assertThat(f.only(ReplicaEffect.RefuseFollow.class).code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(f.replica.highWatermark()).isZero();
    }

    @Test
    void oldNumbersAreDropped() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.follow(2, 2);
        f.follow(3, 1);
        long request = f.produce(1, Acks.ALL);
        f.flush();
        f.ack(3, 1, 1, 1);
        f.ack(2, 1, 1, 1);
        f.follow(2, 1);
        assertThat(f.outcome(request)).isNull();
        f.ack(2, 2, 1, 1);
        assertThat(f.outcome(request)).isNotNull();
    }

    @Test
    void aDrainingLeaderAsksForAHandOver() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.turn(ReplicaEvent.DrainStarted.INSTANCE);
        assertThat(f.only(ReplicaEffect.RequestHandOver.class).leaderEpoch()).isEqualTo(1);
        f.turn(ReplicaEvent.Tick.INSTANCE);
        assertThat(f.seen(ReplicaEffect.RequestHandOver.class)).hasSize(1);
    }

    @Test
    void aLeaderWhoseFlushStandsStillAsksForAHandOver() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.produce(1, Acks.LEADER);
        f.tickAt(f.nowMs + 4_999);
        assertThat(f.seen(ReplicaEffect.RequestHandOver.class)).isEmpty();
        f.tickAt(f.nowMs + 1);
        assertThat(f.only(ReplicaEffect.RequestHandOver.class).reason()).contains("flushed offset stands still");
    }

    @Test
    void aLeaderWithoutRoomRefusesAndAsksForAHandOverAtOnceAndGoesOnByItself() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.nextAppendFailure = new ReplicaEvent.AppendFailed(ErrorCode.DISK_FULL, "no space left");
        assertThat(refusal(f, f.produce(1, Acks.ALL))).isEqualTo(ErrorCode.DISK_FULL);
        assertThat(f.only(ReplicaEffect.RequestHandOver.class).reason()).contains("disk is full");
        f.nextAppendFailure = new ReplicaEvent.AppendFailed(ErrorCode.DISK_FULL, "no space left");
        assertThat(refusal(f, f.produce(1, Acks.ALL))).isEqualTo(ErrorCode.DISK_FULL);
        assertThat(f.seen(ReplicaEffect.RequestHandOver.class)).hasSize(1);
        assertThat(f.outcome(f.produce(1, Acks.LEADER))).isInstanceOf(ProduceOutcome.Acknowledged.class);
        f.flush();
        f.tickAt(f.nowMs + 60_000);
        assertThat(f.seen(ReplicaEffect.RequestHandOver.class)).hasSize(1);
    }

    @Test
    void thePausesOfHandOversOutlastALeadership() {
        ReplicaFixture f = new ReplicaFixture();
        for (int epoch = 1; epoch <= 3; epoch += 2) {
            f.metadata(f.configuration(1, epoch, epoch, Set.of(1), Set.of(2)));
            f.tickAt(f.nowMs + 5_000);
            f.metadata(f.configuration(2, epoch + 1, epoch + 1, Set.of(2), Set.of(1)));
        }
        assertThat(f.seen(ReplicaEffect.RequestHandOver.class)).hasSize(2);
        f.metadata(f.configuration(1, 5, 5, Set.of(1), Set.of(2)));
        f.tickAt(f.nowMs + 9_999);
        assertThat(f.seen(ReplicaEffect.RequestHandOver.class)).hasSize(2);
        f.tickAt(f.nowMs + 1);
        assertThat(f.seen(ReplicaEffect.RequestHandOver.class)).hasSize(3);
    }

    @Test
    void afterALongPeaceThePauseIsShortAgain() {
        ReplicaFixture f = new ReplicaFixture();
        f.metadata(f.configuration(1, 1, 1, Set.of(1), Set.of(2)));
        f.tickAt(f.nowMs + 5_000);
        f.tickAt(f.nowMs + 5_000);
        assertThat(f.seen(ReplicaEffect.RequestHandOver.class)).hasSize(2);
        f.metadata(f.configuration(1, 1, 2, 1, 2));
        f.tickAt(f.nowMs + 60_000);
        f.metadata(f.configuration(1, 1, 3, Set.of(1), Set.of(2)));
        f.tickAt(f.nowMs + 5_000);
        assertThat(f.seen(ReplicaEffect.RequestHandOver.class)).hasSize(3);
        f.tickAt(f.nowMs + 5_000);
        assertThat(f.seen(ReplicaEffect.RequestHandOver.class)).hasSize(4);
    }

    @Test
    void storageFailureEndsEverything() {
        ReplicaFixture f = new ReplicaFixture().leading();
        long waiting = f.produce(1, Acks.ALL);
        f.turn(new ReplicaEvent.StorageFailed("fsync failed"));
        assertThat(refusal(f, waiting)).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
        assertThat(refusal(f, f.produce(1, Acks.ALL))).isEqualTo(ErrorCode.STORAGE_ERROR);
        assertThat(f.replica.isLeader()).isFalse();
    }
}
