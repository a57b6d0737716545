package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.Lograft;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Brokers are killed with {@code kill -9}, one after the other, while records are written. {@code -Dit.rounds},
 * {@code -Dit.records} and {@code -Dit.rate} make it longer.
 */
@Tag("it")
class KillLoadTest {
    private static final int ROUNDS = Integer.getInteger("it.rounds", 3);
    private static final Duration HEALING_MAX = Duration.ofSeconds(90);

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(3);

    @TempDir
    Path directory;

    @Test
    void noAcknowledgedRecordIsLostDoubledOrOutOfOrder() throws Exception {
        brokers.start(directory);
        long seed = Long.getLong("it.seed", System.nanoTime());
        Random random = new Random(seed);
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            TestTopic.create(cluster);
            TestTopic.awaitInSync(cluster, HEALING_MAX);
            try (RecordLoad load = RecordLoad.start(cluster, TestTopic.NAME)) {
                for (int round = 1; round <= ROUNDS; round++) {
                    // The first one is the controller, which happens to lead partitions, too.
                    int victim = round == 1 ? cluster.admin().describeCluster().controllerId() : 1 + random.nextInt(3);
                    killAndHeal(cluster, load, victim, "round " + round + " of seed " + seed + ", broker " + victim);
                }
                load.finish(Duration.ofMinutes(20));
                load.audit(cluster);
            }
        }
    }

    private void killAndHeal(Lograft cluster, RecordLoad load, int victim, String what) {
        awaitProgress(load, what);
        brokers.kill(List.of(victim));
        long killed = System.nanoTime();
        awaitProgress(load, what + " is dead");
        long resumedMs = Duration.ofNanos(System.nanoTime() - killed).toMillis();
        brokers.restart(List.of(victim));
        TestTopic.awaitInSync(cluster, HEALING_MAX);
        load.check();
        System.out.println(what + ": next thousand records after " + resumedMs + " ms, all in sync after "
                + Duration.ofNanos(System.nanoTime() - killed).toMillis() + " ms");
    }

    /** Writing goes on: two of three brokers are enough. */
    private static void awaitProgress(RecordLoad load, String what) {
        long before = load.acknowledgedCount();
        Eventually.holds(
                Duration.ofSeconds(60),
                "records are acknowledged, " + what,
                () -> load.acknowledgedCount() >= before + 1_000);
        assertThat(load.acknowledgedCount()).isGreaterThan(before);
    }
}
