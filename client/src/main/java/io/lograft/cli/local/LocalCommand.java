package io.lograft.cli.local;

import io.lograft.cli.CliContext;
import io.lograft.cli.CliFailure;
import io.lograft.cli.Json;
import io.lograft.cli.Table;
import io.lograft.cli.local.LocalCluster.BrokerStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code local …}: a cluster on this machine, a process for each broker, for development. */
@Command(name = "local", description = "Run a cluster on this machine, a process for each broker, for development.")
public final class LocalCommand implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @Spec
    private CommandSpec spec;

    /** The options that every verb takes. */
    static final class Place {
        @Option(
                names = "--dir",
                paramLabel = "DIR",
                defaultValue = "data/local",
                description = "Directory of the cluster. Default: ./data/local.")
        private Path directory;

        @Option(names = "--port", paramLabel = "P", description = "gRPC port of broker 1. Default: 7400.")
        private Integer port;

        /** 0 where none was given. */
        private int port() {
            if (port != null && port == 0) {
                throw new CliFailure("INVALID_CONFIG", "port 0 is not in 1..65535");
            }
            return port == null ? 0 : port;
        }
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "a verb is missing");
    }

    @Command(description = "Start the brokers that do not run, and return once all are ready.")
    int start(
            @Mixin Place place,
            @Option(
                            names = {"--brokers", "-n"},
                            paramLabel = "N",
                            description = "Number of brokers. Default: 3.")
                    Integer brokers)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        if (brokers != null && brokers == 0) {
            throw new CliFailure("INVALID_CONFIG", "0 brokers are not in 1.." + LocalLayout.BROKERS_MAX);
        }
        LocalCluster cluster = LocalCluster.openOrCreate(place.directory, brokers == null ? 0 : brokers, place.port());
        List<Integer> started = cluster.start(TIMEOUT);
        double seconds = (System.nanoTime() - start) / 1e9;
        CliContext context = CliContext.of(spec);
        if (context.isJson()) {
            context.printJson(Json.object(
                    "brokers",
                    cluster.brokerCount(),
                    "started",
                    started,
                    "readyAfterMs",
                    Math.round(seconds * 1000),
                    "bootstrap",
                    cluster.bootstrap()));
            return 0;
        }
        context.out()
                .println(
                        started.isEmpty()
                                ? "All " + cluster.brokerCount() + " brokers were running already."
                                : String.format(
                                        Locale.ROOT,
                                        "%d of %d brokers started, all ready after %.1f s.",
                                        started.size(),
                                        cluster.brokerCount(),
                                        seconds));
        context.out().println("Address: " + cluster.bootstrap());
        return 0;
    }

    @Command(description = "Stop the brokers in an orderly way; their data stay.")
    int stop(@Mixin Place place) throws IOException, InterruptedException {
        List<Integer> stopped = LocalCluster.open(place.directory, place.port()).stop(TIMEOUT);
        CliContext context = CliContext.of(spec);
        if (context.isJson()) {
            context.printJson(Json.object("stopped", stopped));
        } else {
            context.out().println(stopped.isEmpty() ? "No broker was running." : stopped.size() + " brokers stopped.");
        }
        return 0;
    }

    @Command(description = "Show what each broker does.")
    int status(@Mixin Place place) throws IOException {
        List<BrokerStatus> brokers =
                LocalCluster.open(place.directory, place.port()).status();
        CliContext context = CliContext.of(spec);
        if (context.isJson()) {
            context.printJson(Json.object(
                    "brokers",
                    brokers.stream()
                            .map(broker -> Json.object(
                                    "brokerId",
                                    broker.brokerId(),
                                    "state",
                                    word(broker),
                                    "pid",
                                    broker.pid() < 0 ? null : broker.pid(),
                                    "address",
                                    broker.address(),
                                    "memoryBytes",
                                    broker.memoryBytes() < 0 ? null : broker.memoryBytes()))
                            .toList()));
            return 0;
        }
        Table table = new Table("BROKER", "STATE", "PROCESS", "ADDRESS", "MEMORY MB");
        brokers.forEach(broker -> table.row(
                broker.brokerId(),
                word(broker),
                broker.pid() < 0 ? "-" : broker.pid(),
                broker.address(),
                broker.memoryBytes() < 0 ? "-" : broker.memoryBytes() >> 20));
        context.printTable(table);
        return 0;
    }

    @Command(description = "Kill a broker at once, as kill -9 does.")
    int kill(@Mixin Place place, @Parameters(paramLabel = "ID") int brokerId) throws IOException, InterruptedException {
        long pid = LocalCluster.open(place.directory, place.port()).kill(brokerId);
        CliContext context = CliContext.of(spec);
        if (context.isJson()) {
            context.printJson(Json.object("brokerId", brokerId, "pid", pid));
        } else {
            context.out().println("Broker " + brokerId + " killed (process " + pid + ").");
        }
        return 0;
    }

    @Command(description = "Stop a broker in an orderly way, if it runs, and start it.")
    int restart(@Mixin Place place, @Parameters(paramLabel = "ID") int brokerId)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        LocalCluster cluster = LocalCluster.open(place.directory, place.port());
        cluster.restart(brokerId, TIMEOUT);
        long tookMs = (System.nanoTime() - start) / 1_000_000;
        CliContext context = CliContext.of(spec);
        if (context.isJson()) {
            context.printJson(Json.object("brokerId", brokerId, "readyAfterMs", tookMs));
        } else {
            context.out()
                    .println(String.format(
                            Locale.ROOT,
                            "Broker %d is ready again at %s after %.1f s.",
                            brokerId,
                            cluster.address(brokerId),
                            tookMs / 1e3));
        }
        return 0;
    }

    private static String word(BrokerStatus broker) {
        return broker.state().name().toLowerCase(Locale.ROOT);
    }
}
