package io.lograft.cli.local;

import io.lograft.cli.CliFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/**
 * An N-broker cluster on this machine, a process for each broker. What was started is found again by later commands
 * through the files in its directory. Not for use by several threads.
 */
public final class LocalCluster {
    private static final String STATE_FILE = "cluster.properties";
    private static final long POLL_MS = 20;
    private static final int OUTPUT_LINES = 5;

    /** What a broker of the cluster does. */
    public enum BrokerState {
        READY,
        STARTING,
        STOPPED
    }

    /**
     * One broker of the cluster, as {@code local status} shows it.
     *
     * @param pid number of its process, -1 for none
     * @param address where clients reach it
     * @param memoryBytes resident memory, -1 where not known
     */
    public record BrokerStatus(int brokerId, BrokerState state, long pid, String address, long memoryBytes) {}

    private final LocalLayout layout;

    private LocalCluster(LocalLayout layout) {
        this.layout = layout;
    }

    /**
     * The cluster in a directory, as it was created; creates it (on disk, nothing runs yet) where there is none.
     *
     * @param brokerCount number of brokers, 0 for the present number or, where there is no cluster yet, 3
     * @param port gRPC port of broker 1, 0 for the present one or 7400
     */
    public static LocalCluster openOrCreate(Path directory, int brokerCount, int port) throws IOException {
        Optional<LocalCluster> existing = find(directory);
        if (existing.isPresent()) {
            existing.get().checkIs(brokerCount, port);
            return existing.get();
        }
        LocalLayout layout = layout(directory, brokerCount == 0 ? 3 : brokerCount, port == 0 ? 7400 : port);
        Files.createDirectories(layout.directory());
        Files.writeString(
                layout.directory().resolve(STATE_FILE),
                "brokers=" + layout.brokerCount() + "\nport=" + layout.ports().base() + "\n");
        return new LocalCluster(layout);
    }

    /** The cluster in a directory; fails where there is none, or one at another port. */
    public static LocalCluster open(Path directory, int port) throws IOException {
        LocalCluster cluster = find(directory)
                .orElseThrow(() -> new CliFailure(
                        "UNKNOWN_CLUSTER",
                        directory + " holds no local cluster; \"lograft local start --dir " + directory
                                + "\" makes one"));
        cluster.checkIs(0, port);
        return cluster;
    }

