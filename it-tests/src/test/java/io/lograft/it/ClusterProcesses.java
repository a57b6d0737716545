package io.lograft.it;

import io.lograft.it.hosts.Commands;
import io.lograft.it.hosts.Hosts;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
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
 * Brokers 1 to N, each a process of its own from the class path of the tests; the first three of them, or the only one,
 * vote. They run on this machine's loopback, or each on a host of its own. For {@code @RegisterExtension} on a field:
 * after the test all processes are killed, hosts are removed, and if the test failed, the end of the brokers' output is
 * printed. For one thread.
 */
public final class ClusterProcesses implements AfterEachCallback {
    private static final Duration READY_MAX = Duration.ofMinutes(4);
    private static final Duration STOP_MAX = Duration.ofSeconds(40);
    private static final Duration THREAD_DUMP_MAX = Duration.ofSeconds(5);
    private static final int PROBE_MS = 2_000;
    private static final int TAIL_LINES = 60;
    private static final int VOTERS_MAX = 3;
    private static final int HOST_PORT = 7400;

    private final int count;
    private final boolean isOnHosts;
    private final Map<Integer, Process> processes = new HashMap<>();
    private Hosts hosts;
    private Path directory;
    private int basePort;
    private List<String> settings = List.of();
    private boolean hasSpareDirectory;

    public ClusterProcesses(int count) {
        this(count, false);
    }

    private ClusterProcesses(int count, boolean isOnHosts) {
        this.count = count;
        this.isOnHosts = isOnHosts;
    }

    /** Brokers each on a host of its own. */
    public static ClusterProcesses onHosts(int count) {
        return new ClusterProcesses(count, true);
    }

    /** Starts all brokers with their files in this directory, and returns once they are ready. */
    public void start(Path root, String... moreSettings) throws IOException {
        directory = root;
        if (isOnHosts) {
            hosts = Hosts.create(count);
        } else {
            basePort = FreePorts.forBrokers(count);
        }
        settings = List.of(moreSettings);
        ids().forEach(this::launch);
        awaitReady(ids());
    }

    public List<Integer> ids() {
        return IntStream.rangeClosed(1, count).boxed().toList();
    }

    /** The hosts that the brokers run on; fails where they run on loopback. */
    public Hosts hosts() {
        if (hosts == null) {
            throw new IllegalStateException("the brokers have no hosts of their own");
        }
        return hosts;
    }

    public boolean isOnHosts() {
        return isOnHosts;
    }

    /** Addresses of all brokers, for clients. */
    public String bootstrap() {
        return ids().stream().map(this::address).collect(Collectors.joining(","));
    }

    public String address(int id) {
        return host(id) + ":" + grpcPort(id);
    }

    private String host(int id) {
        return isOnHosts ? hosts.address(id) : "127.0.0.1";
    }

    public int grpcPort(int id) {
        return isOnHosts ? HOST_PORT : basePort + 10 * (id - 1);
    }

    /** Where a broker's partitions lie. */
    public Path logDirectory(int id) {
        return logDirectory(directory, id);
    }

    /** Where a broker's partitions will lie, for who has to prepare the directory before the start. */
    public static Path logDirectory(Path root, int id) {
        return home(root, id).resolve("log");
    }

    /** Has each broker use a second log directory. */
    public ClusterProcesses withSpareDirectories() {
        hasSpareDirectory = true;
        return this;
    }

    /** The second log directory of a broker. */
    public static Path spareDirectory(Path root, int id) {
        return home(root, id).resolve("log-2");
    }

    /** Where all files of a broker lie. */
    public static Path home(Path root, int id) {
        return root.resolve("broker-" + id);
    }

    /** Where a voter's metadata lie. */
    public Path metadataDirectory(int id) {
        return home(directory, id).resolve("metadata");
    }

    /** Ends processes as a power failure does: without a word, all at once. */
    public void kill(Collection<Integer> ids) {
        ids.forEach(id -> processes.get(id).destroyForcibly());
        ids.forEach(id -> awaitEnd(id, Duration.ofSeconds(20)));
    }

    /** Tells processes to stop (SIGTERM), and returns once they have. */
    public void stop(Collection<Integer> ids) {
        ids.forEach(id -> processes.get(id).destroy());
        ids.forEach(id -> awaitEnd(id, STOP_MAX));
    }

    /** Makes a process stand still (SIGSTOP). */
    public void pause(int id) {
        Commands.run("kill", "-STOP", Long.toString(processes.get(id).pid()));
    }

    /** Makes a process that stands still go on (SIGCONT). */
    public void resume(int id) {
        Commands.run("kill", "-CONT", Long.toString(processes.get(id).pid()));
    }

