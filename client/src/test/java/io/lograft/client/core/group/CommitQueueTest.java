package io.lograft.client.core.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.core.Failure;
import io.lograft.client.core.group.CommitQueue.Effect;
import io.lograft.client.core.group.CommitQueue.Effect.Done;
import io.lograft.client.core.group.CommitQueue.Effect.Send;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommitQueueTest {
    private static final PartitionId A = new PartitionId(new TopicId(1, 2), 0);
    private static final PartitionId B = new PartitionId(new TopicId(1, 2), 1);
    private static final Failure LOST = new Failure(ErrorCode.UNAVAILABLE, "lost");

    private final CommitQueue queue = new CommitQueue(true);
    private final List<Effect> effects = new ArrayList<>();
    private long nowMs = 1_000;

    @Test
    void oneRequestIsOnItsWayAndTheNextHasAllThatCameMeanwhile() {
        add(1, Map.of(A, at(1)));
        assertThat(take()).containsExactly(new Send(Map.of(A, at(1))));
        add(2, Map.of(A, at(2), B, at(7)));
        add(3, Map.of(A, at(1)));
        assertThat(take()).isEmpty();

        queue.answered(Map.of(), nowMs, effects);

        assertThat(take()).containsExactly(new Done(1, null), new Send(Map.of(A, at(1), B, at(7))));
        queue.answered(Map.of(), nowMs, effects);
        assertThat(take()).containsExactly(new Done(2, null), new Done(3, null));
        assertThat(queue.dueMs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatWasRefusedOfAPartitionConcernsOnlyWhoCommittedIt() {
        Failure refusal = new Failure(ErrorCode.UNKNOWN_TOPIC, "gone");
        add(1, Map.of(A, at(1)));
        queue.refused(LOST, nowMs, effects);
        add(2, Map.of(B, at(2)));
        nowMs += 20;
        queue.tick(nowMs, effects);
        take();

        queue.answered(Map.of(B, refusal), nowMs, effects);

        assertThat(take()).containsExactly(new Done(1, null), new Done(2, refusal));
    }

    @Test
    void aLostAnswerIsAskedForAgainUntilTheDeadline() {
        queue.add(1, Map.of(A, at(1)), nowMs, nowMs + 100, effects);
        int sends = 0;
        while (effects.stream().noneMatch(Done.class::isInstance)) {
            sends += take().size();
            queue.refused(LOST, nowMs, effects);
            nowMs = Math.min(nowMs + 1_000, queue.dueMs());
            queue.tick(nowMs, effects);
        }

        assertThat(take()).containsExactly(new Done(1, LOST));
        assertThat(sends).isEqualTo(3);
        assertThat(queue.dueMs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anEpochThatIsLeftBehindIsForgivenAFewTimes() {
        Failure late = new Failure(ErrorCode.ILLEGAL_GENERATION, "late");
        add(1, Map.of(A, at(1)));
        for (int i = 0; i < 5; i++) {
            assertThat(take()).hasSize(1);
            queue.refused(late, nowMs, effects);
            nowMs = queue.dueMs();
            queue.tick(nowMs, effects);
        }
        take();
        queue.refused(late, nowMs, effects);

        assertThat(take()).containsExactly(new Done(1, late));
    }

    @Test
    void whereTheCoordinatorDoesNotKnowWhoseAPartitionIsNoCommitOutlivesItsGeneration() {
        for (ErrorCode code : List.of(ErrorCode.ILLEGAL_GENERATION, ErrorCode.REBALANCE_IN_PROGRESS)) {
            CommitQueue classic = new CommitQueue(false);
            Failure ended = new Failure(code, "over");
            classic.add(1, Map.of(A, at(1)), nowMs, nowMs + 60_000, effects);
            take();

            classic.refused(ended, nowMs, effects);

            assertThat(take()).containsExactly(new Done(1, ended));
        }
    }

    @Test
    void whatCannotPassFailsAndTheNextIsSent() {
        Failure unknown = new Failure(ErrorCode.UNKNOWN_MEMBER, "who?");
        add(1, Map.of(A, at(1)));
        add(2, Map.of(A, at(2)));
        take();

        queue.refused(unknown, nowMs, effects);

        assertThat(take()).containsExactly(new Done(1, unknown), new Send(Map.of(A, at(2))));
    }

    @Test
    void noMoreThanSoManyWait() {
        add(0, Map.of(A, at(0)));
        for (int i = 1; i <= CommitQueue.WAITING_MAX; i++) {
            add(i, Map.of(A, at(i)));
        }
        assertThat(take()).hasSize(1);

        add(5_000, Map.of(A, at(1)));

        assertThat(take())
                .singleElement()
                .isInstanceOfSatisfying(
                        Done.class, done -> assertThat(done.failure().code()).isEqualTo(ErrorCode.BUSY));
    }

    @Test
    void allFailWhenTheMemberIsOutAndALateAnswerHarmsNobody() {
        add(1, Map.of(A, at(1)));
        add(2, Map.of(A, at(2)));
        take();

        queue.failAll(LOST, effects);
        assertThat(take()).containsExactly(new Done(1, LOST), new Done(2, LOST));
        add(3, Map.of(A, at(3)));
        assertThat(take()).as("the first is still on its way").isEmpty();
        queue.answered(Map.of(), nowMs, effects);
        assertThat(take()).containsExactly(new Send(Map.of(A, at(3))));
    }

    @Test
    void nothingToCommitIsDoneAtOnce() {
        add(1, Map.of());

        assertThat(take()).containsExactly(new Done(1, null));
    }

    private void add(long id, Map<PartitionId, CommitPoint> points) {
        queue.add(id, points, nowMs, nowMs + 60_000, effects);
    }

    private List<Effect> take() {
        List<Effect> taken = List.copyOf(effects);
        effects.clear();
        return taken;
    }

    private static CommitPoint at(long offset) {
        return new CommitPoint(offset, -1, "");
    }
}
