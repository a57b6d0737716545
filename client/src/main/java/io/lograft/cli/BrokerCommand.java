package io.lograft.cli;

import io.lograft.cli.local.BrokerStartCommand;
import io.lograft.cli.local.BrokerStopCommand;
import io.lograft.client.ClusterDescription;
import io.lograft.client.Lograft;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code broker …}: brokers of the cluster, and one broker on this machine. */
@Command(
        name = "broker",
        description = "Start, stop and list brokers.",
        subcommands = {BrokerStartCommand.class, BrokerStopCommand.class, BrokerCommand.ListBrokers.class})
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
                "state", state(broker),
                "voter", broker.isVoter(),
                "controller", broker.isController(),
                "replicaCount", broker.replicaCount(),
                "leaderCount", broker.leaderCount(),
                "brokerEpoch", broker.epoch());
    }

    private static String state(ClusterDescription.Broker broker) {
        return broker.isFenced() ? "fenced" : broker.isDraining() ? "draining" : "live";
    }
}
