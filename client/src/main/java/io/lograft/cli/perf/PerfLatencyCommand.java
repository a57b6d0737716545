package io.lograft.cli.perf;

import io.lograft.cli.CliContext;
import io.lograft.cli.CliFailure;
import io.lograft.cli.Json;
import io.lograft.cli.Table;
import io.lograft.client.Consumer;
import io.lograft.client.Lograft;
import io.lograft.client.Producer;
import io.lograft.client.ProducerOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code perf latency}: how long records take at a fixed rate, to their acknowledgement and to a reader. */
@Command(
        name = "latency",
        description = {
            "Write records at a fixed rate, read them at the topic's end, and measure how long both take.",
            "Latency counts from the moment at which a record was due, whenever it could be sent."
        })
final class PerfLatencyCommand implements Callable<Integer> {
    private static final double RATE_MIN = 0.01;
    private static final double RATE_MAX = 10_000_000;
    private static final int SIZE_BYTES_MAX = 8 << 20;
    private static final double DURATION_SECONDS_DEFAULT = 30;
    private static final double SECONDS_MAX = 30 * 24 * 3_600;
    private static final double MICROS_PER_MS = 1000;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "TOPIC", description = "Topic to write to and to read.")
    private String topic;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "1000",
            description = "Records per second, over all partitions. Default: 1000.")
    private double rate;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            description = "How long to write, after the warm-up. Default: 30.")
    private Double durationSeconds;

    @Option(names = "--records", paramLabel = "N", description = "Records to write, instead of a duration.")
    private Long records;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "5",
            description = "Write for so long first; these records do not count. Default: 5.")
    private double warmUpSeconds;

    @Option(
            names = "--arrival-seconds",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "An acknowledged record that was not read after so long is missing. Default: 30.")
    private double arrivalSeconds;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            defaultValue = "200",
            description = "Size of a value. Default: 200.")
    private int sizeBytes;

    @Mixin
    private PerfProduceCommand.WriteOptions writeOptions;

    @Override
    public Integer call() throws InterruptedException {
        check();
        ProducerOptions options = writeOptions.producer(spec);
        CliContext context = CliContext.of(spec);
        // Two connections, as if one application wrote and another one read.
        try (Lograft writing = context.connectAsApplicationsDo();
                Lograft reading = context.connectAsApplicationsDo()) {
            TopicSettings settings = writeOptions.prepare(writing.admin(), topic);
            try (Producer producer = writing.producer(options);
                    Consumer consumer = reading.consumer()) {
                LatencyRun.Load load = load();
                LatencyRun run = new LatencyRun(producer, consumer, load);
                try (PerfProgress progress = new PerfProgress("perf latency", load.total(), context.err())) {
                    run.run(progress);
                }
                print(context, settings, run.ledger());
                return verdict(run.ledger().outcome());
            }
        }
    }

    private void check() {
        require(rate >= RATE_MIN && rate <= RATE_MAX, "--rate is " + RATE_MIN + " to 10000000 records/s, not " + rate);
        require(durationSeconds == null || records == null, "--duration and --records exclude each other");
        require(durationSeconds == null || isTime(durationSeconds), times("--duration", durationSeconds));
        require(
                warmUpSeconds >= 0 && warmUpSeconds <= SECONDS_MAX,
                "--warm-up must be from 0 to " + Math.round(SECONDS_MAX) + " s, not " + warmUpSeconds);
        require(isTime(arrivalSeconds), times("--arrival-seconds", arrivalSeconds));
        require(
                records == null || (records > 0 && records <= rate * SECONDS_MAX),
                "--records must be positive, and at --rate take at most " + Math.round(SECONDS_MAX) + " s, not "
                        + records);
        require(
                recordsToCount() > 0,
                "--rate " + rate + " for --duration " + durationToCount() + " s is less than one record");
        require(
                sizeBytes >= PerfPayload.SIZE_BYTES_MIN && sizeBytes <= SIZE_BYTES_MAX,
                "--size must be at least " + PerfPayload.SIZE_BYTES_MIN
                        + ", to hold what tells the records apart, and at most " + SIZE_BYTES_MAX + ", not "
                        + sizeBytes);
    }

    private static boolean isTime(double seconds) {
        return seconds > 0 && seconds <= SECONDS_MAX;
    }

    private static String times(String option, Double seconds) {
        return option + " must be positive and at most " + Math.round(SECONDS_MAX) + " s, not " + seconds;
    }

    private void require(boolean isGood, String message) {
        if (!isGood) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }

    private long recordsToCount() {
        return records != null ? records : Math.round(rate * durationToCount());
    }

    private double durationToCount() {
        return durationSeconds == null ? DURATION_SECONDS_DEFAULT : durationSeconds;
    }

    private LatencyRun.Load load() {
        return new LatencyRun.Load(
                topic,
                sizeBytes,
                rate,
                Math.round(rate * warmUpSeconds),
                recordsToCount(),
                Duration.ofMillis(Math.round(arrivalSeconds * 1000)));
    }

    private void print(CliContext context, TopicSettings settings, LatencyLedger ledger) {
        LatencyLedger.Outcome outcome = ledger.outcome();
        LatencyLedger.Outcome warmUp = ledger.warmUpOutcome();
        if (context.isJson()) {
            context.printJson(json(settings, ledger, outcome, warmUp));
            return;
        }
        context.out()
                .println("Topic " + topic + ": " + writeOptions.text(settings) + ", " + Figures.decimal(rate)
                        + " records/s wanted");
        Table latencies = new Table("LATENCY MS", "ACKNOWLEDGED", "END TO END");
        Map<String, Object> endToEnd = latencies(outcome.endToEndUs());
        latencies(outcome.acknowledgementUs())
                .forEach((name, value) -> latencies.row(
                        label(name), Figures.decimal((Double) value), Figures.decimal((Double) endToEnd.get(name))));
        context.printTable(latencies);
        context.out().println();
        Table table = new Table("FIGURE", "VALUE");
        LatencyLedger.Arrivals arrivals = outcome.arrivals();
        table.row("records acknowledged", Figures.grouped(outcome.acknowledged()));
        table.row("seconds", Figures.decimal(ledger.seconds()));
        table.row("records/s", Figures.decimal(recordsPerSecond(ledger, outcome)));
        table.row("failed", Figures.grouped(outcome.failed()));
        table.row("read in time", Figures.grouped(arrivals.inTime()));
        table.row("missing", Figures.grouped(arrivals.missing()));
        table.row("of these, read late", Figures.grouped(arrivals.late()));
        table.row("read again", Figures.grouped(arrivals.duplicates()));
        table.row("left out, of the warm-up", Figures.grouped(warmUp.sent()));
        table.row("left out, not of this run", Figures.grouped(ledger.foreign()));
        context.printTable(table);
    }

    private Map<String, Object> json(
            TopicSettings settings, LatencyLedger ledger, LatencyLedger.Outcome outcome, LatencyLedger.Outcome warmUp) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("test", "latency");
        document.put("topic", topic);
        document.put("recordBytes", sizeBytes);
        document.put("targetRate", rate);
        document.put("sent", outcome.sent());
        document.put("records", outcome.acknowledged());
        document.put("seconds", Figures.rounded(ledger.seconds()));
        document.put("recordsPerSecond", Figures.rounded(recordsPerSecond(ledger, outcome)));
        document.put("failed", outcome.failed());
        document.put(
                "firstFailure",
                outcome.firstFailure() == null ? null : outcome.firstFailure().getMessage());
        document.put("arrived", outcome.arrivals().inTime());
        document.put("missing", outcome.arrivals().missing());
        document.put("late", outcome.arrivals().late());
        document.put("duplicates", outcome.arrivals().duplicates());
        document.put("latencyMs", latencies(outcome.acknowledgementUs()));
        document.put("endToEndLatencyMs", latencies(outcome.endToEndUs()));
        document.put("clean", problems(outcome).isEmpty());
        document.put(
                "warmUp",
                Json.object(
                        "seconds", warmUpSeconds,
                        "records", warmUp.sent(),
                        "failed", warmUp.failed(),
                        "missing", warmUp.arrivals().missing()));
        document.put("foreignRecords", ledger.foreign());
        Map<String, Object> all = writeOptions.json(settings, spec);
        all.put("arrivalSeconds", arrivalSeconds);
        document.put("settings", all);
        return document;
    }

    private static double recordsPerSecond(LatencyLedger ledger, LatencyLedger.Outcome outcome) {
        return ledger.seconds() == 0 ? 0 : outcome.acknowledged() / ledger.seconds();
    }

    private static Map<String, Object> latencies(Histogram us) {
        return Json.object(
                "p50", us.getValueAtPercentile(50) / MICROS_PER_MS,
                "p95", us.getValueAtPercentile(95) / MICROS_PER_MS,
                "p99", us.getValueAtPercentile(99) / MICROS_PER_MS,
                "p999", us.getValueAtPercentile(99.9) / MICROS_PER_MS,
                "max", us.getMaxValue() / MICROS_PER_MS,
                "mean", Figures.rounded(us.getMean() / MICROS_PER_MS));
    }

    private static String label(String percentile) {
        return percentile.equals("p999") ? "p99.9" : percentile;
    }

    private int verdict(LatencyLedger.Outcome outcome) {
        List<String> problems = problems(outcome);
        if (problems.isEmpty()) {
            return 0;
        }
        String code = outcome.failed() == 0
                ? "NOT_CLEAN"
                : outcome.firstFailure().code().name();
        throw new CliFailure(code, String.join("; ", problems));
    }

    private List<String> problems(LatencyLedger.Outcome outcome) {
        List<String> problems = new ArrayList<>();
        if (outcome.arrivals().missing() > 0) {
            problems.add(outcome.arrivals().missing() + " acknowledged records were not read within " + arrivalSeconds
                    + " s of their acknowledgement, " + outcome.arrivals().late() + " of them later");
        }
        if (outcome.arrivals().duplicates() > 0) {
            problems.add(outcome.arrivals().duplicates() + " records were read again");
        }
        if (outcome.failed() > 0) {
            problems.add(outcome.failed() + " records were not acknowledged; the first: "
                    + outcome.firstFailure().reason());
        }
        return problems;
    }
}
