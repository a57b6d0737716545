package io.lograft.cli.perf;

import io.lograft.cli.CliContext;
import io.lograft.cli.CliFailure;
import io.lograft.cli.Json;
import io.lograft.cli.Table;
import io.lograft.client.Acks;
import io.lograft.client.Admin;
import io.lograft.client.Lograft;
import io.lograft.client.NewTopic;
import io.lograft.client.Producer;
import io.lograft.client.ProducerOptions;
import io.lograft.record.Compression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code perf produce}: writes records as fast as it can or at a rate, and says how that went. */
@Command(
        name = "produce",
        description = {
            "Write records of one size, or the lines of a file, and measure it.",
            "At a rate, latency counts from the moment at which a record was due. Flat out, from the call that sends it."
        })
final class PerfProduceCommand implements Callable<Integer> {
    private static final long RECORDS_DEFAULT = 1_000_000;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "TOPIC", description = "Topic to write to.")
    private String topic;

    @Option(names = "--records", paramLabel = "N", description = "Records to write. Default: 1,000,000; a whole file.")
    private Long records;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            defaultValue = "200",
            description = "Size of a value. Default: 200.")
    private int sizeBytes;

    @Option(names = "--file", paramLabel = "FILE", description = "Write its lines; over and over for --records.")
    private Path file;

    @Option(names = "--rate", paramLabel = "R", description = "Records per second. Default: flat out.")
    private double rate;

    @Option(names = "--keyed", description = "Give the records 65,536 keys in turn. Default: no keys.")
    private boolean isKeyed;

    @Mixin
    private WriteOptions writeOptions;

    @Mixin
    private BrokerCpuOptions cpuOptions;

    @Override
    public Integer call() throws IOException {
        check();
        CliContext context = CliContext.of(spec);
        try (Lograft cluster = context.connectAsApplicationsDo()) {
            TopicSettings settings = writeOptions.prepare(cluster.admin(), topic);
            BrokerCpu brokerCpu = cpuOptions.open(cluster.admin());
            try (Producer producer = cluster.producer(writeOptions.producer(spec));
                    RecordSource source = source()) {
                ProduceRun run = new ProduceRun(producer, topic, source, isKeyed);
                Figures figures = measure(run, brokerCpu, context);
                print(context, settings, run.tally(), figures);
                return run.tally().failedCount() == 0 ? 0 : fail(run.tally());
            }
        }
    }

    private void check() {
        if (file == null && sizeBytes < PerfPayload.SIZE_BYTES_MIN) {
            throw new ParameterException(
                    spec.commandLine(), "--size must be at least " + PerfPayload.SIZE_BYTES_MIN + ", not " + sizeBytes);
        }
        if (file != null && !Files.isReadable(file)) {
            throw new ParameterException(spec.commandLine(), "--file " + file + " cannot be read");
        }
        if ((records != null && records <= 0) || rate < 0) {
            throw new ParameterException(spec.commandLine(), "--records and --rate must be positive");
        }
    }

    private RecordSource source() throws IOException {
        return file == null
                ? new RecordSource.FixedSize(ThreadLocalRandom.current().nextInt(), sizeBytes)
                : new RecordSource.FileLines(file, records != null);
    }

    private Figures measure(ProduceRun run, BrokerCpu brokerCpu, CliContext context) throws IOException {
        long recordsMax = records != null ? records : file == null ? RECORDS_DEFAULT : Long.MAX_VALUE;
        OptionalDouble brokersBefore = brokerCpu.seconds();
        double clientBefore = BrokerCpu.ofThisProcess();
        double seconds;
        try (PerfProgress progress =
                new PerfProgress("perf produce", recordsMax == Long.MAX_VALUE ? -1 : recordsMax, context.err())) {
            seconds = run.run(recordsMax, rate, progress);
        }
        double clientCpu = BrokerCpu.ofThisProcess() - clientBefore;
        return new Figures(
                run.tally().acknowledgedCount(),
                run.bytes(),
                seconds,
                clientCpu,
                BrokerCpu.difference(brokersBefore, brokerCpu.seconds()));
    }

    private void print(CliContext context, TopicSettings settings, ProduceTally tally, Figures figures) {
        if (context.isJson()) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("test", "produce");
            document.put("topic", topic);
            document.put("recordBytes", file == null ? sizeBytes : null);
            document.put("targetRate", rate == 0 ? null : rate);
            figures.addTo(document);
            tally.addTo(document);
            document.put("settings", writeOptions.json(settings, spec));
            context.printJson(document);
            return;
        }
        context.out()
                .println("Topic " + topic + ": " + writeOptions.text(settings) + ", "
                        + (rate == 0 ? "flat out" : Figures.decimal(rate) + " records/s wanted"));
        Table table = new Table("FIGURE", "VALUE");
        figures.addTo(table);
        tally.addTo(table);
        context.printTable(table);
    }

    private static int fail(ProduceTally tally) {
        String reason = tally.firstFailure().reason();
        throw new CliFailure(
                tally.firstFailure().code().name(),
                tally.failedCount() + " records were not acknowledged; the first: " + reason);
    }

    /** How records are written, and the topic that is made for them; of {@code perf latency}, too. */
    static final class WriteOptions {
        @Option(names = "--acks", paramLabel = "all|leader|none", defaultValue = "all", description = "Default: all.")
        private Acks acks;

        @Option(
                names = "--compression",
                paramLabel = "none|gzip|snappy|lz4|zstd",
                defaultValue = "none",
                description = "Default: none.")
        private Compression compression;

        @Option(names = "--batch-bytes", paramLabel = "B", description = "Size of a batch. Default: the SDK's.")
        private Integer batchBytes;

        @Option(names = "--create", description = "Create the topic first.")
        private boolean isCreating;

        @Option(
                names = {"-p", "--partitions"},
                paramLabel = "P",
                description = "Partitions of a topic to be created.")
        private int partitions;

        @Option(
                names = {"-r", "--replicas"},
                paramLabel = "R",
                description = "Replicas of a topic to be created.")
        private int replicas;

        @Option(
                names = {"-c", "--config"},
                paramLabel = "K=V",
                description = "Setting of a topic to be created.")
        private Map<String, String> configs = Map.of();

        /** Makes the topic where that was asked for, and looks what it promises. */
        TopicSettings prepare(Admin admin, String topic) {
            if (isCreating) {
                admin.createTopic(new NewTopic(topic, partitions, replicas, configs));
            }
            return TopicSettings.of(admin.describeTopic(topic));
        }

        /** The options of a producer; wrong usage of the command where they make no sense. */
        ProducerOptions producer(CommandSpec spec) {
            ProducerOptions.Builder options =
                    ProducerOptions.builder().acks(acks).compression(compression);
            try {
                return (batchBytes == null ? options : options.batchBytes(batchBytes)).build();
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), e.getMessage(), e);
            }
        }

        String text(TopicSettings settings) {
            return settings.text() + "; acks " + acksWord() + ", compression " + compression.label();
        }

        Map<String, Object> json(TopicSettings settings, CommandSpec spec) {
            Map<String, Object> all = new LinkedHashMap<>(Json.object("acks", acksWord()));
            all.putAll(settings.json());
            all.put("idempotent", acks != Acks.NONE);
            all.put("compression", compression.label());
            all.put("batchBytes", producer(spec).batchBytes());
            return all;
        }

        private String acksWord() {
            return acks.name().toLowerCase(Locale.ROOT);
        }
    }
}
