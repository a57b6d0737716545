package io.lograft.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.config.CleanupConfig;
import io.lograft.broker.log.config.CompactionConfig;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.config.RetentionConfig;
import java.util.Map;
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
}
