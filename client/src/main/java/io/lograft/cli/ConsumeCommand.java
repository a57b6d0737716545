package io.lograft.cli;

import io.lograft.client.Consumer;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.OffsetAndTimestamp;
import io.lograft.client.OffsetReset;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code consume}: values to standard output, a line each. */
@Command(name = "consume", description = "Print the records of a topic.")
final class ConsumeCommand extends ClusterVerb {
    private static final Duration POLL = Duration.ofMillis(200);

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "TOPIC", description = "Topic to read.")
    private String topic;

    @ArgGroup
    private Start start = new Start();

    @Option(names = "--partition", paramLabel = "P", description = "Read this partition only.")
    private Integer partition;

    @Option(
            names = "--group",
            paramLabel = "G",
            description = "Read as a member of this group, and commit what was printed.")
    private String group;

    @Option(names = "--max-messages", paramLabel = "N", description = "Stop after so many records.")
    private Long maxMessages;

    @Option(names = "--until-end", description = "Stop at the high watermarks found at the start.")
    private boolean isUntilEnd;

    @Option(
            names = "--format",
            paramLabel = "F",
            defaultValue = "%v",
            description =
                    "Text with %%t topic, %%p partition, %%o offset, %%k key, %%v value, %%T timestamp, %%h headers."
                            + " Default: %%v.")
    private String format;

    /** Where to begin: at one place at most. */
    static final class Start {
        @Option(
                names = "--from-beginning",
                description = "Begin at the oldest record. Default: with what is written next.")
        private boolean isFromBeginning;

        @Option(names = "--offset", paramLabel = "N", description = "Begin at this offset.")
        private Long offset;

        @Option(
                names = "--timestamp",
                paramLabel = "T",
                description = "Begin at this time: milliseconds since the epoch, or like 2026-01-31T12:00:00Z.")
        private String timestamp;
    }

    @Override
    int run(CliContext context, Lograft cluster) {
        RecordFormat recordFormat = recordFormat();
        Long fromMs = start.timestamp == null ? null : timestampMs(start.timestamp);
        context.checkTopic(cluster, topic);
        if (group != null) {
            readAsMember(context, cluster, recordFormat);
            return Main.DONE;
        }
        try (Consumer consumer = cluster.consumer()) {
            List<TopicPartition> partitions =
                    partition == null ? consumer.partitionsOf(topic) : List.of(CliContext.partition(topic, partition));
            consumer.assign(partitions);
            position(consumer, partitions, fromMs);
            Map<TopicPartition, Long> ends = isUntilEnd ? consumer.endOffsets(partitions) : Map.of();
            print(context, consumer, recordFormat, ends);
        }
        return Main.DONE;
    }

    private void readAsMember(CliContext context, Lograft cluster, RecordFormat recordFormat) {
        if (partition != null || start.offset != null || start.timestamp != null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--group decides which partitions are read and where; move it with 'group reset-offsets' instead of"
                            + " --partition, --offset and --timestamp");
        }
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        GroupReading.Printer printer = records -> {
            records.forEach(record -> print(context, record, recordFormat, lines));
            context.out().write(lines.toByteArray(), 0, lines.size());
            context.out().flush();
            lines.reset();
            return !context.out().checkError();
        };
        GroupReading.Task task = new GroupReading.Task(
                topic,
                maxMessages == null ? Long.MAX_VALUE : maxMessages,
                isUntilEnd,
                start.isFromBeginning ? OffsetReset.EARLIEST : OffsetReset.LATEST);
        new GroupReading(task, printer, context.err()).run(cluster, group);
    }

    private void position(Consumer consumer, List<TopicPartition> partitions, Long fromMs) {
        if (start.offset != null) {
            checkOffset(consumer, partitions, start.offset);
            partitions.forEach(p -> consumer.seek(p, start.offset));
        } else if (fromMs != null) {
            Map<TopicPartition, Long> times = new HashMap<>();
            partitions.forEach(p -> times.put(p, fromMs));
            Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
            for (TopicPartition p : partitions) {
                if (found.containsKey(p)) {
                    consumer.seek(p, found.get(p).offset());
                } else {
                    consumer.seekToEnd(p);
                }
            }
        } else if (start.isFromBeginning) {
            consumer.seekToBeginning();
        } else {
            consumer.seekToEnd();
        }
    }

    /** The consumer itself would go on at the start of the log, as if nothing was wrong. */
    private static void checkOffset(Consumer consumer, List<TopicPartition> partitions, long offset) {
        Map<TopicPartition, Long> starts = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        for (TopicPartition p : partitions) {
            if (offset < starts.get(p) || offset > ends.get(p)) {
                throw new LograftException(
                        ErrorCode.OFFSET_OUT_OF_RANGE,
                        "offset " + offset + " of " + p + ": the log starts at " + starts.get(p)
                                + ", its high watermark is " + ends.get(p));
            }
        }
    }

    private void print(
            CliContext context, Consumer consumer, RecordFormat recordFormat, Map<TopicPartition, Long> ends) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        long left = maxMessages == null ? Long.MAX_VALUE : maxMessages;
        while (left > 0
                && !Thread.currentThread().isInterrupted()
                && !(isUntilEnd && isAtEnd(consumer, ends))
                && !context.out().checkError()) {
            for (ConsumerRecord record : consumer.poll(POLL)) {
                boolean isBeyond = isUntilEnd && record.offset() >= ends.get(record.topicPartition());
                if (left > 0 && !isBeyond) {
                    left--;
                    print(context, record, recordFormat, lines);
                }
            }
            context.out().write(lines.toByteArray(), 0, lines.size());
            context.out().flush();
            lines.reset();
        }
    }

    private static void print(
            CliContext context, ConsumerRecord record, RecordFormat recordFormat, ByteArrayOutputStream lines) {
        if (context.isJson()) {
            lines.writeBytes(Json.write(RecordFormat.json(record)).getBytes(StandardCharsets.UTF_8));
            lines.write('\n');
        } else {
            recordFormat.print(record, lines);
        }
    }

    private static boolean isAtEnd(Consumer consumer, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private RecordFormat recordFormat() {
        try {
            return new RecordFormat(format);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--format: " + e.getMessage(), e);
        }
    }

    private long timestampMs(String text) {
        try {
            return text.matches("[0-9]+")
                    ? Long.parseLong(text)
                    : Instant.parse(text).toEpochMilli();
        } catch (DateTimeParseException | NumberFormatException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--timestamp '" + text + "' is neither milliseconds since the epoch nor like 2026-01-31T12:00:00Z",
                    e);
        }
    }
}
