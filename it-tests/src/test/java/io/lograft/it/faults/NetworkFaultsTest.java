package io.lograft.it.faults;

import io.lograft.it.ClusterProcesses;
import java.nio.file.Path;
import java.util.List;
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
        FaultSeries.run(brokers, directory, FAULTS);
    }
}
