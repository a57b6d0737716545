package io.lograft.cli.perf;

import io.lograft.cli.Json;
import io.lograft.cli.Table;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What every run measures.
 *
 * @param bytes of keys and values
 * @param seconds from the first record to the last
 * @param clientCpuSeconds of this process, over the run
 * @param brokerCpuSeconds of all brokers, over the run; empty where not all of them say
 */
record Figures(long records, long bytes, double seconds, double clientCpuSeconds, OptionalDouble brokerCpuSeconds) {
    private static final double MEGABYTE = 1e6;

    double recordsPerSecond() {
        return seconds == 0 ? 0 : records / seconds;
    }

    double megabytesPerSecond() {
        return seconds == 0 ? 0 : bytes / MEGABYTE / seconds;
    }

    void addTo(Map<String, Object> document) {
        document.put("records", records);
        document.put("bytes", bytes);
        document.put("seconds", rounded(seconds));
        document.put("recordsPerSecond", rounded(recordsPerSecond()));
        document.put("megabytesPerSecond", rounded(megabytesPerSecond()));
        document.put(
                "cpuSeconds",
                Json.object(
                        "client",
                        rounded(clientCpuSeconds),
                        "brokers",
                        brokerCpuSeconds.isPresent() ? rounded(brokerCpuSeconds.getAsDouble()) : null));
    }

    void addTo(Table table) {
        table.row("records", grouped(records));
        table.row("seconds", decimal(seconds));
        table.row("records/s", grouped(Math.round(recordsPerSecond())));
        table.row("MB/s (10^6 bytes)", decimal(megabytesPerSecond()));
        table.row("client CPU seconds", decimal(clientCpuSeconds));
        table.row("brokers' CPU seconds", brokerCpuSeconds.isPresent() ? decimal(brokerCpuSeconds.getAsDouble()) : "-");
    }

    static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }

    static String grouped(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    static String decimal(double value) {
        return String.format(Locale.ROOT, "%,.2f", value);
    }
}
