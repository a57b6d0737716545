package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.LogVerifier;
import io.lograft.broker.log.io.NioFileStore;
import io.lograft.client.Lograft;
import io.lograft.model.TopicPartition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A broker comes back with an empty disk. */
@Tag("it")
class WipedDiskTest {
    private static final Duration HEALING_MAX = Duration.ofMinutes(2);

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(3);

    @TempDir
    Path directory;

    @Test
    void theBrokerRefillsItsDiskAndAllCopiesAreTheSame() throws Exception {
        brokers.start(directory);
        Map<TopicPartition, Long> ends;
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            TestTopic.create(cluster);
            TestTopic.awaitInSync(cluster, HEALING_MAX);
            try (RecordLoad load = RecordLoad.start(cluster, TestTopic.NAME)) {
                Eventually.holds(
                        Duration.ofSeconds(60), "records are acknowledged", () -> load.acknowledgedCount() >= 20_000);
                int victim = cluster.admin().describeCluster().controllerId() % 3 + 1;
                brokers.stop(List.of(victim));
                brokers.wipeLogs(victim);
                assertThat(brokers.logDirectory(victim)).doesNotExist();
                brokers.restart(List.of(victim));
                TestTopic.awaitInSync(cluster, HEALING_MAX);
                load.finish(Duration.ofMinutes(20));
                load.audit(cluster);
            }
            ends = cluster.admin()
                    .endOffsets(TestTopic.describe(cluster).partitions().stream()
                            .map(partition -> new TopicPartition(TestTopic.NAME, partition.number()))
                            .toList());
        }
        brokers.stop(brokers.ids());
        for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
            assertSameEverywhere(end.getKey(), end.getValue());
        }
    }

    private void assertSameEverywhere(TopicPartition partition, long end) throws Exception {
        assertThat(end).as("end of " + partition).isPositive();
        Set<Integer> contents = new HashSet<>();
        for (int id : brokers.ids()) {
            Path files = brokers.logDirectory(id).resolve(partition.toString());
            assertThat(Files.isDirectory(files)).as(files.toString()).isTrue();
            LogVerifier.Summary summary =
                    LogVerifier.verify(new NioFileStore(brokers.logDirectory(id)), partition.toString(), 0, end);
            assertThat(summary.problems()).as("broker " + id + ", " + partition).isEmpty();
            assertThat(summary.firstOffset()).isZero();
            assertThat(summary.nextOffset())
                    .as("broker " + id + ", " + partition)
                    .isGreaterThanOrEqualTo(end);
            contents.add(summary.contentCrc());
        }
        assertThat(contents)
                .as("checksums of " + partition + " below offset " + end)
                .hasSize(1);
    }
}
