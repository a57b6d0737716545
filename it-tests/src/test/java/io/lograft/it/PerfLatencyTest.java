package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code perf latency} against real brokers: every record is acknowledged, and read once. */
@Tag("it")
class PerfLatencyTest {
    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(3);

    @TempDir
    Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void everyRecordIsAcknowledgedAndReadOnce() throws Exception {
        brokers.start(directory);

        assertThat(run("--create", "-p", "6", "-r", "3", "-c", "min.insync.replicas=2"))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        assertCounts();

        // What the first run wrote is left alone.
        assertThat(run("--compression", "zstd", "--size", "16")).isZero();
        assertCounts();
    }

    private void assertCounts() {
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("\"test\":\"latency\"", "\"sent\":1000,\"records\":1000,", "\"arrived\":1000,\"missing\":0")
                .contains("\"failed\":0", "\"duplicates\":0", "\"foreignRecords\":0")
                .contains("\"partitions\":6,\"replicationFactor\":3,\"minInsyncReplicas\":\"2\"");
    }

    private int run(String... options) {
        out.reset();
        err.reset();
        String[] common = {
            "--bootstrap",
            brokers.bootstrap(),
            "-o",
            "json",
            "perf",
            "latency",
            "orders",
            "--records",
            "1000",
            "--warm-up",
            "0.5"
        };
        String[] all = new String[common.length + options.length];
        System.arraycopy(common, 0, all, 0, common.length);
        System.arraycopy(options, 0, all, common.length, options.length);
        return Main.run(
                all,
                Map.of(),
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }
}
