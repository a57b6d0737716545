package io.lograft.cli.reassign;

import io.lograft.cli.CliContext;
import io.lograft.cli.CliFailure;
import io.lograft.cli.Json;
import io.lograft.client.Admin;
import io.lograft.client.ClusterDescription;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.TopicDescription;
import io.lograft.client.reassign.ReassignmentOptions;
import io.lograft.client.reassign.ReassignmentOutcome;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code broker decommission}. */
@Command(
        name = "decommission",
        description = {
            "Move all replicas of a broker, live or stopped, to the others; at the end it is drained, so that it gets no"
                    + " new ones.",
            "Refused before anything changes where a partition would have fewer replicas, or has no leader.",
            "If this command ends early, the moves go on; the same command waits for them and does the rest."
        })
public final class DecommissionCommand extends ReassignVerb {
    /** Of plans: one is enough where nobody makes topics meanwhile, and no other broker fails. */
    private static final int ROUNDS_MAX = 20;

    @Parameters(paramLabel = "ID", description = "Id of the broker.")
    private int brokerId;

    @Option(
            names = "--throttle",
            paramLabel = "BYTES_PER_SECOND",
            description = "What each leader sends in all to new replicas. Default: no limit.")
    private Long throttle;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "How long to wait until all are moved. Default: as long as it takes.")
    private Integer timeoutSeconds;

    private int rounds;
    private final Set<TopicPartition> moved = new HashSet<>();
    private String lastRefusal = "topics are made on it all the time";

    @Override
    int run(CliContext context, Lograft cluster) throws InterruptedException {
        ReassignmentOptions options = ReassignmentOptions.unlimited().withThrottle(throttle(throttle));
        if (timeoutSeconds != null && timeoutSeconds < 1) {
            throw wrongUsage("--timeout " + timeoutSeconds + " is not 1 second or more");
        }
        Admin admin = cluster.admin();
        moveAway(context, admin, options);
        if (!leaving(admin.describeCluster()).isFenced()) {
            admin.drainBroker(brokerId);
            moveAway(context, admin, options); // What was made on it before it drained.
        }
        tell(context, admin.describeCluster());
        return DONE;
    }

    private ClusterDescription.Broker leaving(ClusterDescription cluster) {
        return cluster.brokers().stream()
                .filter(broker -> broker.id() == brokerId)
                .findFirst()
                .orElseThrow(() ->
                        new LograftException(ErrorCode.UNKNOWN_BROKER, "no broker has registered as " + brokerId));
    }

    private void moveAway(CliContext context, Admin admin, ReassignmentOptions options) throws InterruptedException {
        long startNs = System.nanoTime();
        try (MoveProgress progress = new MoveProgress("decommission broker " + brokerId, context.err())) {
            while (true) {
                ClusterDescription cluster = admin.describeCluster();
                List<TopicDescription> topics = Moves.topics(admin);
                DecommissionPlan plan = checked(cluster, topics);
                if (!plan.targets().isEmpty()) {
                    begin(admin, plan, options);
                } else if (topics.stream().allMatch(this::isRidOfIt)) {
                    return;
                }
                progress.show(Moves.underWay(admin, partition -> isOnIt(topics, partition)), cluster);
                checkTime(startNs, topics);
            }
        }
    }

    /** Throws where it cannot be done, or would leave a partition with fewer copies. */
    private DecommissionPlan checked(ClusterDescription cluster, List<TopicDescription> topics) {
        leaving(cluster);
        SortedSet<Integer> takers = new TreeSet<>();
        cluster.brokers().stream()
                .filter(broker -> !broker.isFenced() && !broker.isDraining() && broker.id() != brokerId)
                .forEach(broker -> takers.add(broker.id()));
        DecommissionPlan plan = DecommissionPlan.of(topics, brokerId, takers);
        if (!plan.unplaced().isEmpty()) {
            throw unsafe("of the other brokers, " + takers + " are live and not draining, and none of them is free for "
                    + plan.unplaced().size() + " partitions, which would have fewer replicas: "
                    + StatusCommand.names(plan.unplaced()) + "; add a broker, or give them fewer replicas first");
        }
        List<TopicPartition> leaderless = leaderless(topics);
        if (!leaderless.isEmpty() && rounds == 0) {
            throw unsafe(leaderless.size() + " partitions have no leader that others could copy from: "
                    + StatusCommand.names(leaderless)
                    + "; start the brokers of their in-sync sets first, as topic describe shows them");
        }
        return plan;
    }

    private CliFailure unsafe(String why) {
        String before = rounds == 0
                ? "broker " + brokerId + " stays as it is: "
                : "broker " + brokerId + " has handed over some of its partitions, but not all: ";
        return new CliFailure("UNSAFE_CHANGE", before + why);
    }

    /** Partitions of the broker that nobody leads, as it is stopped and has the only copy, say. */
    private List<TopicPartition> leaderless(List<TopicDescription> topics) {
        List<TopicPartition> found = new ArrayList<>();
        for (TopicDescription topic : topics) {
            topic.partitions().stream()
                    .filter(partition -> partition.replicas().contains(brokerId) && partition.isOffline())
                    .forEach(partition -> found.add(new TopicPartition(topic.name(), partition.number())));
        }
        return found;
    }

    /** Refusals end the command only before it has changed anything; the next rounds plan with what there is then. */
    private void begin(Admin admin, DecommissionPlan plan, ReassignmentOptions options) {
        if (rounds == ROUNDS_MAX) {
            throw new CliFailure(
                    "REQUEST_TIMED_OUT",
                    "after " + rounds + " rounds " + plan.targets().size() + " partitions are still on broker "
                            + brokerId + ": " + lastRefusal);
        }
        if (rounds == 0) {
            List<ReassignmentOutcome> checked = admin.reassignPartitions(plan.targets(), options.validateOnly());
            refusal(checked).ifPresent(why -> {
                throw new CliFailure(why.code().name(), "broker " + brokerId + " stays as it is: " + why.reason());
            });
        }
        rounds++;
        List<ReassignmentOutcome> outcomes = admin.reassignPartitions(plan.targets(), options);
        outcomes.stream()
                .filter(ReassignmentOutcome::isAccepted)
                .forEach(outcome -> moved.add(outcome.topicPartition()));
        refusal(outcomes).ifPresent(why -> lastRefusal = why.getMessage());
    }

    /** The first; a topic that was deleted meanwhile needs nothing. */
    private static Optional<LograftException> refusal(List<ReassignmentOutcome> outcomes) {
        return outcomes.stream()
                .flatMap(outcome -> outcome.refusal().stream())
                .filter(why -> why.code() != ErrorCode.UNKNOWN_TOPIC)
                .findFirst();
    }

    private boolean isRidOfIt(TopicDescription topic) {
        return topic.partitions().stream()
                .noneMatch(partition -> partition.replicas().contains(brokerId));
    }

    private boolean isOnIt(List<TopicDescription> topics, TopicPartition asked) {
        return topics.stream()
                .filter(topic -> topic.name().equals(asked.topic()))
                .flatMap(topic -> topic.partitions().stream())
                .anyMatch(partition -> partition.number() == asked.partition()
                        && partition.replicas().contains(brokerId));
    }

    private void checkTime(long startNs, List<TopicDescription> topics) {
        if (timeoutSeconds != null && System.nanoTime() - startNs > TimeUnit.SECONDS.toNanos(timeoutSeconds)) {
            long left = topics.stream()
                    .flatMap(topic -> topic.partitions().stream())
                    .filter(partition -> partition.replicas().contains(brokerId))
                    .count();
            throw new CliFailure(
                    "REQUEST_TIMED_OUT",
                    "after " + timeoutSeconds + " s " + left + " partitions are still on their way from broker "
                            + brokerId + "; they go on, partition reassign status shows how far they are");
        }
    }

    private void tell(CliContext context, ClusterDescription cluster) {
        ClusterDescription.Broker broker = leaving(cluster);
        List<String> steps = new ArrayList<>();
        if (broker.isVoter()) {
            steps.add("metadata remove-voter " + brokerId);
        }
        if (!broker.isFenced()) {
            steps.add("broker stop");
        }
        if (context.isJson()) {
            context.printJson(json(broker, steps));
            return;
        }
        context.out()
                .println(
                        "broker " + brokerId + " has no replicas any more; " + moved.size() + " partitions were moved");
        if (broker.isVoter()) {
            context.out()
                    .println("it still votes on the metadata: lograft metadata add-voter OTHER, if there is one, then"
                            + " lograft metadata remove-voter " + brokerId);
        }
        context.out()
                .println(
                        broker.isFenced()
                                ? "it is stopped; do not start it again, or new topics use it"
                                : "then stop it, on its machine: lograft broker stop. Started again, it takes new"
                                        + " topics");
    }

    private Map<String, Object> json(ClusterDescription.Broker broker, List<String> steps) {
        return Json.object(
                "brokerId", brokerId,
                "replicaCount", broker.replicaCount(),
                "partitionsMoved", moved.size(),
                "voter", broker.isVoter(),
                "draining", broker.isDraining(),
                "fenced", broker.isFenced(),
                "stepsLeft", steps);
    }
}
