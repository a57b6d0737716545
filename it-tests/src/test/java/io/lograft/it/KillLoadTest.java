package io.lograft.it;

import io.lograft.client.Lograft;
import io.lograft.it.load.LoadShape;
import io.lograft.it.load.RecordLoad;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Brokers are killed with {@code kill -9}, one after the other, while records are written and read. {@code -Dit.rounds},
 * {@code -Dit.records} and {@code -Dit.rate} make it longer ({@code make it-large}). The load is cut into one part for
 * each kill, which comes in the middle of its part; however fast the producers are, they wait at the end of a part until
 * the cluster is whole again.
 */
@Tag("it")
class KillLoadTest {
    private static final int ROUNDS = Integer.getInteger("it.rounds", 3);
    private static final int PART = Math.max(8, LoadShape.DEFAULT.recordsMin() / ROUNDS);
    private static final Duration HEALING_MAX = Duration.ofMinutes(3);

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(3);

    @TempDir
    Path directory;

    @Test
    void noAcknowledgedRecordIsLostDoubledOrOutOfOrder() throws Exception {
        brokers.start(directory);
        long seed = Long.getLong("it.seed", System.nanoTime());
        Random random = new Random(seed);
        ReplicaFiles files;
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            TestTopic.create(cluster);
            TestTopic.awaitInSync(cluster, HEALING_MAX);
            try (RecordLoad load = RecordLoad.start(cluster, TestTopic.NAME)) {
                for (int round = 1; round <= ROUNDS; round++) {
                    load.holdAt(round * PART);
                    load.awaitAcknowledged((round - 1) * PART + PART / 2, HEALING_MAX);
                    // The first one is the controller, which happens to lead partitions, too.
                    int victim = round == 1 ? cluster.admin().describeCluster().controllerId() : 1 + random.nextInt(3);
                    killAndHeal(cluster, load, victim, "round " + round + " of seed " + seed + ", broker " + victim);
                }
                load.finish(Duration.ofMinutes(20));
                load.audit(cluster);
            }
            files = ReplicaFiles.of(cluster, TestTopic.NAME);
        }
        brokers.stop(brokers.ids());
        files.assertSameEverywhere(brokers);
    }

    private void killAndHeal(Lograft cluster, RecordLoad load, int victim, String what) {
        long before = load.acknowledgedCount();
        long killed = System.nanoTime();
        brokers.kill(List.of(victim));
        // Writing goes on: two of three brokers are enough.
        load.awaitAcknowledged(before + Math.min(1_000, PART / 4), HEALING_MAX);
        long resumedMs = Duration.ofNanos(System.nanoTime() - killed).toMillis();
        brokers.restart(List.of(victim));
        TestTopic.awaitInSync(cluster, HEALING_MAX);
        load.check();
        System.out.println(
                what + ", after " + before + " records: the next records after " + resumedMs + " ms, all in sync after "
                        + Duration.ofNanos(System.nanoTime() - killed).toMillis() + " ms");
    }
}
