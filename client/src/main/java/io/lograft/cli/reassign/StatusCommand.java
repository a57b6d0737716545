package io.lograft.cli.reassign;

import io.lograft.cli.CliContext;
import io.lograft.cli.CliFailure;
import io.lograft.cli.Json;
import io.lograft.cli.Table;
import io.lograft.client.ClusterDescription;
import io.lograft.client.Lograft;
import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code partition reassign status}. */
@Command(
        name = "status",
        description = {
            "Show which partitions are on their way to other replicas, and how far they are.",
            "With --file: exit status 1 if a partition is neither as in the file nor on its way."
        })
final class StatusCommand extends ReassignVerb {
    private static final int NAMES_MAX = 5;

    @Option(
            names = {"--file", "--reassignment-json-file"},
            paramLabel = "FILE",
            description = "The partitions of this file, and whether they have the replicas that it says.")
    private String file;

    @Option(names = "--topic", paramLabel = "NAME", description = "Partitions of this topic; may be repeated.")
    private List<String> topics = new ArrayList<>();

    @Option(names = "--wait", description = "Show how far it is, and return when nothing is under way.")
    private boolean isWaiting;

    @Override
    int run(CliContext context, Lograft cluster) throws InterruptedException {
        Map<TopicPartition, List<Integer>> wanted = file == null ? Map.of() : ReassignmentFile.assignment(file);
        if (!topics.isEmpty()) {
            cluster.admin().describeTopics(topics); // One that does not exist is a mistake, and no end of its moves.
        }
        Set<String> names = Set.copyOf(topics);
        Predicate<TopicPartition> isAsked = partition -> (file == null || wanted.containsKey(partition))
                && (names.isEmpty() || names.contains(partition.topic()));
        List<Move> moves = Moves.underWay(cluster.admin(), isAsked);
        if (isWaiting) {
            try (MoveProgress progress = new MoveProgress("reassign", context.err())) {
                while (!moves.isEmpty()) {
                    progress.show(moves, cluster.admin().describeCluster());
                    moves = Moves.underWay(cluster.admin(), isAsked);
                }
            }
        }
        Map<TopicPartition, List<Integer>> checked = new LinkedHashMap<>(wanted);
        checked.keySet().removeIf(isAsked.negate());
        return tell(context, cluster, moves, checked);
    }

    private int tell(CliContext context, Lograft cluster, List<Move> moves, Map<TopicPartition, List<Integer>> wanted) {
        Map<TopicPartition, List<Integer>> settled =
                wanted.isEmpty() ? Map.of() : ExecuteCommand.settled(cluster, wanted.keySet());
        List<TopicPartition> different = wanted.keySet().stream()
                .filter(partition -> !settled.get(partition).equals(wanted.get(partition)))
                .toList();
        if (context.isJson()) {
            context.printJson(json(moves, wanted, settled));
        } else {
            if (moves.isEmpty()) {
                context.out().println("nothing is under way");
            } else {
                context.printTable(table(moves, cluster.admin().describeCluster()));
            }
            if (!wanted.isEmpty()) {
                context.printTable(table(moves, wanted, settled));
            }
        }
        failOnDifferent(different, wanted.size());
        return DONE;
    }

    /** Throws where there are any. */
    static void failOnDifferent(List<TopicPartition> different, int all) {
        if (!different.isEmpty()) {
            throw new CliFailure(
                    "NO_REASSIGNMENT",
                    different.size() + " of " + all + " partitions are not as in the file, nor on their way there: "
                            + names(different));
        }
    }

    /** The first few. */
    static String names(List<TopicPartition> partitions) {
        return partitions.stream()
                        .limit(NAMES_MAX)
                        .map(TopicPartition::toString)
                        .collect(Collectors.joining(", "))
                + (partitions.size() > NAMES_MAX ? ", and " + (partitions.size() - NAMES_MAX) + " more" : "");
    }

    private static Table table(List<Move> moves, ClusterDescription cluster) {
        Table table = new Table(
                "TOPIC", "PARTITION", "FROM", "TO", "JOINING", "COPIED-%", "BYTES-LEFT", "IN-SYNC", "THROTTLE", "NOTE");
        for (Move move : moves) {
            String note = move.obstacle(cluster).orElse("-");
            if (move.joining().isEmpty()) {
                row(table, move, Optional.empty(), note);
            }
            move.joining().forEach(joining -> row(table, move, Optional.of(joining), note));
        }
        return table;
    }

    private static void row(Table table, Move move, Optional<Move.Joining> joining, String note) {
        long throttle = move.reassignment().throttleBytesPerSecond();
        table.row(
                move.partition().topic(),
                move.partition().partition(),
                Table.numbers(move.reassignment().formerReplicas()),
                Table.numbers(move.reassignment().targetReplicas()),
                joining.map(Move.Joining::brokerId).map(String::valueOf).orElse("-"),
                known(joining.map(Move.Joining::percent).orElse(-1)),
                known(joining.map(Move.Joining::bytesLeft).orElse(-1L)),
                joining.map(replica -> replica.isInSync() ? "yes" : "no").orElse("-"),
                throttle == 0 ? "-" : throttle,
                note);
    }

    private static Object known(long number) {
        return number < 0 ? "-" : number;
    }

    private static Table table(
            List<Move> moves, Map<TopicPartition, List<Integer>> wanted, Map<TopicPartition, List<Integer>> settled) {
        Table table = new Table("TOPIC", "PARTITION", "IN-FILE", "STATE");
        wanted.forEach((partition, replicas) -> table.row(
                partition.topic(),
                partition.partition(),
                Table.numbers(replicas),
                switch (state(partition, moves, wanted, settled)) {
                    case "done" -> "done";
                    case "in-progress" -> "in progress";
                    default -> "not as in the file: " + Table.numbers(settled.get(partition));
                }));
        return table;
    }

    private static String state(
            TopicPartition partition,
            List<Move> moves,
            Map<TopicPartition, List<Integer>> wanted,
            Map<TopicPartition, List<Integer>> settled) {
        if (!settled.get(partition).equals(wanted.get(partition))) {
            return "different";
        }
        return moves.stream().anyMatch(move -> move.partition().equals(partition)) ? "in-progress" : "done";
    }

    private Map<String, Object> json(
            List<Move> moves, Map<TopicPartition, List<Integer>> wanted, Map<TopicPartition, List<Integer>> settled) {
        Map<String, Object> document =
                Json.object("underWay", moves.stream().map(Move::json).toList());
        if (file != null) {
            document.put(
                    "file",
                    wanted.keySet().stream()
                            .map(partition -> Json.object(
                                    "topic", partition.topic(),
                                    "partition", partition.partition(),
                                    "wanted", wanted.get(partition),
                                    "replicas", settled.get(partition),
                                    "state", state(partition, moves, wanted, settled)))
                            .toList());
        }
        return document;
    }
}
