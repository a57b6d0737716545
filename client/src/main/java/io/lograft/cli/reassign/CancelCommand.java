package io.lograft.cli.reassign;

import io.lograft.cli.CliContext;
import io.lograft.cli.Json;
import io.lograft.cli.Table;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.reassign.ReassignmentOutcome;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code partition reassign cancel}. */
@Command(
        name = "cancel",
        description = {
            "End what is under way: partitions go back to the replicas from before.",
            "Partitions of a file or topic that are not on their way are passed over."
        })
final class CancelCommand extends ReassignVerb {
    @ArgGroup(multiplicity = "1")
    private Which which;

    @Option(
            names = "--partition",
            paramLabel = "N",
            description = "With --topic: only this partition; may be repeated.")
    private List<Integer> numbers = new ArrayList<>();

    /** Which ones: exactly one of the three. */
    static final class Which {
        @Option(
                names = {"--file", "--reassignment-json-file"},
                required = true,
                paramLabel = "FILE",
                description = "The partitions of this file.")
        private String file;

        @Option(names = "--topic", required = true, paramLabel = "NAME", description = "The partitions of this topic.")
        private String topic;

        @Option(names = "--all", required = true, description = "All of the cluster.")
        private boolean isAll;
    }

    @Override
    int run(CliContext context, Lograft cluster) {
        if (!numbers.isEmpty() && which.topic == null) {
            throw wrongUsage("--partition goes with --topic");
        }
        Map<TopicPartition, List<Integer>> former = new TreeMap<>();
        Collection<TopicPartition> asked = asked(cluster, former);
        List<ReassignmentOutcome> outcomes =
                asked.isEmpty() ? List.of() : cluster.admin().cancelReassignments(asked);
        if (context.isJson()) {
            context.printJson(Json.object(
                    "results",
                    outcomes.stream()
                            .map(outcome -> ExecuteCommand.result(outcome, former.get(outcome.topicPartition())))
                            .toList()));
        } else if (outcomes.isEmpty()) {
            context.out().println("nothing is under way");
        } else {
            Table table = new Table("TOPIC", "PARTITION", "RESULT");
            outcomes.forEach(outcome -> table.row(
                    outcome.topicPartition().topic(),
                    outcome.topicPartition().partition(),
                    outcome.refusal()
                            .map(LograftException::getMessage)
                            .orElseGet(() -> "cancelled, back to " + back(former, outcome))));
            context.printTable(table);
        }
        failOnRefusal(outcomes);
        return DONE;
    }

    private static String back(Map<TopicPartition, List<Integer>> former, ReassignmentOutcome outcome) {
        return Table.numbers(former.getOrDefault(outcome.topicPartition(), List.of()));
    }

    /** Notes where each goes back to. */
    private Collection<TopicPartition> asked(Lograft cluster, Map<TopicPartition, List<Integer>> former) {
        Collection<TopicPartition> named = new LinkedHashSet<>();
        if (which.file != null) {
            named.addAll(ReassignmentFile.assignment(which.file).keySet());
        }
        numbers.forEach(number -> named.add(CliContext.partition(which.topic, number)));
        if (which.topic != null) {
            cluster.admin().describeTopics(List.of(which.topic)); // One that does not exist is a mistake.
        }
        List<Move> moves = Moves.underWay(
                cluster.admin(),
                partition -> which.isAll
                        || (named.isEmpty() ? partition.topic().equals(which.topic) : named.contains(partition)));
        moves.forEach(move -> former.put(move.partition(), move.reassignment().formerReplicas()));
        // Of those that somebody named one by one the cluster itself says that there is nothing to cancel.
        return numbers.isEmpty() ? former.keySet() : named;
    }

    /** What came to its end just before is no failure, unless it was named by itself. */
    private void failOnRefusal(List<ReassignmentOutcome> outcomes) {
        outcomes.stream()
                .flatMap(outcome -> outcome.refusal().stream())
                .filter(why -> !numbers.isEmpty() || why.code() != ErrorCode.NO_REASSIGNMENT)
                .findFirst()
                .ifPresent(why -> {
                    throw why;
                });
    }
}
