package io.lograft.cli;

import io.lograft.client.ClusterDescription;
import io.lograft.client.Lograft;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code cluster …}: the cluster as a whole. */
@Command(
        name = "cluster",
        description = "Describe the cluster and its health.",
        subcommands = {ClusterCommand.Describe.class, ClusterCommand.Health.class})
final class ClusterCommand extends NounCommand {

    /** {@code cluster describe}. */
    @Command(name = "describe", description = "Show brokers, controller, metadata version and the state of partitions.")
    static final class Describe extends ClusterVerb {
        @Override
        int run(CliContext context, Lograft cluster) {
            ClusterDescription description = cluster.admin().describeCluster();
            if (context.isJson()) {
                context.printJson(json(description));
            } else {
                context.out()
                        .println("cluster " + description.clusterId() + ", metadata version "
                                + description.metadataVersion() + ", metadata index " + description.metadataIndex());
                context.out()
                        .println("controller " + name(description.controllerId()) + ", voters "
                                + Table.numbers(description.voters()));
                context.out()
                        .println(description.topicCount() + " topics, " + description.partitionCount()
                                + " partitions: " + description.underReplicatedPartitions() + " under-replicated, "
                                + description.offlinePartitions() + " offline");
                context.printTable(BrokerCommand.table(description));
            }
            return Main.DONE;
        }
    }

    /** {@code cluster health}. */
    @Command(name = "health", description = "Exit with status 0 if the cluster is healthy, else 1.")
    static final class Health extends ClusterVerb {
        @Override
        int run(CliContext context, Lograft cluster) {
            ClusterDescription description = cluster.admin().describeCluster();
            List<String> troubles = troubles(description);
            if (context.isJson()) {
                Map<String, Object> json = Json.object("healthy", troubles.isEmpty(), "troubles", troubles);
                json.putAll(json(description));
                context.printJson(json);
            } else if (troubles.isEmpty()) {
                context.out()
                        .println("healthy: " + description.brokers().size() + " brokers, "
                                + description.partitionCount() + " partitions");
            }
            if (!troubles.isEmpty()) {
                throw new CliFailure("NOT_HEALTHY", String.join("; ", troubles));
            }
            return Main.DONE;
        }
    }

    private static List<String> troubles(ClusterDescription cluster) {
        List<String> troubles = new ArrayList<>();
        if (cluster.controllerId() < 0) {
            troubles.add("there is no controller");
        }
        List<Integer> fenced = cluster.brokers().stream()
                .filter(ClusterDescription.Broker::isFenced)
                .map(ClusterDescription.Broker::id)
                .toList();
        if (!fenced.isEmpty()) {
            troubles.add("brokers not live: " + Table.numbers(fenced));
        }
        for (ClusterDescription.Broker broker : cluster.brokers()) {
            if (broker.offlineDirectories() > 0) {
                troubles.add(
                        "broker " + broker.id() + " has " + broker.offlineDirectories() + " log directories offline");
            }
            if (broker.fullDirectories() > 0) {
                troubles.add("broker " + broker.id() + " has " + broker.fullDirectories()
                        + " log directories whose disks are full");
            }
        }
        if (cluster.offlinePartitions() > 0) {
            troubles.add(cluster.offlinePartitions() + " partitions are offline");
        }
        if (cluster.underReplicatedPartitions() > 0) {
            troubles.add(cluster.underReplicatedPartitions() + " partitions are under-replicated");
        }
        return troubles;
    }

    private static Map<String, Object> json(ClusterDescription cluster) {
        return Json.object(
                "clusterId", cluster.clusterId(),
                "answeredBy", cluster.answeredBy(),
                "controllerId", cluster.controllerId(),
                "metadataVersion", cluster.metadataVersion(),
                "metadataIndex", cluster.metadataIndex(),
                "voters", cluster.voters(),
                "topicCount", cluster.topicCount(),
                "partitionCount", cluster.partitionCount(),
                "underReplicatedPartitions", cluster.underReplicatedPartitions(),
                "offlinePartitions", cluster.offlinePartitions(),
                "brokers", cluster.brokers().stream().map(BrokerCommand::json).toList());
    }

    private static String name(int controllerId) {
        return controllerId < 0 ? "none" : Integer.toString(controllerId);
    }
}
