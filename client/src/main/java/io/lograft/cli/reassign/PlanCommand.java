package io.lograft.cli.reassign;

import io.lograft.cli.CliContext;
import io.lograft.cli.Json;
import io.lograft.cli.Table;
import io.lograft.client.ClusterDescription;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.TopicDescription;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code partition reassign plan}. */
@Command(
        name = "plan",
        description = {
            "Propose replicas that spread topics evenly over brokers, and change nothing.",
            "Replicas that need not move stay where they are. With --output json only the proposal is printed, for"
                    + " partition reassign execute --file."
        })
final class PlanCommand extends ReassignVerb {
    @ArgGroup(multiplicity = "1")
    private Topics topics;

    @Option(
            names = {"--brokers", "--broker-list"},
            paramLabel = "ID",
            split = ",",
            required = true,
            description = "The brokers that may have replicas, like 1,2,4.")
    private List<Integer> brokerIds = new ArrayList<>();

    @Option(
            names = "--replication-factor",
            paramLabel = "N",
            description = "Replicas of each partition. Default: as many as it has.")
    private Integer replication;

    /** Which topics: exactly one of the two. */
    static final class Topics {
        @Option(
                names = {"--topics-file", "--topics-to-move-json-file"},
                required = true,
                paramLabel = "FILE",
                description = "JSON like {\"version\":1,\"topics\":[{\"topic\":\"orders\"}]}; - for the input.")
        private String file;

        @Option(names = "--topic", required = true, paramLabel = "NAME", description = "A topic; may be repeated.")
        private List<String> names;
    }

    @Override
    int run(CliContext context, Lograft cluster) {
        SortedSet<Integer> brokers = brokers();
        Collection<String> names =
                topics.file != null ? ReassignmentFile.topics(topics.file) : new LinkedHashSet<>(topics.names);
        check(brokers, cluster.admin().describeCluster(), context);
        SortedMap<TopicPartition, List<Integer>> current = new TreeMap<>();
        Map<TopicPartition, Long> bytes = new HashMap<>();
        for (TopicDescription topic : cluster.admin().describeReplicas(names)) {
            for (TopicDescription.Partition partition : topic.partitions()) {
                TopicPartition name = new TopicPartition(topic.name(), partition.number());
                current.put(name, partition.settledReplicas());
                partition.log().ifPresent(log -> bytes.put(name, log.sizeBytes()));
            }
        }
        ReassignmentPlan plan = ReassignmentPlan.of(current, brokers, replication);
        if (context.isJson()) {
            context.printJson(ReassignmentFile.json(plan.proposed()));
        } else {
            print(context, plan, bytes);
        }
        return DONE;
    }

    private SortedSet<Integer> brokers() {
        SortedSet<Integer> brokers = new TreeSet<>(brokerIds);
        if (brokers.size() < brokerIds.size()) {
            throw wrongUsage("--brokers " + Table.numbers(brokerIds) + " names a broker twice");
        }
        if (replication != null && replication < 1) {
            throw wrongUsage("--replication-factor " + replication + " is not 1 or more");
        }
        return brokers;
    }

    private static void check(SortedSet<Integer> brokers, ClusterDescription cluster, CliContext context) {
        Map<Integer, ClusterDescription.Broker> known = new HashMap<>();
        cluster.brokers().forEach(broker -> known.put(broker.id(), broker));
        for (Integer id : brokers) {
            ClusterDescription.Broker broker = known.get(id);
            if (broker == null) {
                throw new LograftException(
                        ErrorCode.UNKNOWN_BROKER,
                        "no broker has registered as " + id + ", there are " + new TreeSet<>(known.keySet()));
            }
            if (broker.isFenced() || broker.isDraining()) {
                context.err()
                        .println("warning: broker " + id + (broker.isFenced() ? " is fenced" : " is draining")
                                + ": new replicas there are refused while it is");
            }
        }
    }

    private static void print(CliContext context, ReassignmentPlan plan, Map<TopicPartition, Long> bytes) {
        Table table = new Table("TOPIC", "PARTITION", "CURRENT", "PROPOSED", "NEW", "BYTES");
        long bytesMoved = 0;
        int moved = 0;
        for (TopicPartition partition : plan.proposed().keySet()) {
            List<Integer> added = plan.added(partition);
            Long size = bytes.get(partition);
            moved += added.size();
            bytesMoved += size == null ? 0 : size * added.size();
            table.row(
                    partition.topic(),
                    partition.partition(),
                    Table.numbers(plan.current().get(partition)),
                    Table.numbers(plan.proposed().get(partition)),
                    Table.numbers(added),
                    size == null ? "-" : size * added.size());
        }
        context.printTable(table);
        context.out()
                .println(String.format(Locale.ROOT, "%d replicas are new, with %,d bytes to copy", moved, bytesMoved));
        print(context, "Current assignment, to go back to:", plan.current());
        print(context, "Proposed assignment, for partition reassign execute --file:", plan.proposed());
    }

    static void print(CliContext context, String heading, Map<TopicPartition, List<Integer>> assignment) {
        context.out().println();
        context.out().println(heading);
        context.out().println(Json.write(ReassignmentFile.json(assignment)));
    }
}
