package io.lograft.cli.reassign;

import io.lograft.cli.CliContext;
import io.lograft.cli.CliFailure;
import io.lograft.cli.Json;
import io.lograft.cli.Table;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.TopicDescription;
import io.lograft.client.reassign.ReassignmentOptions;
import io.lograft.client.reassign.ReassignmentOutcome;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code partition reassign execute}. */
@Command(
        name = "execute",
        description = {
            "Begin to move replicas as a file says. All of it is checked before anything begins.",
            "The brokers go on by themselves, whatever becomes of this command. Given again with another --throttle, it"
                    + " changes the limit."
        })
final class ExecuteCommand extends ReassignVerb {
    @Option(
            names = {"--file", "--reassignment-json-file"},
            required = true,
            paramLabel = "FILE",
            description = "JSON like {\"version\":1,\"partitions\":[{\"topic\":\"orders\",\"partition\":0,"
                    + "\"replicas\":[1,2,4]}]}; - for the input.")
    private String file;

    @Option(
            names = "--throttle",
            paramLabel = "BYTES_PER_SECOND",
            description = "What each leader sends in all to replicas that join. Default: no limit.")
    private Long throttle;

    @Option(names = "--wait", description = "Show how far it is, and return when all of it is done.")
    private boolean isWaiting;

    @Option(names = "--dry-run", description = "Check, and change nothing.")
    private boolean isDryRun;

    @Override
    int run(CliContext context, Lograft cluster) throws InterruptedException {
        ReassignmentOptions options = ReassignmentOptions.unlimited().withThrottle(throttle(throttle));
        Map<TopicPartition, List<Integer>> targets = ReassignmentFile.assignment(file);
        Map<TopicPartition, List<Integer>> previous = settled(cluster, targets.keySet());
        List<ReassignmentOutcome> checked = cluster.admin().reassignPartitions(targets, options.validateOnly());
        boolean isBegun = !isDryRun && checked.stream().allMatch(ReassignmentOutcome::isAccepted);
        List<ReassignmentOutcome> outcomes = isBegun ? cluster.admin().reassignPartitions(targets, options) : checked;
        if (!context.isJson()) {
            print(context, previous, targets, outcomes, isBegun);
        }
        try {
            failOnRefusal(outcomes, isBegun);
            if (isBegun && isWaiting) {
                await(context, cluster, targets);
            }
        } finally {
            if (context.isJson()) {
                context.printJson(json(previous, targets, outcomes));
            }
        }
        return DONE;
    }

    /** What partitions have once nothing is under way any more; throws where one of them does not exist. */
    static Map<TopicPartition, List<Integer>> settled(Lograft cluster, Collection<TopicPartition> partitions) {
        Map<String, List<TopicDescription.Partition>> known = new LinkedHashMap<>();
        TreeSet<String> names = new TreeSet<>();
        partitions.forEach(partition -> names.add(partition.topic()));
        cluster.admin().describeTopics(names).forEach(topic -> known.put(topic.name(), topic.partitions()));
        Map<TopicPartition, List<Integer>> settled = new LinkedHashMap<>();
        for (TopicPartition partition : partitions) {
            List<TopicDescription.Partition> ofTopic = known.get(partition.topic());
            settled.put(
                    partition,
                    ofTopic.stream()
                            .filter(described -> described.number() == partition.partition())
                            .findFirst()
                            .orElseThrow(() -> new LograftException(
                                    ErrorCode.UNKNOWN_PARTITION,
                                    "topic '" + partition.topic() + "' has " + ofTopic.size() + " partitions, no "
                                            + partition.partition()))
                            .settledReplicas());
        }
        return settled;
    }

    private static void failOnRefusal(List<ReassignmentOutcome> outcomes, boolean isBegun) {
        List<LograftException> refusals =
                outcomes.stream().flatMap(outcome -> outcome.refusal().stream()).toList();
        if (!refusals.isEmpty()) {
            throw new CliFailure(
                    refusals.get(0).code().name(),
                    (isBegun
                                    ? refusals.size() + " of " + outcomes.size() + " partitions were refused: "
                                    : "nothing was changed: ")
                            + refusals.get(0).reason());
        }
    }

    private static void await(CliContext context, Lograft cluster, Map<TopicPartition, List<Integer>> targets)
            throws InterruptedException {
        try (MoveProgress progress = new MoveProgress("reassign", context.err())) {
            List<Move> moves = Moves.underWay(cluster.admin(), targets::containsKey);
            while (!moves.isEmpty()) {
                progress.show(moves, cluster.admin().describeCluster());
                moves = Moves.underWay(cluster.admin(), targets::containsKey);
            }
        }
        List<TopicPartition> others = targets.keySet().stream().toList();
        Map<TopicPartition, List<Integer>> now = settled(cluster, others);
        others = others.stream()
                .filter(partition -> !now.get(partition).equals(targets.get(partition)))
                .toList();
        StatusCommand.failOnDifferent(others, targets.size());
        if (!context.isJson()) {
            context.out().println(targets.size() + " partitions are as in the file");
        }
    }

    private void print(
            CliContext context,
            Map<TopicPartition, List<Integer>> previous,
            Map<TopicPartition, List<Integer>> targets,
            List<ReassignmentOutcome> outcomes,
            boolean isBegun) {
        context.out().println("Current assignment, to go back to:");
        context.out().println(Json.write(ReassignmentFile.json(previous)));
        context.out().println();
        Table table = new Table("TOPIC", "PARTITION", "FROM", "TO", "RESULT");
        for (ReassignmentOutcome outcome : outcomes) {
            TopicPartition partition = outcome.topicPartition();
            boolean isSame = previous.get(partition).equals(targets.get(partition));
            table.row(
                    partition.topic(),
                    partition.partition(),
                    Table.numbers(previous.get(partition)),
                    Table.numbers(targets.get(partition)),
                    outcome.refusal()
                            .map(LograftException::getMessage)
                            .orElse(isSame ? "as it is" : isBegun ? "begun" : "possible"));
        }
        context.printTable(table);
        if (isDryRun) {
            context.out().println("nothing was changed");
        } else if (isBegun && !isWaiting) {
            context.out().println("partition reassign status shows how far it is");
        }
    }

    private Map<String, Object> json(
            Map<TopicPartition, List<Integer>> previous,
            Map<TopicPartition, List<Integer>> targets,
            List<ReassignmentOutcome> outcomes) {
        return Json.object(
                "dryRun",
                isDryRun,
                "throttleBytesPerSecond",
                throttle(throttle),
                "previous",
                ReassignmentFile.json(previous),
                "results",
                outcomes.stream()
                        .map(outcome -> result(outcome, targets.get(outcome.topicPartition())))
                        .toList());
    }

    static Map<String, Object> result(ReassignmentOutcome outcome, List<Integer> replicas) {
        Optional<LograftException> refusal = outcome.refusal();
        return Json.object(
                "topic", outcome.topicPartition().topic(),
                "partition", outcome.topicPartition().partition(),
                "replicas", replicas,
                "accepted", outcome.isAccepted(),
                "error", refusal.map(why -> why.code().name()).orElse(null),
                "message", refusal.map(LograftException::reason).orElse(null));
    }
}
