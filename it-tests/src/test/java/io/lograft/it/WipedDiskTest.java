package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.Lograft;
import io.lograft.it.load.RecordLoad;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
        ReplicaFiles files;
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
            files = ReplicaFiles.of(cluster, TestTopic.NAME);
        }
        brokers.stop(brokers.ids());
        files.assertSameEverywhere(brokers);
    }
}
