package io.lograft.broker.replica;

import static io.lograft.broker.replica.ReplicaFixture.broker;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.replica.ReplicaEffect.CompleteDeletion;
import io.lograft.model.EpochStart;
import io.lograft.model.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where a leader lets its log start, and when it says that records are deleted. */
class LeaderLogStartTest {

    /** Leads ten records that all three replicas have and have flushed; three more have only been appended. */
    private static ReplicaFixture withTenCommitted() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.follow(2, 1);
        f.follow(3, 1);
        f.produce(10, Acks.LEADER);
        f.flush();
        f.ack(2, 1, 10, 10);
        f.ack(3, 1, 10, 10);
        assertThat(f.replica.highWatermark()).isEqualTo(10);
        f.produce(3, Acks.LEADER);
        f.effects.clear();
        return f;
    }

    private static void delete(ReplicaFixture f, long requestId, long before) {
        f.turn(new ReplicaEvent.DeletionRequested(requestId, before, f.nowMs + 1_000));
    }

    private static CompleteDeletion answer(ReplicaFixture f, long requestId) {
        return f.seen(CompleteDeletion.class).stream()
                .filter(answer -> answer.requestId() == requestId)
                .findFirst()
                .orElse(null);
    }

    @Test
    void aDeletionIsAnsweredOnceEveryInSyncReplicaHasRecordedIt() {
        ReplicaFixture f = withTenCommitted();
        delete(f, 7, 4);
        assertThat(f.log.logStartOffset()).as("nobody reads it from now on").isEqualTo(4);
        assertThat(f.replica.judgeFetch(3, -1, -1)).isInstanceOf(FetchVerdict.Refused.class);
        assertThat(answer(f, 7)).isNull();
        f.ackStart(2, 1, 10, 4);
        f.ackStart(3, 1, 10, 4);
        assertThat(answer(f, 7)).as("the leader itself has not recorded it").isNull();
        f.recordLogStart();
        assertThat(answer(f, 7)).isEqualTo(new CompleteDeletion(7, ErrorCode.NONE, "", 4));
    }

    @Test
    void followersHearOfTheNewStartAtOnce() {
        ReplicaFixture f = withTenCommitted();
        f.ack(2, 1, 13, 10);
        f.ack(3, 1, 13, 10);
        f.effects.clear();
        delete(f, 7, 4);
        assertThat(f.seen(ReplicaEffect.AppendTo.class))
                .hasSize(2)
                .allMatch(push -> push.logStartOffset() == 4 && push.maxBytes() == 0);
    }

    @Test
    void onlyWhatIsCommittedCanBeDeleted() {
        ReplicaFixture f = withTenCommitted();
        delete(f, 1, 11);
        delete(f, 2, -2);
        assertThat(answer(f, 1).code()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
        assertThat(answer(f, 1).message()).contains("11").contains("0").contains("10");
        assertThat(answer(f, 2).code()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
        assertThat(f.log.logStartOffset()).isZero();
        delete(f, 3, ReplicaEvent.DeletionRequested.UP_TO_HIGH_WATERMARK);
        assertThat(f.log.logStartOffset()).isEqualTo(10);
        f.turn(new ReplicaEvent.RetentionDue(13));
        assertThat(f.log.logStartOffset()).as("retention neither").isEqualTo(10);
    }

    @Test
    void whatIsDeletedAlreadyIsAnsweredAtOnce() {
        ReplicaFixture f = withTenCommitted();
        delete(f, 1, 4);
        f.ackStart(2, 1, 10, 4);
        f.ackStart(3, 1, 10, 4);
        f.recordLogStart();
        delete(f, 2, 3);
        assertThat(answer(f, 2)).isEqualTo(new CompleteDeletion(2, ErrorCode.NONE, "", 4));
    }

    @Test
    void aDeletionEndsWithItsTimeOrWithTheLeadership() {
        ReplicaFixture f = withTenCommitted();
        delete(f, 1, 4);
        assertThat(f.replica.nextDeadlineMs()).isLessThanOrEqualTo(f.nowMs + 1_000);
        f.tickAt(f.nowMs + 1_000);
        assertThat(answer(f, 1).code()).isEqualTo(ErrorCode.REQUEST_TIMED_OUT);
        delete(f, 2, 5);
        f.metadata(f.configuration(2, 2, 2, 1, 2, 3));
        assertThat(answer(f, 2).code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
        delete(f, 3, 5);
        assertThat(answer(f, 3).code()).isEqualTo(ErrorCode.NOT_LEADER);
    }

    @Test
    void soManyDeletionsWaitAndNoMore() {
        ReplicaFixture f = withTenCommitted();
        for (int id = 1; id <= ReplicaFixture.SETTINGS.pendingRequestsMax(); id++) {
            delete(f, id, id);
        }
        delete(f, 99, 9);
        assertThat(answer(f, 99).code()).isEqualTo(ErrorCode.BUSY);
        assertThat(f.log.logStartOffset()).isEqualTo(ReplicaFixture.SETTINGS.pendingRequestsMax());
    }

    @Test
    void aNewLeaderThatDoesNotKnowTheEndYetSaysSo() {
        ReplicaFixture f = withTenCommitted();
        f.metadata(f.configuration(1, 2, 2, 1, 2, 3));
        delete(f, 1, ReplicaEvent.DeletionRequested.UP_TO_HIGH_WATERMARK);
        assertThat(answer(f, 1).code()).isEqualTo(ErrorCode.OFFSET_NOT_AVAILABLE);
        delete(f, 2, 9);
        assertThat(f.log.logStartOffset())
                .as("that much is committed in any case")
                .isEqualTo(9);
    }

    @Test
    void aFollowerThatLacksWhatIsDeletedHasToAskAnew() {
        ReplicaFixture f = withTenCommitted();
        f.metadata(f.configuration(1, 1, 2, 1, 2));
        f.turn(new ReplicaEvent.FollowerStreamClosed(broker(3), 30));
        f.follow(3, 2, 0, List.of());
        delete(f, 1, 8);
        f.ack(3, 2, 0, 0);
        f.turn(new ReplicaEvent.FollowerStreamReady(broker(3), 30));
        f.effects.clear();
        f.follow(3, 3, 0, List.of());
        ReplicaEffect.SendFollowing answer = f.only(ReplicaEffect.SendFollowing.class);
        assertThat(answer.startOver()).isTrue();
        assertThat(answer.truncateTo()).isEqualTo(8);
    }

    @Test
    void whoeverJoinsHasRecordedWhatIsDeleted() {
        ReplicaFixture f = withTenCommitted();
        f.turn(new ReplicaEvent.FollowerStreamClosed(broker(3), 30));
        f.metadata(f.configuration(1, 1, 2, 1, 2));
        delete(f, 1, 4);
        f.recordLogStart();
        f.ackStart(2, 1, 10, 4);
        f.follow(3, 2, 10, List.of(new EpochStart(1, 0)));
        f.flush();
        f.ack(2, 1, 13, 13);
        f.effects.clear();
        f.ackStart(3, 2, 13, 3);
        assertThat(f.seen(ReplicaEffect.ProposeIsr.class)).isEmpty();
        f.ackStart(3, 2, 13, 4);
        assertThat(f.only(ReplicaEffect.ProposeIsr.class).members()).hasSize(3);
    }

    @Test
    void aNewLeaderTakesOverTheStartThatOthersHeardOf() {
        ReplicaFixture f = withTenCommitted();
        f.turn(new ReplicaEvent.FollowReceived(
                broker(2), 102, 20, StreamKind.IN_SYNC, 1, 2, 6, 10, List.of(new EpochStart(1, 6)), 0));
        assertThat(f.log.logStartOffset()).isEqualTo(6);
    }
}
