package io.lograft.cli.group;

import io.lograft.cli.CliContext;
import io.lograft.cli.Json;
import io.lograft.cli.Table;
import io.lograft.client.Lograft;
import io.lograft.client.group.GroupDescription;
import io.lograft.model.TopicPartition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code group describe}. */
@Command(
        name = "describe",
        description = "Show a group's members, and how far it is behind in each partition, in records and seconds.")
final class DescribeGroupCommand extends GroupCommand.Verb {
    @Parameters(paramLabel = "GROUP", description = "Id of the group.")
    private String groupId;

    @Override
    void run(CliContext context, Lograft cluster) {
        GroupDescription group = cluster.admin().groups().describe(groupId);
        if (context.isJson()) {
            context.printJson(json(group));
        } else {
            print(context, group);
        }
    }

    private static void print(CliContext context, GroupDescription group) {
        context.out()
                .println("group " + group.groupId() + ": " + group.state() + ", " + group.kind()
                        + (group.assignor().isEmpty() ? "" : ", " + group.assignor()) + ", epoch " + group.epoch()
                        + ", coordinator " + group.coordinator().brokerId() + " ("
                        + group.coordinator().address() + ")");
        if (group.members().isEmpty()) {
            context.out().println("no members");
        } else {
            Table members = new Table("MEMBER", "CLIENT", "INSTANCE", "HOST", "EPOCH", "JOINED", "PARTITIONS");
            group.members()
                    .forEach(member -> members.row(
                            member.memberId(),
                            orNothing(member.clientId()),
                            member.instanceId().orElse("-"),
                            orNothing(member.host()),
                            member.epoch(),
                            time(member.joined()),
                            partitions(member.partitions())));
            context.printTable(members);
        }
        Table partitions =
                new Table("TOPIC", "PARTITION", "COMMITTED", "LOG-END", "LAG", "LAG-SECONDS", "MEMBER", "OWNED-SINCE");
        group.partitions()
                .forEach(partition -> partitions.row(
                        partition.topicPartition().topic(),
                        partition.topicPartition().partition(),
                        number(partition.committed()),
                        number(partition.logEnd()),
                        number(partition.lag()),
                        partition
                                .lagTime()
                                .map(age -> String.format(Locale.ROOT, "%.1f", age.toMillis() / 1000.0))
                                .orElse("-"),
                        partition.memberId().orElse("-"),
                        time(partition.ownedSince())));
        context.printTable(partitions);
    }

    /** {@code orders:0,1,2 payments:0}. */
    private static String partitions(List<TopicPartition> partitions) {
        Map<String, List<TopicPartition>> byTopic = partitions.stream()
                .collect(Collectors.groupingBy(TopicPartition::topic, TreeMap::new, Collectors.toList()));
        return partitions.isEmpty()
                ? "-"
                : byTopic.entrySet().stream()
                        .map(topic -> topic.getKey() + ":"
                                + Table.numbers(topic.getValue().stream()
                                        .map(TopicPartition::partition)
                                        .toList()))
                        .collect(Collectors.joining(" "));
    }

    private static String orNothing(String text) {
        return text.isEmpty() ? "-" : text;
    }

    private static String number(OptionalLong number) {
        return number.isPresent() ? Long.toString(number.getAsLong()) : "-";
    }

    private static String time(Optional<Instant> time) {
        return time.map(t -> t.truncatedTo(ChronoUnit.SECONDS).toString()).orElse("-");
    }

    private static Map<String, Object> json(GroupDescription group) {
        return Json.object(
                "group", group.groupId(),
                "state", group.state(),
                "kind", group.kind(),
                "assignor", group.assignor().isEmpty() ? null : group.assignor(),
                "epoch", group.epoch(),
                "coordinator", group.coordinator().brokerId(),
                "coordinatorAddress", group.coordinator().address(),
                "members",
                        group.members().stream().map(DescribeGroupCommand::json).toList(),
                "partitions",
                        group.partitions().stream()
                                .map(DescribeGroupCommand::json)
                                .toList());
    }

    private static Map<String, Object> json(GroupDescription.Member member) {
        return Json.object(
                "memberId", member.memberId(),
                "instanceId", member.instanceId().orElse(null),
                "clientId", member.clientId(),
                "host", member.host(),
                "epoch", member.epoch(),
                "joinedMs", member.joined().map(Instant::toEpochMilli).orElse(null),
                "partitions",
                        member.partitions().stream()
                                .map(partition ->
                                        Json.object("topic", partition.topic(), "partition", partition.partition()))
                                .toList());
    }

    private static Map<String, Object> json(GroupDescription.Partition partition) {
        return Json.object(
                "topic", partition.topicPartition().topic(),
                "partition", partition.topicPartition().partition(),
                "committed", orNull(partition.committed()),
                "logEnd", orNull(partition.logEnd()),
                "lag", orNull(partition.lag()),
                "lagSeconds",
                        partition.lagTime().map(age -> age.toMillis() / 1000.0).orElse(null),
                "memberId", partition.memberId().orElse(null),
                "ownedSinceMs",
                        partition.ownedSince().map(Instant::toEpochMilli).orElse(null));
    }

    static Long orNull(OptionalLong number) {
        return number.isPresent() ? number.getAsLong() : null;
    }
}
