package io.lograft.it;

import io.lograft.client.Lograft;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** All brokers are killed at once in the middle of the load, as when the power fails. */
@Tag("it")
class PowerlessTest {
    private static final Duration HEALING_MAX = Duration.ofSeconds(90);

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(3);

    @TempDir
    Path directory;

    @Test
    void everyAcknowledgedRecordIsThereAfterAllBrokersDiedAtOnce() throws Exception {
        brokers.start(directory);
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            TestTopic.create(cluster);
            TestTopic.awaitInSync(cluster, HEALING_MAX);
            try (RecordLoad load = RecordLoad.start(cluster, TestTopic.NAME)) {
                awaitProgress(load, 20_000);
                brokers.kill(brokers.ids());
                brokers.restart(brokers.ids());
                awaitProgress(load, 5_000);
                TestTopic.awaitInSync(cluster, HEALING_MAX);
                load.finish(Duration.ofMinutes(20));
                load.audit(cluster);
            }
        }
    }

    private static void awaitProgress(RecordLoad load, int records) {
        long goal = load.acknowledgedCount() + records;
        Eventually.holds(
                Duration.ofSeconds(90),
                records + " more records are acknowledged",
                () -> load.acknowledgedCount() >= goal);
    }
}
