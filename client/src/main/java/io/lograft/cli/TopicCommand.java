package io.lograft.cli;

import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.NewTopic;
import io.lograft.client.TopicDescription;
import io.lograft.client.TopicListing;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.util.ArrayList;
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
        description = "Create, list, describe, change and delete topics, and delete their oldest records.",
        subcommands = {
            TopicCommand.Create.class,
            TopicCommand.ListTopics.class,
            TopicCommand.Describe.class,
            TopicCommand.Alter.class,
            TopicCommand.AddPartitions.class,
            TopicCommand.Delete.class,
            TopicCommand.DeleteRecords.class,
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
        private Integer partitions;

        @Option(
                names = {"-r", "--replicas"},
                paramLabel = "REPLICAS",
                description = "Replicas of each partition. Default: the cluster's default.replication.factor.")
        private Integer replicas;

        @Option(
                names = {"-c", "--config"},
                paramLabel = "KEY=VALUE",
                description = "A setting of the topic; may be repeated.")
        private Map<String, String> configs = new LinkedHashMap<>();

        @Override
        int run(CliContext context, Lograft cluster) {
            TopicListing created = cluster.admin().createTopic(newTopic());
            if (context.isJson()) {
                context.printJson(json(created));
            } else {
                context.out()
                        .println("created topic " + created.name() + " with " + created.partitionCount()
                                + " partitions of " + created.replicationFactor() + " replicas");
            }
            return Main.DONE;
        }

        /** To the cluster a zero means its default, which nobody asks for who writes it. */
        private NewTopic newTopic() {
            if (partitions != null && partitions == 0) {
                throw new LograftException(ErrorCode.INVALID_PARTITION_COUNT, "a topic cannot have 0 partitions");
            }
            if (replicas != null && replicas == 0) {
                throw new LograftException(ErrorCode.INVALID_REPLICATION_FACTOR, "a partition cannot have 0 replicas");
            }
            return new NewTopic(name, partitions == null ? 0 : partitions, replicas == null ? 0 : replicas, configs);
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

    /** {@code topic alter}. */
    @Command(name = "alter", description = "Change settings of a topic, while it is used.")
    static final class Alter extends ClusterVerb {
        @Parameters(paramLabel = "NAME", description = "Name of the topic.")
        private String name;

        @Option(
                names = {"-c", "--config"},
                paramLabel = "KEY=VALUE",
                description = "A setting and its new value; may be repeated.")
        private Map<String, String> configs = new LinkedHashMap<>();

        @Option(
                names = "--remove",
                paramLabel = "KEY",
                description = "A setting to be taken away, so that the brokers' default holds again; may be repeated.")
        private List<String> removed = new ArrayList<>();

        @Override
        int run(CliContext context, Lograft cluster) {
            if (configs.isEmpty() && removed.isEmpty()) {
                throw new CliFailure("INVALID_REQUEST", "nothing to change: give -c KEY=VALUE or --remove KEY");
            }
            TopicListing topic = cluster.admin().alterTopic(name, configs, removed);
            if (context.isJson()) {
                context.printJson(json(topic));
            } else {
                context.out().println("changed topic " + topic.name());
            }
            return Main.DONE;
        }
    }

    /** {@code topic delete-records}. */
    @Command(
            name = "delete-records",
            description = "Delete the records of a partition below an offset. They cannot be brought back.")
    static final class DeleteRecords extends ClusterVerb {
        @Parameters(paramLabel = "NAME", description = "Name of the topic.")
        private String name;

        @Option(names = "--partition", paramLabel = "P", required = true, description = "Number of the partition.")
        private int partition;

        @Option(
                names = "--before",
                paramLabel = "OFFSET",
                required = true,
                description = "The first offset that is kept; -1 for none: all that is committed goes.")
        private long before;

        @Override
        int run(CliContext context, Lograft cluster) {
            TopicPartition asked = CliContext.partition(name, partition);
            long logStart = cluster.admin().deleteRecords(Map.of(asked, before)).getOrDefault(asked, -1L);
            if (context.isJson()) {
                context.printJson(Json.object("topic", name, "partition", partition, "logStart", logStart));
            } else {
                context.out().println(name + "-" + partition + " starts at offset " + logStart);
            }
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
        String unclean = partition.lastUncleanEpoch() < 0 ? "" : ", unclean epoch " + partition.lastUncleanEpoch();
        String moving = partition
                .reassignment()
                .map(move -> ", moves to " + Table.numbers(move.targetReplicas()))
                .orElse("");
        return health + unclean + moving;
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
                "reassignment", partition.reassignment().map(TopicCommand::json).orElse(null),
                "state", state(partition));
    }

    private static Map<String, Object> json(TopicDescription.Reassignment move) {
        return Json.object(
                "formerReplicas", move.formerReplicas(),
                "targetReplicas", move.targetReplicas(),
                "throttleBytesPerSecond", move.throttleBytesPerSecond());
    }
}
