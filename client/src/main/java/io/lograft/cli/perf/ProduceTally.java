package io.lograft.cli.perf;

import io.lograft.cli.Json;
import io.lograft.cli.Table;
import io.lograft.client.LograftException;
import io.lograft.client.RecordMetadata;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Counts what became of the records of a run. {@link #acknowledged} and {@link #failed} are called on the SDK's callback
 * thread only; the counts may be read by any thread, latencies after the last callback.
 */
final class ProduceTally {
    private static final int SIGNIFICANT_DIGITS = 3;
    private static final double MICROS_PER_MS = 1000;

    private final Recorder latenciesUs = new Recorder(SIGNIFICANT_DIGITS);
    private long acknowledgedOnCallbacks;
    private long failedOnCallbacks;
    private volatile long acknowledged; // These are copies for other threads.
    private volatile long failed;
    private volatile LograftException firstFailure;
    private int leastHolding = Integer.MAX_VALUE;
    private int leastFlushed = Integer.MAX_VALUE;
    private volatile long lastAcknowledgedNs;

    void acknowledged(RecordMetadata written, long sinceNs) {
        long nowNs = System.nanoTime();
        latenciesUs.recordValue(Math.max(0, TimeUnit.NANOSECONDS.toMicros(nowNs - sinceNs)));
        leastHolding = Math.min(leastHolding, written.replicasHolding());
        leastFlushed = Math.min(leastFlushed, written.replicasFlushed());
        lastAcknowledgedNs = nowNs;
        acknowledged = ++acknowledgedOnCallbacks;
    }

    void failed(LograftException failure) {
        if (firstFailure == null) {
            firstFailure = failure;
        }
        failed = ++failedOnCallbacks;
    }

    long acknowledgedCount() {
        return acknowledged;
    }

    long failedCount() {
        return failed;
    }

    /** Null where none failed. */
    LograftException firstFailure() {
        return firstFailure;
    }

    long lastAcknowledgedNs() {
        return lastAcknowledgedNs;
    }

    void addTo(Map<String, Object> document) {
        Histogram histogram = latenciesUs.getIntervalHistogram();
        document.put("failed", failed);
        document.put("firstFailure", firstFailure == null ? null : firstFailure.getMessage());
        document.put(
                "latencyMs",
                Json.object(
                        "p50", at(histogram, 50),
                        "p95", at(histogram, 95),
                        "p99", at(histogram, 99),
                        "p999", at(histogram, 99.9),
                        "max", histogram.getMaxValue() / MICROS_PER_MS));
        document.put("leastReplicasHolding", acknowledged == 0 ? 0 : leastHolding);
        document.put("leastReplicasFlushed", acknowledged == 0 ? 0 : leastFlushed);
    }

    void addTo(Table table) {
        Histogram histogram = latenciesUs.getIntervalHistogram();
        table.row("latency p50 ms", Figures.decimal(at(histogram, 50)));
        table.row("latency p95 ms", Figures.decimal(at(histogram, 95)));
        table.row("latency p99 ms", Figures.decimal(at(histogram, 99)));
        table.row("latency p99.9 ms", Figures.decimal(at(histogram, 99.9)));
        table.row("latency max ms", Figures.decimal(histogram.getMaxValue() / MICROS_PER_MS));
        table.row("failed", Figures.grouped(failed));
        table.row("replicas holding, least", acknowledged == 0 ? 0 : leastHolding);
        table.row("replicas flushed, least", acknowledged == 0 ? 0 : leastFlushed);
    }

    private static double at(Histogram histogram, double percentile) {
        return histogram.getValueAtPercentile(percentile) / MICROS_PER_MS;
    }
}
