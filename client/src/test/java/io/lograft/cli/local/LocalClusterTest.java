package io.lograft.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.cli.CliFailure;
import io.lograft.cli.local.LocalCluster.BrokerState;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against processes of a stand-in for the broker, which is in this module's test tree. */
class LocalClusterTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    private LocalCluster cluster;
    private int port;

    @BeforeEach
    void create() throws Exception {
        port = freePorts();
        cluster = LocalCluster.openOrCreate(directory, 2, port);
    }

    @AfterEach
    void stop() throws Exception {
        cluster.stop(TIMEOUT);
    }

    @Test
    void startsAllBrokersAndFindsThemAgain() throws Exception {
        assertThat(cluster.start(TIMEOUT)).containsExactly(1, 2);
        LocalCluster again = LocalCluster.open(directory, 0);
        assertThat(again.status()).extracting(status -> status.state()).containsOnly(BrokerState.READY);
        assertThat(again.start(TIMEOUT)).as("started again").isEmpty();

        long pid = again.kill(2);
        assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false))
                .isFalse();
        assertThat(cluster.status())
                .extracting(status -> status.state())
                .containsExactly(BrokerState.READY, BrokerState.STOPPED);
        assertThatThrownBy(() -> cluster.kill(2)).hasMessage("broker 2 does not run");

        cluster.restart(2, TIMEOUT);
        cluster.stop(2, TIMEOUT);
        assertThat(cluster.status())
                .extracting(status -> status.state())
                .containsExactly(BrokerState.READY, BrokerState.STOPPED);
        assertThat(cluster.start(TIMEOUT)).containsExactly(2);
        long first = cluster.status().get(0).pid();
        cluster.restart(1, TIMEOUT);
        assertThat(cluster.status().get(0).pid()).isNotEqualTo(first);
        assertThat(again.stop(TIMEOUT)).containsExactly(1, 2);
        assertThat(cluster.status()).extracting(status -> status.state()).containsOnly(BrokerState.STOPPED);
    }

    @Test
    void aBrokerThatEndsSaysWhy() throws Exception {
        Path logs = Files.createDirectories(directory.resolve("broker-2/log"));
        Files.createFile(logs.resolve("refuse"));
        assertThatThrownBy(() -> cluster.start(TIMEOUT))
                .isInstanceOf(CliFailure.class)
                .hasMessage("broker 2 ended while it started: error: refused for the test");
    }

    @Test
    void aTakenPortIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(port + 10)) {
            assertThatThrownBy(() -> cluster.start(TIMEOUT))
                    .hasMessageContaining("port " + taken.getLocalPort() + " of broker 2 is taken by another program");
        }
    }

    @Test
    void anotherShapeInTheSameDirectoryIsRefused() throws Exception {
        assertThatThrownBy(() -> LocalCluster.openOrCreate(directory, 3, 0))
                .hasMessageContaining("has 2 brokers, not 3");
        assertThatThrownBy(() -> LocalCluster.open(directory, port + 1)).hasMessageContaining("has port " + port);
        assertThat(LocalCluster.openOrCreate(directory, 0, 0).brokerCount()).isEqualTo(2);
        assertThatThrownBy(() -> LocalCluster.open(directory.resolve("none"), 0))
                .hasMessageContaining("holds no local cluster");
        assertThatThrownBy(() -> cluster.kill(3)).hasMessageContaining("has brokers 1 to 2");
    }

    /** A port from which on there are two brokers' free ones. */
    private static int freePorts() throws IOException {
        for (int attempt = 0; attempt < 100; attempt++) {
            int base;
            try (ServerSocket probe = new ServerSocket(0)) {
                base = probe.getLocalPort();
            }
            List<Integer> ports = List.of(base, base + 1, base + 2, base + 10, base + 11, base + 12);
            if (base < 65_000 && ports.stream().noneMatch(ReadyProbe::isTaken)) {
                return base;
            }
        }
        throw new IOException("no free ports");
    }
}