    private static Optional<LocalCluster> find(Path directory) throws IOException {
        Path file = directory.resolve(STATE_FILE);
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            return Optional.of(new LocalCluster(layout(
                    directory,
                    Integer.parseInt(properties.getProperty("brokers", "")),
                    Integer.parseInt(properties.getProperty("port", "")))));
        } catch (NumberFormatException e) {
            throw new CliFailure("STORAGE_ERROR", file + " is damaged: " + e.getMessage());
        }
    }

    private static LocalLayout layout(Path directory, int brokerCount, int port) {
        try {
            return new LocalLayout(directory.toAbsolutePath().normalize(), new PortLayout(port), brokerCount);
        } catch (IllegalArgumentException e) {
            throw new CliFailure("INVALID_CONFIG", e.getMessage());
        }
    }

    private void checkIs(int brokerCount, int port) {
        if (brokerCount != 0 && brokerCount != layout.brokerCount()) {
            throw new CliFailure(
                    "INVALID_CONFIG",
                    "the cluster in " + layout.directory() + " has " + layout.brokerCount() + " brokers, not "
                            + brokerCount + "; use another --dir, or delete the directory");
        }
        if (port != 0 && port != layout.ports().base()) {
            throw new CliFailure(
                    "INVALID_CONFIG",
                    "the cluster in " + layout.directory() + " has port "
                            + layout.ports().base() + ", not " + port + "; use another --dir, or delete the directory");
        }
    }

    public int brokerCount() {
        return layout.brokerCount();
    }

    /** Addresses of all brokers, for {@code --bootstrap}. */
    public String bootstrap() {
        return layout.bootstrap();
    }

    /** Where clients reach one broker. */
    public String address(int brokerId) {
        return layout.address(brokerId);
    }

    /** Starts what does not run, and returns once all brokers are ready; says which of them it started. */
    public List<Integer> start(Duration timeout) throws IOException, InterruptedException {
        List<Integer> started = new ArrayList<>();
        for (int id : layout.brokerIds()) {
            if (process(id).isEmpty()) {
                launch(id);
                started.add(id);
            }
        }
        awaitReady(layout.brokerIds(), timeout);
        return started;
    }

    /** Stops the brokers in an orderly way, and kills those that have not stopped in time. */
    public List<Integer> stop(Duration timeout) throws IOException, InterruptedException {
        List<Integer> running = new ArrayList<>();
        for (int id : layout.brokerIds()) {
            Optional<ProcessHandle> process = process(id);
            process.ifPresent(ProcessHandle::destroy);
            process.ifPresent(found -> running.add(id));
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        for (int id : running) {
            awaitEnd(id, Math.max(0, deadline - System.nanoTime()));
        }
        return running;
    }

    /** Kills a broker at once, as {@code kill -9} does; says the number of the process that was. */
    public long kill(int brokerId) throws IOException, InterruptedException {
        ProcessHandle process = process(checked(brokerId))
                .orElseThrow(() -> new CliFailure("UNAVAILABLE", "broker " + brokerId + " does not run"));
        process.destroyForcibly();
        awaitEnd(brokerId, TimeUnit.SECONDS.toNanos(10));
        return process.pid();
    }

    /** Stops a broker in an orderly way, if it runs, and kills it if it has not stopped in time. */
    public void stop(int brokerId, Duration timeout) throws IOException, InterruptedException {
        process(checked(brokerId)).ifPresent(ProcessHandle::destroy);
        awaitEnd(brokerId, timeout.toNanos());
    }

    /** Stops a broker in an orderly way, if it runs, starts it, and returns once it is ready. */
    public void restart(int brokerId, Duration timeout) throws IOException, InterruptedException {
        stop(brokerId, timeout);
        launch(brokerId);
        awaitReady(List.of(brokerId), timeout);
    }

    /** What each broker does now. */
    public List<BrokerStatus> status() throws IOException {
        List<BrokerStatus> all = new ArrayList<>();
        for (int id : layout.brokerIds()) {
            long pid = process(id).map(ProcessHandle::pid).orElse(-1L);
            BrokerState state = BrokerState.STOPPED;
            if (pid >= 0) {
                state = ReadyProbe.isReady(layout.ports().http(id)) ? BrokerState.READY : BrokerState.STARTING;
            }
            all.add(new BrokerStatus(
                    id, state, pid, layout.address(id), pid < 0 ? -1 : ProcessMemory.residentBytes(pid)));
        }
        return all;
    }

    private int checked(int brokerId) {
        if (brokerId < 1 || brokerId > layout.brokerCount()) {
            throw new CliFailure(
                    "UNKNOWN_BROKER",
                    "there is no broker " + brokerId + "; the cluster in " + layout.directory() + " has brokers 1 to "
                            + layout.brokerCount());
        }
        return brokerId;
    }

    private Optional<ProcessHandle> process(int brokerId) throws IOException {
        try {
            return ProcessMark.parse(Files.readString(layout.processFile(brokerId)))
                    .flatMap(ProcessMark::find);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private void launch(int brokerId) throws IOException {
        PortLayout ports = layout.ports();
        for (int port : new int[] {ports.grpc(brokerId), ports.raft(brokerId), ports.http(brokerId)}) {
            if (ReadyProbe.isTaken(port)) {
                throw new CliFailure(
                        "PORT_TAKEN",
                        "port " + port + " of broker " + brokerId
                                + " is taken by another program; choose other ports with --port (and another --dir)");
            }
        }
        Files.createDirectories(layout.home(brokerId));
        Files.writeString(layout.configFile(brokerId), layout.configText(brokerId));
        Process process = BrokerLauncher.start(
                List.of("-c", layout.configFile(brokerId).toString()),
                layout.outputFile(brokerId),
                layout.config(brokerId).keySet());
        Files.writeString(
                layout.processFile(brokerId), ProcessMark.of(process.toHandle()).text());
    }

    private void awaitReady(List<Integer> brokerIds, Duration timeout) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        List<Integer> waiting = new ArrayList<>(brokerIds);
        while (true) {
            waiting.removeIf(id -> ReadyProbe.isReady(layout.ports().http(id)));
            if (waiting.isEmpty()) {
                return;
            }
            for (int id : waiting) {
                if (process(id).isEmpty()) {
                    throw new CliFailure("UNAVAILABLE", "broker " + id + " ended while it started: " + lastOutput(id));
                }
            }
            if (System.nanoTime() > deadline) {
                throw new CliFailure(
                        "UNAVAILABLE",
                        "broker " + waiting.get(0) + " is not ready after " + timeout.toSeconds()
                                + " s; its output is in " + layout.outputFile(waiting.get(0)));
            }
            Thread.sleep(POLL_MS);
        }
    }

    /** Waits until the broker's process has ended, and kills it when the time is over. */
    private void awaitEnd(int brokerId, long timeoutNs) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + timeoutNs;
        boolean isKilled = false;
        Optional<ProcessHandle> process = process(brokerId);
        while (process.isPresent() && ProcessState.of(process.get()) != ProcessState.ENDED) {
            if (!isKilled && System.nanoTime() > deadline) {
                process.get().destroyForcibly();
                isKilled = true;
            }
            Thread.sleep(POLL_MS);
        }
        Files.deleteIfExists(layout.processFile(brokerId));
    }

    private String lastOutput(int brokerId) throws IOException {
        List<String> lines = Files.readAllLines(layout.outputFile(brokerId));
        List<String> last = lines.subList(Math.max(0, lines.size() - OUTPUT_LINES), lines.size());
        return last.stream()
                .filter(line -> line.startsWith("error:"))
                .findFirst()
                .orElse(String.join(" | ", last) + " (more in " + layout.outputFile(brokerId) + ")");
    }
}
