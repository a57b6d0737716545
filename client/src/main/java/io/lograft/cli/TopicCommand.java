package io.lograft.cli;

import io.lograft.client.Lograft;
import io.lograft.client.NewTopic;
import io.lograft.client.TopicDescription;
import io.lograft.client.TopicListing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code topic …}. */
@Command(
        name = "topic",
        description = "Create, list, describe, enlarge and delete topics.",
        subcommands = {
            TopicCommand.Create.class,
            TopicCommand.ListTopics.class,
            TopicCommand.Describe.class,
            TopicCommand.AddPartitions.class,
            TopicCommand.Delete.class,
            ElectLeaderCommand.class
        })
final class TopicCommand extends NounCommand {

    /** {@code topic create}. */
    @Command(name = "create", description = "Create a topic.")
    static final class Create extends ClusterVerb {
        @Parameters(paramLabel = "NAME", description = "Name of the topic.")
        private String name;

        @Option(
                names = {"-p", "--partitions"},
                paramLabel = "PARTITIONS",
                description = "Number of partitions. Default: the cluster's num.partitions.")
        private int partitions;

        @Option(
                names = {"-r", "--replicas"},
                paramLabel = "REPLICAS",
                description = "Replicas of each partition. Default: the cluster's default.replication.factor.")
        private int replicas;

        @Option(
                names = {"-c", "--config"},
                paramLabel = "KEY=VALUE",
                description = "A setting of the topic; may be repeated.")
        private Map<String, String> configs = new LinkedHashMap<>();

        @Override
        int run(CliContext context, Lograft cluster) {
            TopicListing created = cluster.admin().createTopic(new NewTopic(name, partitions, replicas, configs));
            if (context.isJson()) {
                context.printJson(json(created));
            } else {
                context.out()
                        .println("created topic " + created.name() + " with " + created.partitionCount()
                                + " partitions of " + created.replicationFactor() + " replicas");
            }
            return Main.DONE;
        }
    }

    /** {@code topic list}. */
    @Command(name = "list", description = "List all topics.")
    static final class ListTopics extends ClusterVerb {
        @Override
        int run(CliContext context, Lograft cluster) {
            List<TopicListing> topics = cluster.admin().listTopics();
            if (context.isJson()) {
                context.printJson(topics.stream().map(TopicCommand::json).toList());
                return Main.DONE;
            }
            Table table = new Table("NAME", "PARTITIONS", "REPLICAS");
            topics.forEach(topic -> table.row(topic.name(), topic.partitionCount(), topic.replicationFactor()));
            context.printTable(table);
            return Main.DONE;
        }
    }

    /** {@code topic describe}. */
    @Command(name = "describe", description = "Show a topic's partitions: leader, replicas, in-sync set and log.")
    static final class Describe extends ClusterVerb {
        @Parameters(paramLabel = "NAME", description = "Name of the topic.")
        private String name;

        @Override
        int run(CliContext context, Lograft cluster) {
            TopicDescription topic = cluster.admin().describeTopic(name);
            if (context.isJson()) {
                context.printJson(json(topic));
                return Main.DONE;
            }
            context.out()
                    .println("topic " + topic.name() + ", id " + topic.id() + ", "
                            + topic.partitions().size() + " partitions");
            new TreeMap<>(topic.configs()).forEach((key, value) -> context.out().println(key + "=" + value));
            Table table = new Table(
                    "PARTITION",
                    "LEADER",
                    "EPOCH",
                    "REPLICAS",
                    "ISR",
                    "LOG-START",
                    "HIGH-WATERMARK",
                    "LOG-END",
                    "BYTES",
                    "STATE");
            topic.partitions()
                    .forEach(partition -> table.row(
                            partition.number(),
                            partition.isOffline() ? "-" : partition.leader(),
                            partition.leaderEpoch(),
                            Table.numbers(partition.replicas()),
                            Table.numbers(partition.isr()),
                            cell(partition, TopicDescription.Log::logStart),
                            cell(partition, TopicDescription.Log::highWatermark),
                            cell(partition, TopicDescription.Log::logEnd),
                            cell(partition, TopicDescription.Log::sizeBytes),
                            state(partition)));
            context.printTable(table);
            return Main.DONE;
        }
    }

    /** {@code topic add-partitions}. */
    @Command(name = "add-partitions", description = "Raise the number of partitions of a topic.")
    static final class AddPartitions extends ClusterVerb {
        @Parameters(paramLabel = "NAME", description = "Name of the topic.")
        private String name;

        @Option(names = "--to", paramLabel = "N", required = true, description = "Partitions that it has afterwards.")
        private int count;

        @Override
        int run(CliContext context, Lograft cluster) {
            TopicListing topic = cluster.admin().addPartitions(name, count);
            if (context.isJson()) {
                context.printJson(json(topic));
            } else {
                context.out().println("topic " + topic.name() + " has " + topic.partitionCount() + " partitions");
            }
            return Main.DONE;
        }
    }

    /** {@code topic delete}. */
    @Command(name = "delete", description = "Delete a topic with all its records.")
    static final class Delete extends ClusterVerb {
        @Parameters(paramLabel = "NAME", description = "Name of the topic.")
        private String name;

        @Override
        int run(CliContext context, Lograft cluster) {
            cluster.admin().deleteTopic(name);
            if (context.isJson()) {
                context.printJson(Json.object("deleted", name));
            } else {
                context.out().println("deleted topic " + name);
            }
            return Main.DONE;
        }
    }

    private static String cell(TopicDescription.Partition partition, ToLongFunction<TopicDescription.Log> value) {
        return partition.log().map(log -> Long.toString(value.applyAsLong(log))).orElse("-");
    }

    private static String state(TopicDescription.Partition partition) {
        String health = partition.isOffline() ? "offline" : partition.isUnderReplicated() ? "under-replicated" : "ok";
        return partition.lastUncleanEpoch() < 0 ? health : health + ", unclean epoch " + partition.lastUncleanEpoch();
    }

    private static Map<String, Object> json(TopicListing topic) {
        return Json.object(
                "name", topic.name(),
                "topicId", topic.id().toString(),
                "partitionCount", topic.partitionCount(),
                "replicationFactor", topic.replicationFactor(),
                "internal", topic.isInternal());
    }

    private static Map<String, Object> json(TopicDescription topic) {
        return Json.object(
                "name", topic.name(),
                "topicId", topic.id().toString(),
                "internal", topic.isInternal(),
                "configs", new TreeMap<>(topic.configs()),
                "partitions",
                        topic.partitions().stream().map(TopicCommand::json).toList());
    }

    private static Map<String, Object> json(TopicDescription.Partition partition) {
        Optional<TopicDescription.Log> log = partition.log();
        return Json.object(
                "partition", partition.number(),
                "leader", partition.leader(),
                "leaderEpoch", partition.leaderEpoch(),
                "partitionEpoch", partition.partitionEpoch(),
                "replicas", partition.replicas(),
                "isr", partition.isr(),
                "eligible", partition.eligible(),
                "logStart", log.map(TopicDescription.Log::logStart).orElse(null),
                "highWatermark", log.map(TopicDescription.Log::highWatermark).orElse(null),
                "logEnd", log.map(TopicDescription.Log::logEnd).orElse(null),
                "sizeBytes", log.map(TopicDescription.Log::sizeBytes).orElse(null),
                "lastUncleanEpoch", partition.lastUncleanEpoch() < 0 ? null : partition.lastUncleanEpoch(),
                "state", state(partition));
    }
}
