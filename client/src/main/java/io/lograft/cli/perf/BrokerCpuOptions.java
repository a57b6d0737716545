package io.lograft.cli.perf;

import io.lograft.client.Admin;
import io.lograft.client.ClusterDescription;
import io.lograft.client.LograftException;
import java.util.List;
import picocli.CommandLine.Option;

/** Where the brokers' CPU time is read. Without options at the HTTP port that a broker has by default. */
final class BrokerCpuOptions {
    private static final int HTTP_PORT_STEP = 2;

    @Option(
            names = "--broker-pids",
            paramLabel = "PID",
            split = ",",
            description = "Processes of the brokers on this machine, for their CPU time.")
    private List<Long> pids = List.of();

    @Option(
            names = "--broker-http",
            paramLabel = "HOST:PORT",
            split = ",",
            description = "HTTP ports of the brokers, for their CPU time. Default: each gRPC port + 2.")
    private List<String> httpAddresses = List.of();

    BrokerCpu open(Admin admin) {
        if (!pids.isEmpty()) {
            return BrokerCpu.ofProcesses(pids);
        }
        return BrokerCpu.ofMetrics(httpAddresses.isEmpty() ? usualAddresses(admin) : httpAddresses);
    }

    private static List<String> usualAddresses(Admin admin) {
        try {
            return admin.describeCluster().brokers().stream()
                    .filter(broker -> !broker.isFenced())
                    .map(BrokerCpuOptions::httpAddress)
                    .toList();
        } catch (LograftException e) {
            return List.of(); // Then the figure is left out.
        }
    }

    private static String httpAddress(ClusterDescription.Broker broker) {
        return broker.host() + ":" + (broker.port() + HTTP_PORT_STEP);
    }
}
