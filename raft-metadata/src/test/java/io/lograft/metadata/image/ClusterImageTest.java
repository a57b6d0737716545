package io.lograft.metadata.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.command.MetadataRecord.PartitionRecord;
import io.lograft.metadata.command.MetadataRecord.RemoveTopicRecord;
import io.lograft.metadata.command.MetadataRecord.TopicRecord;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class ClusterImageTest {
    private static final TopicId A = new TopicId(0, 1);
    private static final TopicId B = new TopicId(0, 2);

    private final ClusterImage image = ClusterImage.empty()
            .apply(5, List.of(topic(A, "a"), partition(A, 0), partition(A, 1), topic(B, "b"), partition(B, 0)));

    @Test
    void findsTopicsByIdAndName() {
        assertThat(image.index()).isEqualTo(5);
        assertThat(image.topic("a").orElseThrow().id()).isEqualTo(A);
        assertThat(image.topic(B).orElseThrow().name()).isEqualTo("b");
        assertThat(image.topicIdsByName().keySet()).containsExactly("a", "b");
        assertThat(image.partitionCount()).isEqualTo(3);
        assertThat(image.partition(new PartitionId(A, 2))).isEmpty();
    }

    @Test
    void countsWhatLacksReplicasAndWhatLacksALeader() {
        PartitionRecord good = partition(A, 0);
        ClusterImage changed = image.apply(
                6,
                List.of(new PartitionRecord(
                        good.id(), good.replicas(), List.of(), List.of(), List.of(), -1, 3, 9, -1, Optional.empty())));
        assertThat(image.underReplicatedCount()).isZero();
        assertThat(changed.underReplicatedCount()).isEqualTo(1);
        assertThat(changed.offlineCount()).isEqualTo(1);
    }

    @Test
    void aChangeCopiesOnlyTheTopicThatItConcerns() {
        ClusterImage changed = image.apply(6, List.of(partition(A, 1)));
        assertThat(changed.topic(B).orElseThrow()).isSameAs(image.topic(B).orElseThrow());
        assertThat(image.index()).isEqualTo(5);
    }

    @Test
    void aRemovedTopicIsGoneUnderBothNames() {
        ClusterImage changed = image.apply(6, List.of(new RemoveTopicRecord(A, 2)));
        assertThat(changed.topic(A)).isEmpty();
        assertThat(changed.topic("a")).isEmpty();
        assertThat(changed.topicCount()).isEqualTo(1);
    }

    @Test
    void aRemovalNamesAllKeysOfTheTopic() {
        RemoveTopicRecord removal = new RemoveTopicRecord(A, 2);
        assertThat(removal.removedKeys())
                .containsExactly(
                        topic(A, "a").key(),
                        partition(A, 0).key(),
                        partition(A, 1).key());
    }

    @Test
    void keysSortSoThatATopicComesBeforeItsPartitions() {
        assertThat(partition(A, 0).key())
                .isEqualTo("topic/00000000000000000000000000000001/00000000")
                .isGreaterThan(topic(A, "a").key())
                .isLessThan(partition(A, 10).key())
                .isLessThan(topic(B, "b").key());
    }

    @Test
    void recordsThatDoNotFitAreCorruption() {
        assertDoesNotFit(partition(new TopicId(9, 9), 0));
        assertDoesNotFit(partition(A, 3));
        assertDoesNotFit(new RemoveTopicRecord(new TopicId(9, 9), 1));
        assertDoesNotFit(topic(A, "renamed"));
        assertDoesNotFit(topic(new TopicId(9, 9), "a"));
        assertThatThrownBy(() -> image.apply(5, List.of())).isInstanceOf(IllegalStateException.class);
    }

    private void assertDoesNotFit(MetadataRecord record) {
        assertThatThrownBy(() -> image.apply(6, List.of(record)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("does not fit");
    }

    private static TopicRecord topic(TopicId id, String name) {
        return new TopicRecord(id, name, 1, FlushMode.COMMIT, new TreeMap<>(), false);
    }

    private static PartitionRecord partition(TopicId topic, int number) {
        return new PartitionRecord(
                new PartitionId(topic, number),
                List.of(new ReplicaAssignment(new BrokerId(1), DirectoryId.UNASSIGNED)),
                List.of(new BrokerId(1)),
                List.of(),
                List.of(),
                1,
                0,
                0,
                -1,
                Optional.empty());
    }
}
