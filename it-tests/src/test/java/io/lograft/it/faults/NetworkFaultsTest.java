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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three brokers on hosts of their own, and every fault of the network once, with producers and consumers at work. Needs
 * root: bin/test decides by the tag.
 */
@Tag("root")
class NetworkFaultsTest {
    private static final Duration HEALING_MAX = Duration.ofMinutes(3);
    private static final List<FaultKind> FAULTS = List.of(
            FaultKind.MINORITY,
            FaultKind.DEAF,
            FaultKind.MUTE,
            FaultKind.NO_FOLLOWERS,
            FaultKind.NO_CONTROLLER,
            FaultKind.CONTROLLER_CUT,
            FaultKind.RESET,
            FaultKind.LOSS,
            FaultKind.SLOW,
            FaultKind.UNPLUG);

    @RegisterExtension
    final ClusterProcesses brokers = ClusterProcesses.onHosts(3);

    @TempDir
    Path directory;

    @Test
    void nothingAcknowledgedOrSeenIsLostByAnyFaultOfTheNetwork() throws Exception {
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
                for (FaultKind kind : FAULTS) {
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
