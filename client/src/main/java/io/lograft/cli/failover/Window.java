package io.lograft.cli.failover;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * A span of the load: what became of the records that were due in it, and for how long each partition acknowledged
 * nothing. All times are arguments, of one monotonic clock. Safe for use by several threads.
 */
final class Window {
    private static final int SIGNIFICANT_DIGITS = 3;
    private static final double MICROS_PER_MS = 1000;
    private static final double NANOS_PER_MS = 1e6;
    /** A partition that acknowledged nothing for so long counts as stalled. */
    private static final long STALL_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int STALLS_MAX = 100;

    private final long startNs;
    private final Histogram latenciesUs = new Histogram(SIGNIFICANT_DIGITS);
    private final long[] lastAcknowledgedNs;
    private final long[] longestGapNs;
    private final long[] newestDueNs;
    private final List<Stall> stalls = new ArrayList<>();
    private long sent;
    private long acknowledged;
    private long failed;
    private String firstFailure;
    private boolean isClosed;

    /** A partition acknowledged nothing from {@code fromMs} after the start of the window on, for {@code ms}. */
    record Stall(int partition, double fromMs, double ms) {}

    Window(int partitionCount, long startNs) {
        this.startNs = startNs;
        this.lastAcknowledgedNs = new long[partitionCount];
        this.longestGapNs = new long[partitionCount];
        this.newestDueNs = new long[partitionCount];
        // The partition had just been acknowledging when the window began.
        Arrays.fill(lastAcknowledgedNs, startNs);
        Arrays.fill(newestDueNs, startNs - 1);
    }

    long startNs() {
        return startNs;
    }

    /** A record that is due in this window was sent. */
    synchronized void sent() {
        sent++;
    }

    /** A record that was due in this window is acknowledged. */
    synchronized void acknowledged(long dueNs, long nowNs) {
        acknowledged++;
        latenciesUs.recordValue(Math.max(0, TimeUnit.NANOSECONDS.toMicros(nowNs - dueNs)));
    }

    /** A record that was due in this window will never be acknowledged. */
    synchronized void failed(String reason) {
        failed++;
        firstFailure = firstFailure == null ? reason : firstFailure;
    }

    /** The partition acknowledged something in this window, whenever that was sent. */
    synchronized void heard(int partition, long dueNs, long nowNs) {
        if (!isClosed) {
            endGap(partition, nowNs);
            newestDueNs[partition] = Math.max(newestDueNs[partition], dueNs);
        }
    }

    /** The window is over: a partition that is silent now has been so up to here. */
    synchronized void close(long nowNs) {
        for (int partition = 0; partition < lastAcknowledgedNs.length && !isClosed; partition++) {
            endGap(partition, nowNs);
        }
        isClosed = true;
    }

    private void endGap(int partition, long nowNs) {
        long lastNs = lastAcknowledgedNs[partition];
        long gapNs = nowNs - lastNs;
        longestGapNs[partition] = Math.max(longestGapNs[partition], gapNs);
        lastAcknowledgedNs[partition] = nowNs;
        if (gapNs >= STALL_NS && stalls.size() < STALLS_MAX) {
            stalls.add(new Stall(partition, (lastNs - startNs) / NANOS_PER_MS, gapNs / NANOS_PER_MS));
        }
    }

    /** True once every partition has acknowledged a record that was due at this time or later. */
    synchronized boolean isWritableSince(long sinceNs) {
        return Arrays.stream(newestDueNs).allMatch(dueNs -> dueNs >= sinceNs);
    }

    /** True once it is known of every record of the window what became of it. */
    synchronized boolean isDecided() {
        return acknowledged + failed == sent;
    }

    /** The figures so far; of a closed window in which all is decided they are final. */
    synchronized Figures figures() {
        long longestNs = Arrays.stream(longestGapNs).max().orElse(0);
        return new Figures(
                sent,
                failed,
                sent - acknowledged - failed,
                firstFailure,
                longestNs / NANOS_PER_MS,
                List.copyOf(stalls),
                percentile(50),
                percentile(99),
                latenciesUs.getMaxValue() / MICROS_PER_MS);
    }

    private double percentile(double percent) {
        return latenciesUs.getValueAtPercentile(percent) / MICROS_PER_MS;
    }

    /**
     * What a window shows.
     *
     * @param failed records that were refused for good
     * @param undecided records of which nothing was heard in time
     * @param firstFailure null where none failed
     * @param longestGapMs the longest time in which some partition acknowledged nothing: after so long clients could write
     *     everywhere again
     * @param stalls each time that a partition acknowledged nothing for 100 ms or more, the first hundred
     */
    record Figures(
            long records,
            long failed,
            long undecided,
            String firstFailure,
            double longestGapMs,
            List<Stall> stalls,
            double p50Ms,
            double p99Ms,
            double maxMs) {}
}
