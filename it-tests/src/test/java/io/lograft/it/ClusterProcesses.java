package io.lograft.it;

import io.lograft.cli.local.ReadyProbe;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Brokers 1 to N, each a process of its own from the class path of the tests, which all vote. For
 * {@code @RegisterExtension} on a field: after the test all processes are killed, and if it failed, the end of their
 * output is printed. For one thread.
 */
final class ClusterProcesses implements AfterEachCallback {
    private static final Duration READY_MAX = Duration.ofSeconds(90);
    private static final Duration STOP_MAX = Duration.ofSeconds(40);
    private static final int TAIL_LINES = 60;

    private final int count;
    private final Map<Integer, Process> processes = new HashMap<>();
    private Path directory;
    private int basePort;
    private List<String> settings = List.of();

    ClusterProcesses(int count) {
        this.count = count;
    }

    /** Starts all brokers with their files in this directory, and returns once they are ready. */
    void start(Path root, String... moreSettings) throws IOException {
        directory = root;
        basePort = FreePorts.forBrokers(count);
        settings = List.of(moreSettings);
        ids().forEach(this::launch);
        awaitReady(ids());
    }

    List<Integer> ids() {
        return IntStream.rangeClosed(1, count).boxed().toList();
    }

    /** Addresses of all brokers, for clients. */
    String bootstrap() {
        return ids().stream().map(this::address).collect(Collectors.joining(","));
    }

    String address(int id) {
        return "127.0.0.1:" + grpcPort(id);
    }

    int grpcPort(int id) {
        return basePort + 10 * (id - 1);
    }

    /** Where a broker's partitions lie. */
    Path logDirectory(int id) {
        return home(id).resolve("log");
    }

    /** Ends processes as a power failure does: without a word, all at once. */
    void kill(Collection<Integer> ids) {
        ids.forEach(id -> processes.get(id).destroyForcibly());
        ids.forEach(id -> awaitEnd(id, Duration.ofSeconds(20)));
    }

    /** Tells processes to stop (SIGTERM), and returns once they have. */
    void stop(Collection<Integer> ids) {
        ids.forEach(id -> processes.get(id).destroy());
        ids.forEach(id -> awaitEnd(id, STOP_MAX));
    }

    /** Starts brokers that were killed or stopped, and returns once they are ready. */
    void restart(Collection<Integer> ids) {
        ids.forEach(this::launch);
        awaitReady(ids);
    }

    /** Deletes a stopped broker's partitions, as a new disk in place of a broken one would have none. */
    void wipeLogs(int id) throws IOException {
        try (Stream<Path> files = Files.walk(logDirectory(id))) {
            files.sorted((left, right) -> right.compareTo(left)).forEach(ClusterProcesses::delete);
        }
    }

    boolean isAlive(int id) {
        return processes.get(id).isAlive();
    }

    /** The command line of a broker's JVM. */
    static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-XX:+ExitOnOutOfMemoryError",
                "-Xmx256m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "io.lograft.broker.app.BrokerMain"));
        command.addAll(arguments);
        return command;
    }

    private List<String> arguments(int id) {
        String voters = ids().stream()
                .map(voter -> voter + "@127.0.0.1:" + (grpcPort(voter) + 1))
                .collect(Collectors.joining(","));
        List<String> arguments = new ArrayList<>(List.of("start"));
        Stream<String> own = Stream.of(
                "broker.id=" + id,
                "listeners=grpc://127.0.0.1:%d,raft://127.0.0.1:%d,http://127.0.0.1:%d"
                        .formatted(grpcPort(id), grpcPort(id) + 1, grpcPort(id) + 2),
                "metadata.voters=" + voters,
                "metadata.dir=" + home(id).resolve("metadata"),
                "log.dirs=" + logDirectory(id));
        Stream.concat(own, settings.stream()).forEach(setting -> arguments.addAll(List.of("--set", setting)));
        return arguments;
    }

    private void launch(int id) {
        try {
            Files.createDirectories(home(id));
            ProcessBuilder builder = new ProcessBuilder(command(arguments(id)))
                    .redirectErrorStream(true)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(output(id).toFile()));
            builder.environment().keySet().removeIf(name -> name.startsWith("LOGRAFT_"));
            processes.put(id, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitReady(Collection<Integer> ids) {
        for (int id : ids) {
            Eventually.holds(
                    READY_MAX, () -> "broker " + id + " is ready; it said\n" + tail(id), () -> isReadyOrFail(id));
        }
    }

    private boolean isReadyOrFail(int id) {
        if (!isAlive(id)) {
            throw new AssertionError("broker " + id + " ended while it started; it said\n" + tail(id));
        }
        return ReadyProbe.isReady(grpcPort(id) + 2);
    }

    private void awaitEnd(int id, Duration timeout) {
        try {
            if (!processes.get(id).waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("broker " + id + " still runs after " + timeout + "; it said\n" + tail(id));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** The last lines that a broker has printed. */
    String tail(int id) {
        try {
            List<String> lines = Files.readAllLines(output(id));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "(its output cannot be read: " + e + ")";
        }
    }

    private Path home(int id) {
        return directory.resolve("broker-" + id);
    }

    private Path output(int id) {
        return home(id).resolve("broker.out");
    }

    private static void delete(Path path) {
        try {
            Files.delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getExecutionException().isPresent()) {
            processes.keySet().forEach(id -> System.err.println("---- broker " + id + " said at last\n" + tail(id)));
        }
        processes.values().forEach(Process::destroyForcibly);
        processes.keySet().forEach(id -> awaitEnd(id, Duration.ofSeconds(20)));
        processes.clear();
    }
}
