package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.cli.local.LocalCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client in another language that knows nothing but an address and asks the rest by reflection. */
class NodeConformanceTest {
    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final Path SCRIPTS = Path.of("src/test/node").toAbsolutePath();

    @TempDir
    static Path directory;

    private static LocalCluster cluster;
    private static Shell node;

    @BeforeAll
    static void start() throws Exception {
        Path work = Files.createDirectories(Path.of("target/node").toAbsolutePath());
        for (String file : new String[] {"package.json", "package-lock.json", "conformance.mjs", "reflection.proto"}) {
            Files.write(work.resolve(file), Files.readAllBytes(SCRIPTS.resolve(file)));
        }
        node = Shell.inRoot().in(work);
        node.run(TIMEOUT, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
                .orFail();
        cluster = LocalCluster.openOrCreate(directory, 1, FreePorts.forBrokers(1));
        cluster.start(Duration.ofSeconds(60));
    }

    @AfterAll
    static void stop() throws Exception {
        if (cluster != null) {
            cluster.stop(Duration.ofSeconds(30));
        }
    }

    @Test
    void writesAndReadsWithNothingButTheAddress() throws Exception {
        Shell.Result result = node.run(TIMEOUT, "node", "conformance.mjs", cluster.address(1), "from-node");
        assertThat(result.status()).as(result.out() + result.err()).isZero();
        assertThat(result.out()).contains("ok 9 ").contains("# all 9 steps passed");
    }
}
