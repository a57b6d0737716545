package io.lograft.it;

import io.lograft.client.Lograft;
import io.lograft.it.load.LoadShape;
import io.lograft.it.load.RecordLoad;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * All brokers are killed at once in the middle of the load, as when the power fails. {@code -Dit.records} and {@code
 * -Dit.rate} make it longer ({@code make it-large}).
 */
@Tag("it")
class PowerlessTest {
    private static final Duration HEALING_MAX = Duration.ofMinutes(3);
    private static final int RECORDS = LoadShape.DEFAULT.recordsMin();

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(3);

    @TempDir
    Path directory;

    @Test
    void everyAcknowledgedRecordIsThereAfterAllBrokersDiedAtOnce() throws Exception {
        brokers.start(directory);
        ReplicaFiles files;
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            TestTopic.create(cluster);
            TestTopic.awaitInSync(cluster, HEALING_MAX);
            try (RecordLoad load = RecordLoad.start(cluster, TestTopic.NAME)) {
                load.awaitAcknowledged(RECORDS / 2, Duration.ofMinutes(10));
                brokers.kill(brokers.ids());
                long before = load.acknowledgedCount();
                brokers.restart(brokers.ids());
                load.awaitAcknowledged(before + RECORDS / 10, HEALING_MAX);
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
