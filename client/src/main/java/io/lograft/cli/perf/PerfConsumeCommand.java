package io.lograft.cli.perf;

import io.lograft.cli.CliContext;
import io.lograft.cli.CliFailure;
import io.lograft.cli.Json;
import io.lograft.cli.Table;
import io.lograft.client.Consumer;
import io.lograft.client.ConsumerOptions;
import io.lograft.client.Lograft;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code perf consume}: reads a topic from its beginning, checks count and order, and says how fast that was. */
@Command(
        name = "consume",
        description = {
            "Read a topic from its beginning, check count and order, and measure it.",
            "Without --records it reads what is there at the start."
        })
final class PerfConsumeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "TOPIC", description = "Topic to read.")
    private String topic;

    @Option(names = "--records", paramLabel = "N", description = "Records to read; waits for them.")
    private long records;

    @Option(
            names = "--verify",
            description = "Check every byte of the records that perf produce wrote, and that each is there once.")
    private boolean isVerifying;

    @Option(names = "--prefetch-bytes", paramLabel = "B", description = "What may wait to be read. Default: the SDK's.")
    private Long prefetchBytes;

    @Option(
            names = "--idle-seconds",
            paramLabel = "S",
            defaultValue = "30",
            description = "Give up after so long without a record. Default: 30.")
    private int idleSeconds;

    @Mixin
    private BrokerCpuOptions cpuOptions;

    @Override
    public Integer call() {
        if (records < 0 || idleSeconds <= 0 || (prefetchBytes != null && prefetchBytes <= 0)) {
            throw new ParameterException(
                    spec.commandLine(), "--records, --idle-seconds and --prefetch-bytes must be positive");
        }
        CliContext context = CliContext.of(spec);
        ConsumerOptions.Builder options = ConsumerOptions.builder();
        if (prefetchBytes != null) {
            options.prefetchBytes(prefetchBytes);
        }
        try (Lograft cluster = context.connectAsApplicationsDo();
                Consumer consumer = cluster.consumer(options.build())) {
            TopicSettings settings = TopicSettings.of(cluster.admin().describeTopic(topic));
            ConsumeRun run = new ConsumeRun(consumer, topic, records, isVerifying);
            Figures figures = measure(run, cpuOptions.open(cluster.admin()), context);
            print(context, settings, run, figures);
            check(run);
            return 0;
        }
    }

    private Figures measure(ConsumeRun run, BrokerCpu brokerCpu, CliContext context) {
        OptionalDouble brokersBefore = brokerCpu.seconds();
        double clientBefore = BrokerCpu.ofThisProcess();
        double seconds;
        try (PerfProgress progress = new PerfProgress("perf consume", run.expected(), context.err())) {
            seconds = run.run(topic, Duration.ofSeconds(idleSeconds), progress);
        }
        double clientCpu = BrokerCpu.ofThisProcess() - clientBefore;
        return new Figures(
                run.records(),
                run.bytes(),
                seconds,
                clientCpu,
                BrokerCpu.difference(brokersBefore, brokerCpu.seconds()));
    }

    private void print(CliContext context, TopicSettings settings, ConsumeRun run, Figures figures) {
        PayloadAudit payloads = run.payloads();
        if (context.isJson()) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("test", "consume");
            document.put("topic", topic);
            figures.addTo(document);
            document.put("expected", run.expected());
            document.put("firstRecordSeconds", Figures.rounded(run.firstRecordSeconds()));
            document.put("offsetsLeftOut", run.offsets().leftOut());
            document.put("offsetsRepeated", run.offsets().repeated());
            document.put("content", payloads == null ? null : json(payloads));
            document.put("clean", run.isClean() && run.isComplete());
            document.put("settings", settings.json());
            context.printJson(document);
            return;
        }
        context.out().println("Topic " + topic + ": " + settings.text());
        Table table = new Table("FIGURE", "VALUE");
        figures.addTo(table);
        table.row("seconds to the first records", Figures.decimal(run.firstRecordSeconds()));
        table.row("records expected", Figures.grouped(run.expected()));
        table.row("offsets left out", Figures.grouped(run.offsets().leftOut()));
        table.row("offsets repeated", Figures.grouped(run.offsets().repeated()));
        if (payloads != null) {
            table.row("values corrupt", Figures.grouped(payloads.corrupt()));
            table.row("values twice", Figures.grouped(payloads.duplicates()));
            table.row("values out of order", Figures.grouped(payloads.outOfOrder()));
            table.row("values missing", Figures.grouped(payloads.missing()));
        }
        context.printTable(table);
    }

    private static Map<String, Object> json(PayloadAudit payloads) {
        return Json.object(
                "corrupt", payloads.corrupt(),
                "duplicates", payloads.duplicates(),
                "outOfOrder", payloads.outOfOrder(),
                "missing", payloads.missing(),
                "runs", payloads.runCount());
    }

    private void check(ConsumeRun run) {
        if (!run.isComplete()) {
            throw new CliFailure(
                    "REQUEST_TIMED_OUT",
                    "only " + run.records() + " of " + run.expected() + " records came before " + idleSeconds
                            + " s passed without one");
        }
        if (!run.isClean()) {
            throw new CliFailure("CORRUPT_BATCH", "what was read from " + topic + " is not what was written");
        }
    }
}
