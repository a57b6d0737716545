package io.lograft.it.faults;

import io.lograft.client.Lograft;
import io.lograft.it.ClusterProcesses;
import io.lograft.it.ReplicaFiles;
import io.lograft.it.TestTopic;
import io.lograft.it.hosts.Hosts;
import io.lograft.it.load.Audit;
import io.lograft.it.load.LoadShape;
import io.lograft.it.load.RecordLoad;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random faults, one every few seconds, under a load of producers and consumers; at the end all is healed, audited and
 * compared, and a summary is printed and written to {@code target/soak.txt}. {@code make soak MINUTES=30 SEED=…} runs it
 * long. Brokers are on hosts of their own where that is possible, else on loopback and without faults of the network.
 */
@Tag("it")
class SoakTest {
    private static final Duration TIME = Integer.getInteger("soak.minutes") == null
            ? Duration.ofSeconds(10)
            : Duration.ofMinutes(Integer.getInteger("soak.minutes"));
    private static final int BROKERS = Integer.getInteger("soak.brokers", 3);
    private static final int RATE = Integer.getInteger("soak.rate", 3_000);
    private static final Duration HEALING_MAX = Duration.ofMinutes(5);
    private static final int EXTRA_MS = 3_000;
    /** So often the next fault comes before the cluster has healed from the last one. */
    private static final double HASTE = 0.25;

    @RegisterExtension
    final ClusterProcesses brokers =
            Hosts.arePossible() ? ClusterProcesses.onHosts(BROKERS) : new ClusterProcesses(BROKERS);

    @TempDir
    Path directory;

    @Test
    void randomFaultsLoseNothing() throws Exception {
        long seed = Long.getLong("soak.seed", System.nanoTime() & 0xFFFF_FFFFL);
        SoakSummary summary = new SoakSummary(seed, BROKERS, brokers.isOnHosts(), RATE);
        System.out.println(summary.begin());
        brokers.start(directory, "log.segment.bytes=16777216");
        ReplicaFiles files;
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            TestTopic.create(cluster);
            Faults.awaitHealth(cluster, HEALING_MAX);
            LoadShape shape = new LoadShape(3, 3, 0, RATE, Duration.ofMinutes(10));
            try (RecordLoad load = RecordLoad.start(cluster, TestTopic.NAME, shape)) {
                load.awaitAcknowledged(1_000, HEALING_MAX);
                suffer(cluster, load, new Random(seed), summary);
                load.finish(Duration.ofMinutes(10));
                Audit.Report report = load.auditWithFailures(cluster);
                summary.end(load, report);
                Files.createDirectories(Path.of("target"));
                Files.writeString(Path.of("target", "soak.txt"), summary.toString());
                System.out.println(summary);
                report.assertClean();
            }
            files = ReplicaFiles.of(cluster, TestTopic.NAME);
        }
        brokers.stop(brokers.ids());
        files.assertSameEverywhere(brokers);
        Files.writeString(Path.of("target", "soak.txt"), summary + SoakSummary.VERIFIED);
        System.out.println(SoakSummary.VERIFIED);
    }

    private void suffer(Lograft cluster, RecordLoad load, Random random, SoakSummary summary) {
        List<FaultKind> kinds = Arrays.stream(FaultKind.values())
                .filter(kind -> brokers.isOnHosts() || !kind.needsHosts())
                .toList();
        Faults faults = new Faults(brokers, cluster, random);
        long end = System.nanoTime() + TIME.toNanos();
        boolean isWhole = true;
        while (System.nanoTime() < end) {
            FaultKind kind = kinds.get(random.nextInt(kinds.size()));
            Duration extra = Duration.ofMillis(random.nextInt(EXTRA_MS));
            boolean isHasty = random.nextDouble() < HASTE;
            load.beginWindow();
            long begun = System.nanoTime();
            int victim = faults.begin(kind);
            Faults.pause(Faults.duration(kind).plus(extra));
            faults.end(kind, victim);
            long ended = System.nanoTime();
            if (isHasty) {
                summary.hasty(kind);
                Faults.pause(Duration.ofMillis(random.nextInt(EXTRA_MS)));
            } else {
                load.awaitAcknowledged(load.acknowledgedCount() + 200, HEALING_MAX);
                Faults.awaitHealth(cluster, HEALING_MAX);
                summary.healed(kind, isWhole, load.longestPause(), Duration.ofNanos(System.nanoTime() - ended));
            }
            isWhole = !isHasty;
            load.check();
            System.out.printf(
                    "%s (broker %d) for %d ms%s, %d records acknowledged%n",
                    kind.text(),
                    victim,
                    Duration.ofNanos(ended - begun).toMillis(),
                    isHasty
                            ? ", no time to heal"
                            : ", longest pause " + load.longestPause().toMillis() + " ms",
                    load.acknowledgedCount());
        }
        load.awaitAcknowledged(load.acknowledgedCount() + 200, HEALING_MAX);
        Faults.awaitHealth(cluster, HEALING_MAX);
    }
}
