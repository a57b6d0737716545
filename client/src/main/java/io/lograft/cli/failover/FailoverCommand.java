package io.lograft.cli.failover;

import io.lograft.cli.CliContext;
import io.lograft.cli.CliFailure;
import io.lograft.cli.Json;
import io.lograft.cli.Table;
import io.lograft.cli.local.LocalCluster;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.NewTopic;
import io.lograft.client.Producer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code perf failover}: for how long clients cannot write when brokers are killed, paused, stopped and restarted. */
@Command(
        name = "failover",
        description = {
            "Kill, pause, stop and restart brokers of a local cluster under a steady load, and measure it.",
            "The load is acks=all, on a topic of its own. Latency counts from the moment at which a record was due.",
            "With --event command it is any cluster at --bootstrap, and --run says what to do to it."
        })
public final class FailoverCommand implements Callable<Integer> {
    private static final Duration START_MAX = Duration.ofSeconds(60);
    private static final int WARM_UP_MS = 5_000;
    private static final int CALM_SECONDS_MAX = 3_600;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--event",
            paramLabel = "E,…",
            split = ",",
            defaultValue = "kill-leader,kill-controller,pause-leader,stop-leader,stop-controller,rolling-restart",
            description = "What to do, in this order: ${DEFAULT-VALUE}. Default: all these.")
    private List<String> events;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "1", description = "Rounds of all events. Default: 1.")
    private int runs;

    @Option(
            names = "--calm",
            paramLabel = "SECONDS",
            defaultValue = "1.5",
            description = "How long the load goes on before each event, once the cluster is whole. Default: 1.5.")
    private double calmSeconds;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            defaultValue = "data/local",
            description = "Directory of the local cluster. Default: ./data/local.")
    private Path directory;

    @Option(names = "--run", paramLabel = "COMMAND", description = "What the event \"command\" does.")
    private String strikeCommand;

    @Option(names = "--heal", paramLabel = "COMMAND", description = "What undoes it.")
    private String healCommand;

    @Mixin
    private LoadOptions loadOptions;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<FailoverEvent> parsed = parseEvents();
        if (!(calmSeconds >= 0 && calmSeconds <= CALM_SECONDS_MAX)) {
            throw new ParameterException(
                    spec.commandLine(), "--calm is 0 to " + CALM_SECONDS_MAX + " seconds, not " + calmSeconds);
        }
        CliContext context = CliContext.of(spec);
        boolean isLocal = parsed.stream().anyMatch(event -> event != FailoverEvent.COMMAND);
        LocalCluster local = isLocal ? LocalCluster.open(directory, 0) : null;
        String bootstrap = isLocal ? local.bootstrap() : context.bootstrap();
        String topic =
                "failover-" + Integer.toHexString(ThreadLocalRandom.current().nextInt());
        try (Lograft writing = Lograft.connect(bootstrap);
                Lograft looking = Lograft.connect(bootstrap)) {
            looking.admin().createTopic(loadOptions.topic(topic));
            try (Producer producer = writing.producer();
                    SteadyLoad load = loadOptions.start(producer, topic)) {
                Observer observer = new Observer(looking.admin(), topic);
                Thread.sleep(WARM_UP_MS);
                return runAll(
                        parsed, local, observer, new Trial(load, observer, Math.round(calmSeconds * 1000)), context);
            } finally {
                looking.admin().deleteTopic(topic);
            }
        }
    }

    private List<FailoverEvent> parseEvents() {
        List<FailoverEvent> parsed;
        try {
            parsed = events.stream().map(FailoverEvent::parse).toList();
        } catch (IllegalArgumentException unknown) {
            throw new ParameterException(
                    spec.commandLine(), "--event is one of " + List.of(FailoverEvent.values()), unknown);
        }
        if (parsed.contains(FailoverEvent.COMMAND) != (strikeCommand != null)) {
            throw new ParameterException(spec.commandLine(), "--event command needs --run, and only it does");
        }
        return parsed;
    }

    private int runAll(List<FailoverEvent> all, LocalCluster local, Observer observer, Trial trial, CliContext context)
            throws IOException, InterruptedException {
        Report report = new Report(context);
        int unsuccessful = 0;
        for (int run = 1; run <= runs; run++) {
            for (FailoverEvent event : all) {
                try {
                    Trial.Outcome outcome = trial.run(() -> event == FailoverEvent.COMMAND
                            ? new ShellFault(strikeCommand, healCommand)
                            : LocalFault.choose(event, local, observer));
                    report.outcome(run, event, outcome);
                    unsuccessful += outcome.failed() == 0 ? 0 : 1;
                } catch (CliFailure | LograftException failed) {
                    // The next events are worth a try: the brokers that do not run are started for them.
                    unsuccessful++;
                    report.failure(run, event, failed.getMessage());
                    if (local != null) {
                        local.start(START_MAX);
                    }
                }
            }
        }
        report.end();
        if (unsuccessful > 0) {
            throw new CliFailure(
                    "NOT_CLEAN",
                    "records failed, or the run did, in " + unsuccessful + " of " + (long) runs * all.size()
                            + " events");
        }
        return 0;
    }

    /** What is written, and how fast. */
    static final class LoadOptions {
        @Option(names = "--rate", defaultValue = "1000", description = "Records per second. Default: 1000.")
        private int rate;

        @Option(names = "--size", paramLabel = "BYTES", defaultValue = "1024", description = "Size. Default: 1024.")
        private int sizeBytes;

        @Option(
                names = {"-p", "--partitions"},
                defaultValue = "6",
                description = "Partitions of the topic. Default: 6.")
        private int partitions;

        @Option(
                names = {"-r", "--replicas"},
                defaultValue = "3",
                description = "Its replication factor. Default: 3.")
        private int replicas;

        @Option(
                names = {"-c", "--config"},
                paramLabel = "K=V",
                description = "Setting of the topic.")
        private Map<String, String> configs = Map.of();

        private NewTopic topic(String name) {
            return new NewTopic(name, partitions, replicas, configs);
        }

        private SteadyLoad start(Producer producer, String topic) {
            return SteadyLoad.start(producer, topic, partitions, rate, sizeBytes);
        }
    }

    /** Prints each outcome as it comes as a line of JSON, or all of them as a table in the end. */
    private static final class Report {
        private final CliContext context;
        private final Table table = new Table(
                "RUN",
                "EVENT",
                "BROKER",
                "WRITABLE AFTER MS",
                "FAILED",
                "P99 MS",
                "MAX MS",
                "IN SYNC AFTER MS",
                "HEAL P99 MS",
                "HEAL MAX MS");

        private Report(CliContext context) {
            this.context = context;
        }

        private void outcome(int run, FailoverEvent event, Trial.Outcome outcome) {
            if (context.isJson()) {
                Map<String, Object> document = head(run, event);
                document.putAll(outcome.json());
                print(document);
                return;
            }
            context.err()
                    .println("run " + run + ", " + event + ": writable after "
                            + ms(outcome.strike().longestGapMs()) + " ms");
            Window.Figures heal = outcome.heal();
            table.row(
                    run,
                    event,
                    outcome.victim(),
                    ms(outcome.strike().longestGapMs()),
                    outcome.failed(),
                    ms(outcome.strike().p99Ms()),
                    ms(outcome.strike().maxMs()),
                    outcome.inSyncMs() == null ? "-" : ms(outcome.inSyncMs()),
                    heal == null ? "-" : ms(heal.p99Ms()),
                    heal == null ? "-" : ms(heal.maxMs()));
        }

        private void failure(int run, FailoverEvent event, String message) {
            if (context.isJson()) {
                Map<String, Object> document = head(run, event);
                document.put("error", message);
                print(document);
            } else {
                context.err().println("run " + run + ", " + event + " FAILED: " + message);
                table.row(run, event, "-", "FAILED", "-", "-", "-", "-", "-", "-");
            }
        }

        private static Map<String, Object> head(int run, FailoverEvent event) {
            return new LinkedHashMap<>(Json.object("event", event.toString(), "run", run));
        }

        private void print(Map<String, Object> document) {
            context.printJson(document);
            context.out().flush();
        }

        private void end() {
            if (!context.isJson()) {
                context.printTable(table);
            }
        }

        private static String ms(double value) {
            return String.format(Locale.ROOT, "%.1f", value);
        }
    }
}
