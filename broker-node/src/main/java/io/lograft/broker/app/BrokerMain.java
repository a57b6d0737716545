package io.lograft.broker.app;

import io.lograft.broker.app.config.BrokerConfig;
import io.lograft.broker.app.config.ConfigException;
import io.lograft.broker.app.config.ConfigLoader;
import io.lograft.broker.app.config.HostPort;
import io.lograft.cli.Json;
import io.lograft.cli.local.BrokerLauncher;
import io.lograft.cli.local.ProcessState;
import io.lograft.cli.local.ReadyProbe;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * The process of a broker: {@code start} runs one until it is told to stop (SIGTERM, an orderly stop), {@code stop} tells
 * one that was started with the same configuration. Exit status 0 done, 1 failed, 2 wrong usage; a failure is one line
 * on standard error.
 */
public final class BrokerMain {
    private static final Duration STOP_MAX = Duration.ofSeconds(60);
    private static final Duration READY_MAX = Duration.ofSeconds(60);
    private static final long POLL_MS = 20;

    /** Starts a broker, which runs until it is closed. */
    interface NodeFactory {
        /** Returns once the broker has started; whether it is ready it says on its HTTP port. */
        AutoCloseable start(BrokerConfig config) throws Exception;
    }

    private final Map<String, String> environment;
    private final NodeFactory nodes;
    private final PrintStream out;
    private final PrintStream err;

    BrokerMain(Map<String, String> environment, NodeFactory nodes, PrintStream out, PrintStream err) {
        this.environment = environment;
        this.nodes = nodes;
        this.out = out;
        this.err = err;
    }

    public static void main(String[] args) {
        LogSetup.forBroker();
        NodeFactory nodes = config -> BrokerNode.start(config, BrokerMain::die);
        int status = new BrokerMain(System.getenv(), nodes, System.out, System.err).run(Arrays.asList(args));
        Runtime.getRuntime().exit(status);
    }

    /** A broken invariant, a failed disk, a refusal: the process ends at once, its peers take over. */
    private static void die(Throwable broken) {
        Runtime.getRuntime().halt(lastWords(broken, System.err));
    }

    /** Says why the process ends, and returns the exit status. */
    static int lastWords(Throwable broken, PrintStream err) {
        if (broken instanceof BrokerRefusedException refused) {
            err.println("error: " + oneLine(refused.getMessage()));
            return 1;
        }
        LoggerFactory.getLogger(BrokerMain.class).error("this broker ends", broken);
        return 3;
    }

