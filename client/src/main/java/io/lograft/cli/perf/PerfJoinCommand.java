package io.lograft.cli.perf;

import io.lograft.cli.CliContext;
import io.lograft.cli.CliFailure;
import io.lograft.cli.Json;
import io.lograft.cli.Table;
import io.lograft.client.Consumer;
import io.lograft.client.Lograft;
import io.lograft.client.NewTopic;
import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code perf join}: how soon a new group reads its first record. */
@Command(
        name = "join",
        description = {
            "Join new groups on a topic of its own, and measure the time from connecting to the first record.",
            "Each run is a new connection and a new group; the first one may have to make __consumer_offsets."
        })
final class PerfJoinCommand implements Callable<Integer> {
    private static final int RUNS_MAX = 1_000;
    private static final int PARTITIONS = 6;
    private static final int RECORDS = 60;
    private static final Duration FIRST_RECORD_MAX = Duration.ofSeconds(30);

    @Spec
    private CommandSpec spec;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "10", description = "New groups. Default: 10.")
    private int runs;

    @Override
    public Integer call() {
        if (runs < 1 || runs > RUNS_MAX) {
            throw new ParameterException(spec.commandLine(), "--runs is from 1 to " + RUNS_MAX);
        }
        CliContext context = CliContext.of(spec);
        String topic = "perf-join-" + UUID.randomUUID();
        try (Lograft cluster = context.connectAsApplicationsDo()) {
            cluster.admin().createTopic(NewTopic.of(topic).withPartitions(PARTITIONS));
            try {
                write(cluster, topic);
                print(context, measure(context.bootstrap(), topic));
            } finally {
                cluster.admin().deleteTopic(topic);
            }
        }
        return 0;
    }

    private static void write(Lograft cluster, String topic) {
        try (Producer producer = cluster.producer()) {
            for (int i = 0; i < RECORDS; i++) {
                producer.send(ProducerRecord.of(topic, Integer.toString(i), "record " + i));
            }
            producer.flush();
        }
    }

    /** The times of all runs in milliseconds, the first run first. */
    private double[] measure(String bootstrap, String topic) {
        double[] timesMs = new double[runs];
        for (int run = 0; run < runs; run++) {
            long startNs = System.nanoTime();
            try (Lograft cluster = Lograft.connect(bootstrap);
                    Consumer consumer = cluster.consumer(topic + "-" + run)) {
                consumer.subscribe(topic);
                if (consumer.poll(FIRST_RECORD_MAX).isEmpty()) {
                    throw new CliFailure(
                            "REQUEST_TIMED_OUT", "no record within " + FIRST_RECORD_MAX.toSeconds() + " s");
                }
                timesMs[run] = (System.nanoTime() - startNs) / 1e6;
            }
        }
        return timesMs;
    }

    private void print(CliContext context, double[] timesMs) {
        double first = timesMs[0];
        double[] sorted = timesMs.clone();
        Arrays.sort(sorted);
        double median = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
        if (context.isJson()) {
            context.printJson(Json.object(
                    "test", "join",
                    "runs", runs,
                    "firstMs", Figures.rounded(first),
                    "medianMs", Figures.rounded(median),
                    "minMs", Figures.rounded(sorted[0]),
                    "maxMs", Figures.rounded(sorted[sorted.length - 1])));
            return;
        }
        Table table = new Table("FIGURE", "MS");
        table.row("first run", Figures.decimal(first));
        table.row("median of " + runs, Figures.decimal(median));
        table.row("least", Figures.decimal(sorted[0]));
        table.row("most", Figures.decimal(sorted[sorted.length - 1]));
        context.printTable(table);
    }
}
