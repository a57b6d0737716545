package io.lograft.broker.group.consumer;

import static io.lograft.broker.group.consumer.Coordinator.partition;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest.CommitOffsets;
import io.lograft.broker.group.GroupRequest.MemberRef;
import io.lograft.broker.group.GroupRequest.OffsetCommit;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Only who holds a partition commits for it. */
class CommitTest {
    private final Coordinator coordinator = new Coordinator(Topics.NONE.with("a", 4));
    private final Client one = new Client(coordinator, "m1", "a").join();

    @Test
    void whatAMemberReadsAndWhatItGivesUp() {
        PartitionId moved = partition("a", 3);
        assertThat(one.commit(moved, 5, one.epoch)).isEqualTo(ErrorCode.NONE);
        Client two = new Client(coordinator, "m2", "a").join();
        assertThat(one.told().assignment()).doesNotContain(moved);
        assertThat(one.commit(moved, 6, one.epoch))
                .as("it is still giving it up")
                .isEqualTo(ErrorCode.NONE);
        assertThat(two.commit(moved, 1, two.epoch)).isEqualTo(ErrorCode.ILLEGAL_GENERATION);
        int oldEpoch = one.epoch;
        one.settle();
        two.beat();
        assertThat(two.commit(moved, 7, two.epoch)).isEqualTo(ErrorCode.NONE);
        assertThat(one.commit(moved, 6, one.epoch)).isEqualTo(ErrorCode.ILLEGAL_GENERATION);
        assertThat(one.commit(partition("a", 0), 6, oldEpoch))
                .as("an older epoch, but it held the partition then")
                .isEqualTo(ErrorCode.NONE);
        assertThat(one.commit(partition("a", 0), 6, one.epoch + 10)).isEqualTo(ErrorCode.ILLEGAL_GENERATION);
    }

    @Test
    void aCommitFromAnEarlierTimeDoesNotCount() {
        int then = one.epoch;
        PartitionId moved = partition("a", 3);
        Client two = new Client(coordinator, "m2", "a").join();
        one.settle();
        two.beat();
        assertThat(two.commit(moved, 100, two.epoch)).isEqualTo(ErrorCode.NONE);
        two.leave(-1);
        one.settle();
        assertThat(one.owned).contains(moved);
        assertThat(one.commit(moved, 50, then)).as("it was under way for long").isEqualTo(ErrorCode.ILLEGAL_GENERATION);
        assertThat(one.commit(moved, 101, one.epoch)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void whoJoinedAgainCommitsOnlyWhatItReadSince() {
        int then = one.epoch;
        one.join();
        assertThat(one.commit(partition("a", 0), 5, then)).isEqualTo(ErrorCode.ILLEGAL_GENERATION);
        assertThat(one.commit(partition("a", 0), 5, one.epoch)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void anotherCoordinatorBelievesWhoHolds() {
        coordinator.changeCoordinator();
        assertThat(one.commit(partition("a", 0), 5, one.epoch)).isEqualTo(ErrorCode.NONE);
        assertThat(new Client(coordinator, "m2", "a").commit(partition("a", 0), 5, 1))
                .isEqualTo(ErrorCode.UNKNOWN_MEMBER);
    }

    @Test
    void nobodyAndStrangers() {
        Refused refused = (Refused) coordinator.call(new CommitOffsets(
                Coordinator.GROUP, MemberRef.NOBODY, List.of(new OffsetCommit(partition("a", 0), 1, -1, ""))));
        assertThat(refused.code()).isEqualTo(ErrorCode.GROUP_NOT_EMPTY);
        assertThat(new Client(coordinator, "m9", "a").commit(partition("a", 0), 5, 1))
                .isEqualTo(ErrorCode.UNKNOWN_MEMBER);
        coordinator.pass(Client.SESSION_MS);
        assertThat(one.commit(partition("a", 0), 5, one.epoch)).isEqualTo(ErrorCode.UNKNOWN_MEMBER);
    }
}
