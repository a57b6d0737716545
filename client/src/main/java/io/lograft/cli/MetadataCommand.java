package io.lograft.cli;

import io.lograft.client.Lograft;
import io.lograft.client.QuorumDescription;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code metadata …}: the Raft group that holds the cluster's metadata. */
@Command(
        name = "metadata",
        description = "Show and change the metadata quorum.",
        subcommands = {
            MetadataCommand.Status.class,
            MetadataCommand.TransferLeader.class,
            MetadataCommand.AddVoter.class,
            MetadataCommand.RemoveVoter.class
        })
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
                        "voters", quorum.voters().stream().map(Status::json).toList()));
                return Main.DONE;
            }
            context.out()
                    .println("leader " + (quorum.leaderId() < 0 ? "none" : quorum.leaderId()) + ", term "
                            + quorum.term() + ", committed " + quorum.commitIndex() + ", applied "
                            + quorum.appliedIndex()
                            + ", snapshot " + quorum.snapshotIndex());
            Table table = new Table("VOTER", "ADDRESS", "ROLE", "MATCH", "LAG", "HEARD-MS", "STATE", "DIRECTORY");
            for (QuorumDescription.Voter voter : quorum.voters()) {
                table.row(
                        voter.brokerId(),
                        voter.address(),
                        voter.brokerId() == quorum.leaderId() ? "leader" : "follower",
                        numberOrNothing(voter.matchIndex()),
                        voter.matchIndex() < 0 ? "-" : voter.lag(),
                        numberOrNothing(voter.silentMs()),
                        state(voter),
                        voter.directoryId());
            }
            context.printTable(table);
            return Main.DONE;
        }

        private static Map<String, Object> json(QuorumDescription.Voter voter) {
            return Json.object(
                    "brokerId", voter.brokerId(),
                    "address", voter.address(),
                    "matchIndex", voter.matchIndex(),
                    "lag", voter.lag(),
                    "silentMs", voter.silentMs(),
                    "stalled", voter.isStalled(),
                    "directoryId", voter.directoryId());
        }

        private static Object numberOrNothing(long number) {
            return number < 0 ? "-" : number;
        }

        private static String state(QuorumDescription.Voter voter) {
            if (voter.isStalled()) {
                return "stalled";
            }
            // Several heartbeats went unanswered.
            return voter.silentMs() > 2_000 ? "silent" : "ok";
        }
    }

    /** A change of the quorum; its options and how it is waited for. */
    abstract static class Change extends ClusterVerb {
        private static final long NOTE_MS = 2_000;

        @Option(
                names = "--timeout",
                paramLabel = "SECONDS",
                defaultValue = "30",
                description = "How long it may take, 1 to 300. Default: 30.")
        private int timeoutSeconds;

        @Spec
        private CommandSpec spec;

        final Duration timeout() {
            if (timeoutSeconds < 1 || timeoutSeconds > 300) {
                throw new ParameterException(
                        spec.commandLine(), "--timeout " + timeoutSeconds + " is not 1 to 300 seconds");
            }
            return Duration.ofSeconds(timeoutSeconds);
        }

        /** Says every few seconds that it goes on. */
        static QuorumDescription.Change await(
                CliContext context, String what, CompletableFuture<QuorumDescription.Change> change) {
            long startNs = System.nanoTime();
            while (true) {
                try {
                    return change.get(NOTE_MS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException goesOn) {
                    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs);
                    context.err().println(what + ": " + seconds + " s so far");
                } catch (ExecutionException failed) {
                    throw failed.getCause() instanceof RuntimeException cause
                            ? cause
                            : new CompletionException(failed.getCause());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new CliFailure("UNAVAILABLE", "interrupted; the change may go on");
                }
            }
        }

        static void print(CliContext context, QuorumDescription.Change change, String done) {
            if (context.isJson()) {
                context.printJson(Json.object("leaderId", change.leaderId(), "voters", change.voters()));
            } else {
                context.out().println(done);
            }
        }

        static String configurationHint(QuorumDescription.Change change) {
            int count = change.voters().size();
            return System.lineSeparator()
                    + (count % 2 == 0
                            ? "there are " + count + " voters now, which survive no more failures than " + (count - 1)
                                    + "; add or remove another one"
                            : "set on all brokers, for their next start: metadata.voters="
                                    + String.join(",", change.voters()));
        }
    }

    /** {@code metadata transfer-leader}. */
    @Command(name = "transfer-leader", description = "Make another voter the controller, without an election pause.")
    static final class TransferLeader extends Change {
        @Parameters(
                index = "0",
                arity = "0..1",
                paramLabel = "ID",
                description = "The voter to lead. Default: any other that has caught up.")
        private Integer id;

        @Override
        int run(CliContext context, Lograft cluster) {
            QuorumDescription.Change change = id == null
                    ? cluster.admin().transferMetadataLeadership(timeout())
                    : cluster.admin().transferMetadataLeadership(id, timeout());
            print(context, change, "the controller is broker " + change.leaderId());
            return Main.DONE;
        }
    }

    /** {@code metadata add-voter}. */
    @Command(name = "add-voter", description = "Make a live broker a voter. It needs no restart.")
    static final class AddVoter extends Change {
        @Parameters(index = "0", paramLabel = "ID", description = "The broker.")
        private int id;

        @Override
        int run(CliContext context, Lograft cluster) {
            QuorumDescription.Change change =
                    await(context, "adding voter " + id, cluster.admin().addVoterAsync(id, timeout()));
            print(context, change, "broker " + id + " is a voter" + configurationHint(change));
            return Main.DONE;
        }
    }

    /** {@code metadata remove-voter}. */
    @Command(
            name = "remove-voter",
            description = "Take a broker's vote away, dead or alive. A live one goes on as a broker.")
    static final class RemoveVoter extends Change {
        @Parameters(index = "0", paramLabel = "ID", description = "The broker.")
        private int id;

        @Override
        int run(CliContext context, Lograft cluster) {
            QuorumDescription.Change change =
                    await(context, "removing voter " + id, cluster.admin().removeVoterAsync(id, timeout()));
            print(context, change, "broker " + id + " is no voter any more" + configurationHint(change));
            return Main.DONE;
        }
    }
}
