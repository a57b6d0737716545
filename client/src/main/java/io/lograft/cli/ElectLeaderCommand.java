package io.lograft.cli;

import io.lograft.client.LeaderElection;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.model.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code topic elect-leader}. */
@Command(
        name = "elect-leader",
        description = {
            "Give leadership back to the preferred replicas.",
            "With --unclean: give partitions that have no leader one that may lack committed records."
        })
final class ElectLeaderCommand extends ClusterVerb {
    @Parameters(paramLabel = "TOPIC", description = "Name of the topic.")
    private String topic;

    @Option(
            names = "--partition",
            paramLabel = "P",
            description = "This partition only. Default: all; those that need no election are passed over then.")
    private Integer partition;

    @Option(
            names = "--unclean",
            description = "Let a live replica lead a partition without leader, though COMMITTED RECORDS MAY BE LOST. "
                    + "Only for the case that the replicas that have them do not come back.")
    private boolean isUnclean;

    @Override
    int run(CliContext context, Lograft cluster) {
        List<LeaderElection> elections = cluster.admin()
                .electLeaders(
                        topic,
                        partition == null ? List.of() : List.of(partition),
                        isUnclean ? LeaderElection.Type.UNCLEAN : LeaderElection.Type.PREFERRED);
        if (context.isJson()) {
            context.printJson(json(elections));
        } else {
            Table table = new Table("PARTITION", "LEADER", "EPOCH", "ELECTION");
            elections.forEach(election -> table.row(
                    election.partition(),
                    election.leader() < 0 ? "-" : election.leader(),
                    election.leaderEpoch(),
                    election.refusal().map(LograftException::getMessage).orElse("held")));
            context.printTable(table);
        }
        long held = elections.stream().filter(LeaderElection::isHeld).count();
        if (isUnclean && held > 0) {
            context.err()
                    .println("warning: " + held + " leaders were elected uncleanly; committed records may be lost");
        }
        Optional<LograftException> refusal = elections.stream()
                .flatMap(election -> election.refusal().stream())
                .filter(why -> partition != null || why.code() != ErrorCode.ELECTION_NOT_NEEDED)
                .findFirst();
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        return Main.DONE;
    }

    private Map<String, Object> json(List<LeaderElection> elections) {
        return Json.object(
                "topic",
                topic,
                "election",
                isUnclean ? "unclean" : "preferred",
                "partitions",
                elections.stream().map(ElectLeaderCommand::json).toList());
    }

    private static Map<String, Object> json(LeaderElection election) {
        return Json.object(
                "partition", election.partition(),
                "held", election.isHeld(),
                "leader", election.leader(),
                "leaderEpoch", election.leaderEpoch(),
                "error", election.refusal().map(why -> why.code().name()).orElse(null),
                "message", election.refusal().map(LograftException::reason).orElse(null));
    }
}
