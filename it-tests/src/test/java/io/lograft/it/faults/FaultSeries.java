package io.lograft.it.faults;

import io.lograft.client.Lograft;
import io.lograft.it.ClusterProcesses;
import io.lograft.it.ReplicaFiles;
import io.lograft.it.TestTopic;
import io.lograft.it.load.LoadShape;
import io.lograft.it.load.RecordLoad;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** One fault after the other under load, each healed before the next; then the audit of all records and files. */
final class FaultSeries {
    private static final Duration HEALING_MAX = Duration.ofMinutes(3);

    private FaultSeries() {}

    /** Starts the brokers in this directory, and stops them in the end. */
    static void run(ClusterProcesses brokers, Path directory, List<FaultKind> kinds) throws Exception {
        long seed = Long.getLong("it.seed", System.nanoTime());
        System.out.println("seed " + seed);
        brokers.start(directory);
        ReplicaFiles files;
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            TestTopic.create(cluster);
            Faults.awaitHealth(cluster, HEALING_MAX);
            Faults faults = new Faults(brokers, cluster, new Random(seed));
            try (RecordLoad load = RecordLoad.start(cluster, TestTopic.NAME, LoadShape.DEFAULT.of(0, 2_000))) {
                load.awaitAcknowledged(2_000, HEALING_MAX);
                for (FaultKind kind : kinds) {
                    System.out.println(FaultRun.run(faults, kind, cluster, load, HEALING_MAX));
                }
                load.finish(Duration.ofMinutes(5));
                load.audit(cluster);
            }
            files = ReplicaFiles.of(cluster, TestTopic.NAME);
        }
        brokers.stop(brokers.ids());
        files.assertSameEverywhere(brokers);
    }
}
