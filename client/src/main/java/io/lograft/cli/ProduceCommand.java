package io.lograft.cli;

import io.lograft.client.Acks;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.Producer;
import io.lograft.client.ProducerOptions;
import io.lograft.client.ProducerRecord;
import io.lograft.record.Compression;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code produce}: a record a line from standard input. Stops reading at the first record that is not acknowledged, and
 * waits for all others in any case.
 */
@Command(name = "produce", description = "Write a record for each line of standard input.")
final class ProduceCommand extends ClusterVerb {
    @Parameters(paramLabel = "TOPIC", description = "Topic to write to.")
    private String topic;

    @Option(
            names = "--key-separator",
            paramLabel = "S",
            description = "Text between key and value; a line without it has no key. Default: no keys.")
    private String keySeparator;

    @Option(names = "--partition", paramLabel = "P", description = "Write to this partition only.")
    private Integer partition;

    @Option(names = "--header", paramLabel = "K=V", description = "A header of every record; may be repeated.")
    private List<String> headers = new ArrayList<>();

    @Option(names = "--acks", paramLabel = "all|leader|none", defaultValue = "all", description = "Default: all.")
    private Acks acks;

    @Option(
            names = "--compression",
            paramLabel = "none|gzip|snappy|lz4|zstd",
            defaultValue = "none",
            description = "Default: none.")
    private Compression compression;

    @Option(
            names = "--delivery-timeout",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "Give a record up after this time without acknowledgement. Default: 120.")
    private int deliveryTimeoutSeconds;

    @Spec
    private CommandSpec spec;

    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicReference<LograftException> firstFailure = new AtomicReference<>();

    @Override
    int run(CliContext context, Lograft cluster) {
        headers.stream().filter(header -> header.indexOf('=') < 1).findFirst().ifPresent(header -> {
            throw new ParameterException(spec.commandLine(), "--header '" + header + "' is not K=V");
        });
        context.checkTopic(cluster, topic);
        if (partition != null) {
            CliContext.partition(topic, partition);
        }
        try (Producer producer = cluster.producer(ProducerOptions.builder()
                .acks(acks)
                .compression(compression)
                .deliveryTimeout(Duration.ofSeconds(deliveryTimeoutSeconds))
                .build())) {
            sendLines(producer);
        } catch (IOException e) {
            throw new CliFailure("INPUT", "standard input cannot be read: " + e.getMessage());
        }
        if (context.isJson()) {
            context.printJson(Json.object("topic", topic, "acknowledged", acknowledged.get(), "failed", failed.get()));
        }
        context.err()
                .println(acknowledged.get() + (acknowledged.get() == 1 ? " record" : " records") + " written to "
                        + topic + (acks == Acks.NONE ? ", not acknowledged" : ""));
        LograftException failure = firstFailure.get();
        if (failure != null) {
            throw new CliFailure(
                    failure.code().name(), failed.get() + " records were not acknowledged: " + failure.reason());
        }
        return Main.DONE;
    }

    private void sendLines(Producer producer) throws IOException {
        byte[] separator = keySeparator == null ? null : keySeparator.getBytes(StandardCharsets.UTF_8);
        LineReader lines = new LineReader(System.in);
        for (byte[] line = lines.next(); line != null && firstFailure.get() == null; line = lines.next()) {
            producer.send(record(line, separator), (written, failure) -> {
                if (failure == null) {
                    acknowledged.incrementAndGet();
                } else {
                    failed.incrementAndGet();
                    firstFailure.compareAndSet(null, failure);
                }
            });
        }
    }

    private ProducerRecord record(byte[] line, byte[] separator) {
        int at = separator == null ? -1 : indexOf(line, separator);
        byte[] key = at < 0 ? null : Arrays.copyOf(line, at);
        byte[] value = at < 0 ? line : Arrays.copyOfRange(line, at + separator.length, line.length);
        ProducerRecord record = ProducerRecord.of(topic, key, value);
        for (String header : headers) {
            int equals = header.indexOf('=');
            record = record.withHeader(
                    header.substring(0, equals), header.substring(equals + 1).getBytes(StandardCharsets.UTF_8));
        }
        return partition == null ? record : record.withPartition(partition);
    }

    private static int indexOf(byte[] line, byte[] separator) {
        for (int i = 0; i + separator.length <= line.length; i++) {
            if (Arrays.equals(line, i, i + separator.length, separator, 0, separator.length)) {
                return i;
            }
        }
        return -1;
    }
}