    /** Starts brokers that were killed or stopped, and returns once they are ready. */
    public void restart(Collection<Integer> ids) {
        launch(ids);
        awaitReady(ids);
    }

    /** Starts brokers that were killed or stopped. */
    public void launch(Collection<Integer> ids) {
        ids.forEach(this::launch);
    }

    /** Deletes a stopped broker's partitions, as a new disk in place of a broken one would have none. */
    public void wipeLogs(int id) throws IOException {
        try (Stream<Path> files = Files.walk(logDirectory(id))) {
            files.sorted((left, right) -> right.compareTo(left)).forEach(ClusterProcesses::delete);
        }
    }

    public boolean isAlive(int id) {
        return processes.get(id).isAlive();
    }

    /** The exit status of a broker that ends by itself. */
    public int awaitExit(int id, Duration timeout) {
        awaitEnd(id, timeout);
        return processes.get(id).exitValue();
    }

    /** The command line of a broker's JVM. */
    public static List<String> command(List<String> arguments) {
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
                .limit(count < VOTERS_MAX ? 1 : VOTERS_MAX)
                .map(voter -> voter + "@" + host(voter) + ":" + (grpcPort(voter) + 1))
                .collect(Collectors.joining(","));
        List<String> arguments = new ArrayList<>(List.of("start"));
        String listeners = Stream.of("grpc", "raft", "http")
                .map(scheme -> scheme + "://" + host(id) + ":"
                        + (grpcPort(id) + List.of("grpc", "raft", "http").indexOf(scheme)))
                .collect(Collectors.joining(","));
        Stream<String> own = Stream.of(
                "broker.id=" + id,
                "listeners=" + listeners,
                "metadata.voters=" + voters,
                "metadata.dir=" + metadataDirectory(id),
                "log.dirs=" + logDirectory(id) + (hasSpareDirectory ? "," + spareDirectory(directory, id) : ""));
        Stream.concat(own, settings.stream()).forEach(setting -> arguments.addAll(List.of("--set", setting)));
        return arguments;
    }

    private void launch(int id) {
        try {
            Files.createDirectories(home(directory, id));
            List<String> command = new ArrayList<>(isOnHosts ? hosts.prefix(id) : List.of());
            command.addAll(command(arguments(id)));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(output(id).toFile()));
            builder.environment().keySet().removeIf(name -> name.startsWith("LOGRAFT_"));
            processes.put(id, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns once these brokers say that they are ready. */
    public void awaitReady(Collection<Integer> ids) {
        for (int id : ids) {
            Eventually.holds(
                    READY_MAX, () -> "broker " + id + " is ready; it said\n" + tail(id), () -> isReadyOrFail(id));
        }
    }

    private boolean isReadyOrFail(int id) throws IOException {
        if (!isAlive(id)) {
            throw new AssertionError("broker " + id + " ended while it started; it said\n" + tail(id));
        }
        HttpURLConnection connection =
                (HttpURLConnection) URI.create("http://" + host(id) + ":" + (grpcPort(id) + 2) + "/readyz")
                        .toURL()
                        .openConnection();
        connection.setConnectTimeout(PROBE_MS);
        connection.setReadTimeout(PROBE_MS);
        try {
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } finally {
            connection.disconnect();
        }
    }

    private void awaitEnd(int id, Duration timeout) {
        try {
            if (!processes.get(id).waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("broker " + id + " still runs after " + timeout + "; it said\n" + tail(id)
                        + "\n and its threads\n" + threads(id));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Where the threads of a broker are, which a JVM prints on SIGQUIT. */
    private String threads(int id) {
        int before = said(id).length();
        Commands.run("kill", "-QUIT", Long.toString(processes.get(id).pid()));
        Eventually.holds(
                THREAD_DUMP_MAX,
                () -> "broker " + id + " has printed its threads; it said\n" + tail(id),
                () -> said(id).indexOf("JNI global refs", before) >= 0);
        return said(id).substring(before);
    }

    /** The last lines that a broker has printed. */
    public String tail(int id) {
        try {
            List<String> lines = Files.readAllLines(output(id));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "(its output cannot be read: " + e + ")";
        }
    }

    /** All that a broker has printed. */
    public String said(int id) {
        try {
            return Files.readString(output(id));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path output(int id) {
        return home(directory, id).resolve("broker.out");
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
        try {
            if (context.getExecutionException().isPresent()) {
                processes
                        .keySet()
                        .forEach(id -> System.err.println("---- broker " + id + " said at last\n" + tail(id)));
            }
            processes.values().forEach(Process::destroyForcibly);
            processes.keySet().forEach(id -> awaitEnd(id, Duration.ofSeconds(20)));
            processes.clear();
        } finally {
            if (hosts != null) {
                hosts.close();
                hosts = null;
            }
        }
    }
}
