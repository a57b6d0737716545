package io.lograft.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.group.GroupRecord.Offset;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CommittedOffsetsTest {
    private static final TopicId ORDERS = new TopicId(1, 1);
    private static final TopicId RETURNS = new TopicId(2, 2);

    private final CommittedOffsets offsets = new CommittedOffsets();

    private static Offset committed(String group, TopicId topic, int partition, long offset, long atMs) {
        return new Offset(
                group, new PartitionId(topic, partition), Optional.of(new CommittedOffset(offset, 3, "text", atMs)));
    }

    private static Offset removed(String group, TopicId topic, int partition) {
        return new Offset(group, new PartitionId(topic, partition), Optional.empty());
    }

    @Test
    void theLastRecordOfAPartitionCounts() {
        offsets.replay(committed("a", ORDERS, 0, 5, 1));
        offsets.replay(committed("a", ORDERS, 1, 6, 1));
        offsets.replay(committed("b", ORDERS, 0, 7, 1));
        offsets.replay(committed("a", ORDERS, 0, 4, 2));
        assertThat(offsets.of("a"))
                .containsEntry(new PartitionId(ORDERS, 0), new CommittedOffset(4, 3, "text", 2))
                .containsEntry(new PartitionId(ORDERS, 1), new CommittedOffset(6, 3, "text", 1))
                .hasSize(2);
        assertThat(offsets.groups()).containsExactly("a", "b");
        assertThat(offsets.of("c")).isEmpty();
    }

    @Test
    void aGroupIsForgottenWithItsLastOffset() {
        offsets.replay(removed("a", ORDERS, 0));
        assertThat(offsets.hasAny("a")).isFalse();
        offsets.replay(committed("a", ORDERS, 0, 5, 1));
        offsets.replay(committed("a", ORDERS, 1, 5, 1));
        offsets.replay(removed("a", ORDERS, 0));
        assertThat(offsets.hasAny("a")).isTrue();
        offsets.replay(removed("a", ORDERS, 1));
        assertThat(offsets.hasAny("a")).isFalse();
        assertThat(offsets.groups()).isEmpty();
    }

    @Test
    void whatItSaysOfAGroupIsACopy() {
        offsets.replay(committed("a", ORDERS, 0, 5, 1));
        offsets.of("a").clear();
        assertThat(offsets.hasAny("a")).isTrue();
    }

    @Test
    void removalsNameWhatIsToGo() {
        offsets.replay(committed("a", ORDERS, 0, 5, 100));
        offsets.replay(committed("a", RETURNS, 1, 5, 101));
        offsets.replay(committed("b", RETURNS, 0, 5, 100));
        assertThat(offsets.removal("a")).isEqualTo(List.of(removed("a", ORDERS, 0), removed("a", RETURNS, 1)));
        assertThat(offsets.removalOlderThan("a", 99)).isEmpty();
        assertThat(offsets.removalOlderThan("a", 100)).isEqualTo(List.of(removed("a", ORDERS, 0)));
        assertThat(offsets.removalOfTopics(RETURNS::equals))
                .isEqualTo(List.of(removed("a", RETURNS, 1), removed("b", RETURNS, 0)));
        assertThat(offsets.removal("c")).isEmpty();
        assertThat(offsets.groups())
                .as("nothing is removed before the records are replayed")
                .hasSize(2);
    }
}
