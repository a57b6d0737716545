package io.lograft.cli.group;

import io.lograft.cli.CliContext;
import io.lograft.cli.CliFailure;
import io.lograft.cli.Json;
import io.lograft.cli.Table;
import io.lograft.client.Lograft;
import io.lograft.client.TopicDescription;
import io.lograft.client.group.OffsetMove;
import io.lograft.client.group.OffsetTarget;
import io.lograft.model.TopicPartition;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code group reset-offsets}. */
@Command(
        name = "reset-offsets",
        description = {
            "Move a group's committed offsets. The group must have no members.",
            "A target outside a partition's log is brought to its start or end."
        })
final class ResetOffsetsCommand extends GroupCommand.Verb {
    private static final Pattern TOPIC = Pattern.compile("([^:]+)(?::([0-9]{1,9}(?:,[0-9]{1,9})*))?");

    @Parameters(paramLabel = "GROUP", description = "Id of the group.")
    private String group;

    @Option(
            names = "--topic",
            paramLabel = "T[:P,…]",
            description =
                    "A topic, or some of its partitions; may be repeated. Default: where the group has committed.")
    private List<String> topics = new ArrayList<>();

    @ArgGroup(multiplicity = "1")
    private Target target;

    @Option(names = "--dry-run", description = "Show what would change, and change nothing.")
    private boolean isDryRun;

    /** Where to: exactly one place. */
    static final class Target {
        @Option(names = "--to-earliest", required = true, description = "To the oldest record.")
        private boolean isEarliest;

        @Option(names = "--to-latest", required = true, description = "Behind the newest record.")
        private boolean isLatest;

        @Option(names = "--to-offset", required = true, paramLabel = "N", description = "To this offset.")
        private Long offset;

        @Option(
                names = "--to-timestamp",
                required = true,
                paramLabel = "T",
                description = "To the first record at or after this time: milliseconds since the epoch, or like"
                        + " 2026-01-31T12:00:00Z. Behind the newest record where there is none.")
        private String timestamp;

        @Option(
                names = "--shift-by",
                required = true,
                paramLabel = "N",
                description = "So many records forward, or back for a negative number.")
        private Long shift;
    }

    @Override
    void run(CliContext context, Lograft cluster) {
        OffsetTarget to = target();
        List<Matcher> asked = topics.stream().map(this::parse).toList();
        TreeSet<TopicPartition> partitions = new TreeSet<>();
        asked.forEach(topic -> partitions.addAll(partitions(cluster, topic)));
        if (asked.isEmpty()) {
            partitions.addAll(cluster.admin().groups().committed(group).keySet());
        }
        if (partitions.isEmpty()) {
            throw new CliFailure(
                    "UNKNOWN_GROUP", "group " + group + " has committed nothing; name topics with --topic");
        }
        List<OffsetMove> moves = cluster.admin().groups().plan(group, to, partitions);
        if (!isDryRun) {
            Map<TopicPartition, Long> offsets = new TreeMap<>();
            moves.forEach(move -> offsets.put(move.topicPartition(), move.after()));
            cluster.admin().groups().alter(group, offsets);
        }
        print(context, moves);
    }

    private void print(CliContext context, List<OffsetMove> moves) {
        if (context.isJson()) {
            context.printJson(Json.object(
                    "group",
                    group,
                    "dryRun",
                    isDryRun,
                    "partitions",
                    moves.stream().map(ResetOffsetsCommand::json).toList()));
            return;
        }
        Table table = new Table("TOPIC", "PARTITION", "OLD", "NEW", "NOTE");
        moves.forEach(move -> table.row(
                move.topicPartition().topic(),
                move.topicPartition().partition(),
                move.before().isPresent() ? move.before().getAsLong() : "-",
                move.after(),
                switch (move.bound()) {
                    case NONE -> "";
                    case LOG_START -> "raised to the log start";
                    case LOG_END -> "lowered to the log end";
                }));
        context.printTable(table);
        if (isDryRun) {
            context.out().println("nothing was changed");
        }
    }

    private static Map<String, Object> json(OffsetMove move) {
        return Json.object(
                "topic", move.topicPartition().topic(),
                "partition", move.topicPartition().partition(),
                "before", DescribeGroupCommand.orNull(move.before()),
                "after", move.after(),
                "bound",
                        move.bound() == OffsetMove.Bound.NONE
                                ? null
                                : move.bound().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    private OffsetTarget target() {
        if (target.isEarliest) {
            return OffsetTarget.earliest();
        }
        if (target.isLatest) {
            return OffsetTarget.latest();
        }
        if (target.timestamp != null) {
            return OffsetTarget.timestamp(time(target.timestamp));
        }
        return target.offset != null ? OffsetTarget.offset(target.offset) : OffsetTarget.shift(target.shift);
    }

    private Instant time(String text) {
        try {
            return text.matches("[0-9]+") ? Instant.ofEpochMilli(Long.parseLong(text)) : Instant.parse(text);
        } catch (DateTimeException | NumberFormatException e) {
            throw wrongUsage("--to-timestamp '" + text
                    + "' is neither milliseconds since the epoch nor like 2026-01-31T12:00:00Z");
        }
    }

    private Matcher parse(String topic) {
        Matcher parsed = TOPIC.matcher(topic);
        if (!parsed.matches()) {
            throw wrongUsage("--topic '" + topic + "' is neither a topic nor like orders:0,3");
        }
        return parsed;
    }

    private static List<TopicPartition> partitions(Lograft cluster, Matcher topic) {
        String name = topic.group(1);
        if (topic.group(2) != null) {
            return Pattern.compile(",")
                    .splitAsStream(topic.group(2))
                    .map(number -> new TopicPartition(name, Integer.parseInt(number)))
                    .toList();
        }
        return cluster.admin().describeTopic(name).partitions().stream()
                .map(TopicDescription.Partition::number)
                .map(number -> new TopicPartition(name, number))
                .toList();
    }
}
