package io.lograft.cli.perf;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** CPU time that a set of processes has used: of this machine, or brokers that are asked by HTTP. */
final class BrokerCpu {
    private static final int TIMEOUT_MS = 1_000;
    private static final double UNKNOWN = Double.NaN;

    private final List<String> places;
    private final ToDoubleFunction<String> secondsOf;

    private BrokerCpu(List<String> places, ToDoubleFunction<String> secondsOf) {
        this.places = List.copyOf(places);
        this.secondsOf = secondsOf;
    }

    /** Of processes on this machine, by their ids. */
    static BrokerCpu ofProcesses(List<Long> pids) {
        return new BrokerCpu(pids.stream().map(String::valueOf).toList(), pid -> ofProcess(Long.parseLong(pid)));
    }

    /** Of brokers whose HTTP ports are given, {@code host:port} each. */
    static BrokerCpu ofMetrics(List<String> addresses) {
        return new BrokerCpu(addresses, BrokerCpu::ofMetricsPage);
    }

    /** CPU seconds of this process. */
    static double ofThisProcess() {
        return ofProcess(ProcessHandle.current().pid());
    }

    /** Sum over all of them since they started; empty where one does not say, or there is none. */
    OptionalDouble seconds() {
        double sum = places.stream().mapToDouble(secondsOf).sum();
        return places.isEmpty() || Double.isNaN(sum) ? OptionalDouble.empty() : OptionalDouble.of(sum);
    }

    /** What was used between two readings; empty where either is. */
    static OptionalDouble difference(OptionalDouble before, OptionalDouble after) {
        return before.isPresent() && after.isPresent()
                ? OptionalDouble.of(after.getAsDouble() - before.getAsDouble())
                : OptionalDouble.empty();
    }

    private static double ofProcess(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .map(Duration::toNanos)
                .map(nanos -> nanos / 1e9)
                .orElse(UNKNOWN);
    }

    private static double ofMetricsPage(String address) {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create("http://" + address + "/metrics").toURL().openConnection();
            connection.setConnectTimeout(TIMEOUT_MS);
            connection.setReadTimeout(TIMEOUT_MS);
            try (InputStream in = connection.getInputStream()) {
                return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException | IllegalArgumentException e) {
            return UNKNOWN; // No such page, or no such broker: the figure is left out.
        }
    }

    /** Finds the process's CPU time in a page in Prometheus's text format; NaN where it has none. */
    static double parse(String page) {
        for (String line : page.split("\n", -1)) {
            if (line.startsWith("process_cpu_time_ns_total")) {
                return value(line) / 1e9;
            }
            if (line.startsWith("process_cpu_seconds_total")) {
                return value(line);
            }
        }
        return UNKNOWN;
    }

    private static double value(String line) {
        String[] words = line.trim().split(" +", -1);
        try {
            return Double.parseDouble(words[words.length - 1]);
        } catch (NumberFormatException e) {
            return UNKNOWN;
        }
    }
}
