package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.ComposeContainer;
import org.testcontainers.containers.ContainerState;
import org.testcontainers.containers.wait.strategy.Wait;

/**
 * The shipped image and compose file: three brokers in containers, used from the host and from inside their network, and
 * one of them killed. bin/test decides by the tag whether this runs; where it runs, it never skips itself.
 */
@Tag("docker")
class DockerComposeTest {
    private static final Duration BUILD_MAX = Duration.ofMinutes(5);
    private static final Duration COMMAND_MAX = Duration.ofSeconds(90);
    private static final Path COMPOSE_FILE = Shell.ROOT.resolve("docker/docker-compose.yml");
    private static final int RECORDS = 2000;

    private static ComposeContainer cluster;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        Shell.inRoot()
                .run(
                        BUILD_MAX,
                        "docker",
                        "build",
                        "--build-arg",
                        "BASE=lograft/base",
                        "-f",
                        "docker/Dockerfile",
                        "-t",
                        "lograft/broker",
                        ".")
                .orFail();
        port = FreePorts.forBrokers(3);
        cluster = new ComposeContainer(COMPOSE_FILE.toFile()).withPull(false);
        for (int broker = 1; broker <= 3; broker++) {
            cluster.withEnv("BROKER_" + broker + "_PORT", Integer.toString(port + 10 * (broker - 1)));
            cluster.withEnv("BROKER_" + broker + "_HTTP_PORT", Integer.toString(port + 10 * (broker - 1) + 2));
            cluster.waitingFor(instance(broker), Wait.forHealthcheck().withStartupTimeout(Duration.ofMinutes(3)));
        }
        cluster.start();
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.stop(); // Removes containers, network and volumes.
        }
    }

    @Test
    void survivesTheKillOfAContainerSeenFromHostAndNetwork() throws Exception {
        assertThat(lograft("localhost:" + port, "", "topic", "create", "orders", "-p", "6", "-r", "3"))
                .contains("orders");
        lograft("localhost:" + (port + 10), lines("first"), "produce", "orders");

        String killed = container(1).getContainerId();
        Shell.inRoot()
                .run(COMMAND_MAX, "docker", "kill", "--signal", "KILL", killed)
                .orFail();

        lograft("localhost:" + (port + 20), lines("second"), "produce", "orders");
        List<String> expected = Arrays.asList((lines("first") + lines("second")).split("\n", -1));
        String fromHost =
                lograft("localhost:" + (port + 10), "", "consume", "orders", "--from-beginning", "--until-end");
        assertThat(Arrays.asList(fromHost.split("\n", -1))).containsExactlyInAnyOrderElementsOf(expected);

        var inside = container(3)
                .execInContainer(
                        "lograft",
                        "--bootstrap",
                        "broker-2:7400",
                        "consume",
                        "orders",
                        "--from-beginning",
                        "--until-end");
        assertThat(inside.getExitCode()).as(inside.getStderr()).isZero();
        assertThat(Arrays.asList(inside.getStdout().split("\n", -1))).containsExactlyInAnyOrderElementsOf(expected);
    }

    private static ContainerState container(int broker) {
        return cluster.getContainerByServiceName(instance(broker)).orElseThrow();
    }

    /** The first container of a broker's service; without a number Testcontainers takes the broker's for it. */
    private static String instance(int broker) {
        return "broker-" + broker + "-1";
    }

    private static String lines(String prefix) {
        StringBuilder text = new StringBuilder();
        IntStream.range(0, RECORDS)
                .forEach(i -> text.append(prefix).append(' ').append(i).append('\n'));
        return text.toString();
    }

    /** Runs a command on the host, as a person does; it must succeed. */
    private static String lograft(String bootstrap, String input, String... arguments) throws Exception {
        String[] command = new String[arguments.length + 3];
        command[0] = Shell.ROOT.resolve("bin/lograft").toString();
        command[1] = "--bootstrap";
        command[2] = bootstrap;
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        return Shell.inRoot()
                .with("LOGRAFT_BUILD", "never")
                .run(input, COMMAND_MAX, command)
                .orFail();
    }
}