    /** Runs one command and returns its exit status; a broker in the foreground returns only by the end of the JVM. */
    int run(List<String> args) {
        BrokerArguments arguments;
        try {
            arguments = BrokerArguments.parse(args);
        } catch (IllegalArgumentException e) {
            err.println("error: USAGE: " + e.getMessage());
            return 2;
        }
        try {
            BrokerConfig config = ConfigLoader.load(arguments.configFile(), environment, arguments.sets());
            BrokerDirectories directories = new BrokerDirectories(config);
            if (arguments.verb() == BrokerArguments.Verb.STOP) {
                return stop(arguments, config, directories);
            }
            directories.prepare();
            Optional<ProcessHandle> other = directories.runningProcess();
            if (other.isPresent()) {
                return fail(
                        "ALREADY_RUNNING",
                        "process " + other.get().pid() + " is a broker with log.dirs="
                                + config.storage().directories().get(0));
            }
            return arguments.isDaemon() ? startAside(arguments, config, directories) : startHere(config, directories);
        } catch (ConfigException e) {
            return fail("INVALID_CONFIG", e.getMessage());
        } catch (IOException e) {
            return fail("STORAGE_ERROR", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return fail("UNAVAILABLE", "interrupted");
        }
    }

    private int startHere(BrokerConfig config, BrokerDirectories directories) throws IOException, InterruptedException {
        AutoCloseable node;
        try {
            node = nodes.start(config);
        } catch (ConfigException e) {
            return fail("INVALID_CONFIG", e.getMessage());
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) { // The top frame: whatever kept the broker from starting ends the process in one line.
            return fail("UNAVAILABLE", "broker " + config.brokerId().value() + " cannot start: " + describe(e));
        }
        directories.markRunning();
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stopHere(node, directories, stopped), "shutdown"));
        stopped.await();
        return 0;
    }

    private void stopHere(AutoCloseable node, BrokerDirectories directories, CountDownLatch stopped) {
        try {
            node.close();
            directories.unmark();
        } catch (Exception e) { // The top frame of the hook: nobody else is left to hear of it.
            err.println("error: UNAVAILABLE: stopping was not orderly: " + describe(e));
        }
        stopped.countDown();
    }

    private int startAside(BrokerArguments arguments, BrokerConfig config, BrokerDirectories directories)
            throws IOException, InterruptedException {
        // Whoever listens there would be asked in place of the new broker whether it is ready.
        for (HostPort listener :
                List.of(config.network().grpc(), config.network().http())) {
            if (ReadyProbe.isTaken(local(listener))) {
                return fail("PORT_TAKEN", "listener " + listener + " is taken by another program; set listeners");
            }
        }
        Path output = directories.outputFile();
        long before = Files.exists(output) ? Files.size(output) : 0;
        Process process = BrokerLauncher.start(arguments.withoutDaemon(), output, Set.of());
        long deadline = System.nanoTime() + READY_MAX.toNanos();
        while (!ReadyProbe.isReady(local(config.network().http()))) {
            if (process.waitFor(POLL_MS, TimeUnit.MILLISECONDS)) {
                err.println(firstError(output, before)
                        .orElse("error: UNAVAILABLE: the broker ended while it started; its output is in " + output));
                return 1;
            }
            if (System.nanoTime() > deadline) {
                return fail(
                        "UNAVAILABLE",
                        "the broker (process " + process.pid() + ") is not ready after " + READY_MAX.toSeconds()
                                + " s; its output is in " + output);
            }
        }
        int brokerId = config.brokerId().value();
        String address = config.network().advertised().toString();
        out.println(
                arguments.isJson()
                        ? Json.write(Json.object(
                                "brokerId",
                                brokerId,
                                "address",
                                address,
                                "pid",
                                process.pid(),
                                "output",
                                output.toString()))
                        : "broker " + brokerId + " is ready at " + address + " (process " + process.pid()
                                + ", output in " + output + ")");
        return 0;
    }

    /** The line by which a broker in the background said why it ended, in what it wrote behind a position. */
    static Optional<String> firstError(Path output, long position) throws IOException {
        try (InputStream in = Files.newInputStream(output)) {
            in.skip(position); // to the end where the file is shorter
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith("error: "))
                    .findFirst();
        }
    }

    /** Where a listener is reached from this machine. */
    private static InetSocketAddress local(HostPort listener) {
        return listener.isAllInterfaces()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.port())
                : new InetSocketAddress(listener.host(), listener.port());
    }

    private int stop(BrokerArguments arguments, BrokerConfig config, BrokerDirectories directories)
            throws IOException, InterruptedException {
        Optional<ProcessHandle> found = directories.runningProcess();
        if (found.isEmpty()) {
            return fail(
                    "UNAVAILABLE",
                    "no broker runs with log.dirs="
                            + config.storage().directories().get(0));
        }
        ProcessHandle process = found.get();
        process.destroy();
        long deadline = System.nanoTime() + STOP_MAX.toNanos();
        while (ProcessState.of(process) != ProcessState.ENDED) {
            if (System.nanoTime() > deadline) {
                return fail(
                        "REQUEST_TIMED_OUT",
                        "process " + process.pid() + " still runs after " + STOP_MAX.toSeconds()
                                + " s; it goes on stopping");
            }
            Thread.sleep(POLL_MS);
        }
        int brokerId = config.brokerId().value();
        out.println(
                arguments.isJson()
                        ? Json.write(Json.object("brokerId", brokerId, "pid", process.pid(), "stopped", true))
                        : "broker " + brokerId + " has stopped (process " + process.pid() + ")");
        return 0;
    }

    private int fail(String code, String message) {
        err.println("error: " + code + ": " + oneLine(message));
        return 1;
    }

    private static String oneLine(String message) {
        return message.replaceAll("\\s*\\R\\s*", " ");
    }

    private static String describe(Throwable e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
