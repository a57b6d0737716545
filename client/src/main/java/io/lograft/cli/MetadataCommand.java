package io.lograft.cli;

import io.lograft.client.Lograft;
import io.lograft.client.QuorumDescription;
import picocli.CommandLine.Command;

/** {@code metadata …}: the Raft group that holds the cluster's metadata. */
@Command(
        name = "metadata",
        description = "Show the metadata quorum.",
        subcommands = {MetadataCommand.Status.class})
final class MetadataCommand extends NounCommand {

    /** {@code metadata status}. */
    @Command(name = "status", description = "Show leader, term, indexes, and how far each voter is.")
    static final class Status extends ClusterVerb {
        @Override
        int run(CliContext context, Lograft cluster) {
            QuorumDescription quorum = cluster.admin().describeQuorum();
            if (context.isJson()) {
                context.printJson(Json.object(
                        "leaderId", quorum.leaderId(),
                        "term", quorum.term(),
                        "commitIndex", quorum.commitIndex(),
                        "appliedIndex", quorum.appliedIndex(),
                        "snapshotIndex", quorum.snapshotIndex(),
                        "voters",
                                quorum.voters().stream()
                                        .map(voter -> Json.object(
                                                "brokerId", voter.brokerId(),
                                                "address", voter.address(),
                                                "matchIndex", voter.matchIndex(),
                                                "lag", voter.lag()))
                                        .toList()));
                return Main.DONE;
            }
            context.out()
                    .println("leader " + (quorum.leaderId() < 0 ? "none" : quorum.leaderId()) + ", term "
                            + quorum.term() + ", committed " + quorum.commitIndex() + ", applied "
                            + quorum.appliedIndex()
                            + ", snapshot " + quorum.snapshotIndex());
            Table table = new Table("VOTER", "ADDRESS", "ROLE", "MATCH", "LAG");
            for (QuorumDescription.Voter voter : quorum.voters()) {
                table.row(
                        voter.brokerId(),
                        voter.address(),
                        voter.brokerId() == quorum.leaderId() ? "leader" : "follower",
                        voter.matchIndex() < 0 ? "-" : voter.matchIndex(),
                        voter.matchIndex() < 0 ? "-" : voter.lag());
            }
            context.printTable(table);
            return Main.DONE;
        }
    }
}
