package io.lograft.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.config.CleanupConfig;
import io.lograft.broker.log.config.CompactionConfig;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.config.RetentionConfig;
import io.lograft.broker.replica.runtime.ReplicaSpec;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.Reassignment;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.BrokerId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A topic's own settings go before the broker's. */
class ConfigurationsTest {
    private static final LogConfig BROKER = LogConfig.DEFAULTS.withCleanup(
            new CleanupConfig(true, false, new RetentionConfig(1_000, 2_000), new CompactionConfig(0.3, 4, 50, 6)));

    @Test
    void aTopicThatSaysNothingFollowsTheBroker() {
        assertThat(Configurations.logConfig(BROKER, Map.of())).isEqualTo(BROKER);
    }

    @Test
    void aTopicSaysWhatBecomesOfItsOldRecords() {
        Map<String, String> topic = Map.of(
                "cleanup.policy", "compact, delete",
                "retention.ms", "-1",
                "retention.bytes", "77",
                "min.cleanable.dirty.ratio", "0.25",
                "min.compaction.lag.ms", "8",
                "max.compaction.lag.ms", "9",
                "delete.retention.ms", "10");
        assertThat(Configurations.logConfig(BROKER, topic).cleanup())
                .isEqualTo(new CleanupConfig(
                        true, true, new RetentionConfig(-1, 77), new CompactionConfig(0.25, 8, 9, 10)));
    }

    @Test
    void aCompactedTopicIsNotDeletedFrom() {
        CleanupConfig cleanup = Configurations.logConfig(BROKER, Map.of("cleanup.policy", "compact"))
                .cleanup();
        assertThat(cleanup.compacts()).isTrue();
        assertThat(cleanup.deletes()).isFalse();
    }

    @Test
    void addedReplicasGetWhatIsOldAtALimitedRateUntilTheyAreInSync() {
        assertThat(Configurations.joining(moving(1_000, 1, 2)).replicas()).containsExactlyInAnyOrder(id(3), id(4));
        assertThat(Configurations.joining(moving(1_000, 1, 2)).bytesPerSecond()).isEqualTo(1_000);
        assertThat(Configurations.joining(moving(1_000, 2, 3)).replicas()).containsExactly(id(4));
        assertThat(Configurations.joining(moving(0, 1, 2))).isEqualTo(ReplicaSpec.Joining.NOBODY);
    }

    /** From replicas 1 and 2 to 3 and 4. */
    private static PartitionImage moving(long throttle, int... isr) {
        List<ReplicaAssignment> replicas = Stream.of(1, 2, 3, 4)
                .map(number -> new ReplicaAssignment(id(number), DirectoryId.UNASSIGNED))
                .toList();
        List<BrokerId> members =
                Arrays.stream(isr).mapToObj(ConfigurationsTest::id).toList();
        Reassignment change = new Reassignment(List.of(id(3), id(4)), List.of(id(3), id(4)), throttle);
        return new PartitionImage(
                0, replicas, members, List.of(), List.of(), members.getFirst().value(), 0, 1, -1, Optional.of(change));
    }

    private static BrokerId id(int number) {
        return new BrokerId(number);
    }
}
