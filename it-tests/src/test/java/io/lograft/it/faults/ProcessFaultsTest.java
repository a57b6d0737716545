package io.lograft.it.faults;

import io.lograft.it.ClusterProcesses;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three brokers on loopback that stand still, stop and die while they start, with producers and consumers at work. That
 * they are killed is the matter of KillLoadTest and PowerlessTest.
 */
@Tag("it")
class ProcessFaultsTest {
    private static final List<FaultKind> FAULTS = List.of(
            FaultKind.PAUSE_LEADER,
            FaultKind.PAUSE_CONTROLLER,
            FaultKind.RESTART_LOOP,
            FaultKind.BLINK,
            FaultKind.STOP);

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(3);

    @TempDir
    Path directory;

    @Test
    void nothingAcknowledgedOrSeenIsLostByAnyFaultOfAProcess() throws Exception {
        FaultSeries.run(brokers, directory, FAULTS);
    }
}
