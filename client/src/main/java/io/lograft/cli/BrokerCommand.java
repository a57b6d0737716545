package io.lograft.cli;

import io.lograft.cli.local.BrokerStartCommand;
import io.lograft.cli.local.BrokerStopCommand;
import io.lograft.cli.reassign.DecommissionCommand;
import io.lograft.cli.storage.LogDirectoriesCommand;
import io.lograft.client.BrokerFencing;
import io.lograft.client.ClusterDescription;
import io.lograft.client.Lograft;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code broker …}: brokers of the cluster, and one broker on this machine. */
@Command(
        name = "broker",
        description = "Start, stop, list, drain and decommission brokers.",
        subcommands = {
            BrokerStartCommand.class,
            BrokerStopCommand.class,
            BrokerCommand.ListBrokers.class,
            BrokerDrainCommand.class,
            DecommissionCommand.class,
            LogDirectoriesCommand.class,
            BrokerCommand.FenceStatus.class
        })
final class BrokerCommand extends NounCommand {

    /** {@code broker list}. */
    @Command(name = "list", description = "List the brokers of the cluster.")
    static final class ListBrokers extends ClusterVerb {
        @Override
        int run(CliContext context, Lograft cluster) {
            ClusterDescription description = cluster.admin().describeCluster();
            if (context.isJson()) {
                context.printJson(
                        description.brokers().stream().map(BrokerCommand::json).toList());
            } else {
                context.printTable(table(description));
            }
            return Main.DONE;
        }
    }

    /** {@code broker fence-status}. */
    @Command(
            name = "fence-status",
            description = "Show which brokers take part in the cluster, which do not, since when and why.")
    static final class FenceStatus extends ClusterVerb {
        @Override
        int run(CliContext context, Lograft cluster) {
            List<BrokerFencing> brokers = cluster.admin().describeFencing();
            if (context.isJson()) {
                context.printJson(brokers.stream().map(BrokerCommand::json).toList());
                return Main.DONE;
            }
            Table table = new Table("ID", "ADDRESS", "STATE", "EPOCH", "LEADERS", "IN-SYNC", "SINCE", "REASON");
            brokers.forEach(broker -> table.row(
                    broker.brokerId(),
                    broker.address(),
                    state(broker.isFenced(), broker.isDraining()),
                    broker.brokerEpoch(),
                    broker.leaderCount(),
                    broker.inSyncCount(),
                    broker.since().map(Instant::toString).orElse("-"),
                    broker.reason().isEmpty() ? "-" : broker.reason()));
            context.printTable(table);
            return Main.DONE;
        }
    }

    private static Map<String, Object> json(BrokerFencing broker) {
        return Json.object(
                "brokerId", broker.brokerId(),
                "address", broker.address(),
                "state", state(broker.isFenced(), broker.isDraining()),
                "brokerEpoch", broker.brokerEpoch(),
                "leaderCount", broker.leaderCount(),
                "inSyncCount", broker.inSyncCount(),
                "sinceMs", broker.since().map(Instant::toEpochMilli).orElse(null),
                "reason", broker.reason());
    }

    static Table table(ClusterDescription cluster) {
        Table table = new Table("ID", "ADDRESS", "STATE", "VOTER", "CONTROLLER", "REPLICAS", "LEADERS", "EPOCH");
        for (ClusterDescription.Broker broker : cluster.brokers()) {
            table.row(
                    broker.id(),
                    broker.host() + ":" + broker.port(),
                    state(broker),
                    broker.isVoter() ? "yes" : "no",
                    broker.isController() ? "yes" : "no",
                    broker.replicaCount(),
                    broker.leaderCount(),
                    broker.epoch());
        }
        return table;
    }

    static Map<String, Object> json(ClusterDescription.Broker broker) {
        return Json.object(
                "brokerId", broker.id(),
                "host", broker.host(),
                "port", broker.port(),
                "state", state(broker.isFenced(), broker.isDraining()),
                "offlineDirectories", broker.offlineDirectories(),
                "fullDirectories", broker.fullDirectories(),
                "voter", broker.isVoter(),
                "controller", broker.isController(),
                "replicaCount", broker.replicaCount(),
                "leaderCount", broker.leaderCount(),
                "brokerEpoch", broker.epoch());
    }

    private static String state(ClusterDescription.Broker broker) {
        return state(broker.isFenced(), broker.isDraining())
                + (broker.offlineDirectories() > 0 ? ", " + broker.offlineDirectories() + " log dirs offline" : "")
                + (broker.fullDirectories() > 0 ? ", " + broker.fullDirectories() + " log dirs full" : "");
    }

    private static String state(boolean isFenced, boolean isDraining) {
        return isFenced ? "fenced" : isDraining ? "draining" : "live";
    }
}
