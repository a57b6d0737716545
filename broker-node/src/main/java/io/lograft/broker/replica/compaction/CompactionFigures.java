package io.lograft.broker.replica.compaction;

import io.lograft.broker.log.Compaction;
import io.lograft.broker.metrics.BrokerMetrics;
import io.lograft.broker.metrics.MetricNames;
import java.util.concurrent.atomic.AtomicLong;

/** What the compactions of this broker did, for metrics. Written by the compactor's thread, read by any. */
public final class CompactionFigures {
    private static final double MS_PER_SECOND = 1000;

    private final AtomicLong runs = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong bytesRead = new AtomicLong();
    private final AtomicLong bytesWritten = new AtomicLong();
    private final AtomicLong recordsRead = new AtomicLong();
    private final AtomicLong recordsKept = new AtomicLong();
    private final AtomicLong lastRunMs = new AtomicLong();
    private volatile double dirtyRatioMax;
    private volatile long lagMsMax;
    private volatile int setAside;

    /** Registers them. */
    public CompactionFigures(BrokerMetrics metrics) {
        metrics.gauge(
                MetricNames.COMPACTION_DIRTY_RATIO,
                "Greatest part of a compacted partition that is dirty",
                () -> dirtyRatioMax);
        metrics.gauge(
                MetricNames.COMPACTION_LAG,
                "Age of the oldest record in a closed segment that waits for its compaction",
                () -> lagMsMax / MS_PER_SECOND);
        metrics.gauge(MetricNames.COMPACTION_SET_ASIDE, "Partitions whose last compaction failed", () -> setAside);
        metrics.gauge(
                MetricNames.COMPACTION_LAST_RUN,
                "How long the last compaction took",
                () -> lastRunMs.get() / MS_PER_SECOND);
        metrics.counter(MetricNames.COMPACTION_RUNS, "Compactions that came to their end", runs::get);
        metrics.counter(MetricNames.COMPACTION_FAILURES, "Compactions that failed", failures::get);
        metrics.counter(MetricNames.COMPACTION_BYTES_READ, "Bytes that compactions read", bytesRead::get);
        metrics.counter(MetricNames.COMPACTION_BYTES_WRITTEN, "Bytes that compactions wrote", bytesWritten::get);
        metrics.counter(MetricNames.COMPACTION_RECORDS_READ, "Records that compactions looked at", recordsRead::get);
        metrics.counter(MetricNames.COMPACTION_RECORDS_KEPT, "Records that compactions left", recordsKept::get);
    }

    void looked(double greatestDirtyRatio, long greatestLagMs, int partitionsSetAside) {
        dirtyRatioMax = greatestDirtyRatio;
        lagMsMax = greatestLagMs;
        setAside = partitionsSetAside;
    }

    void done(Compaction.Result result, long tookMs) {
        bytesRead.addAndGet(result.bytesRead());
        bytesWritten.addAndGet(result.bytesWritten());
        recordsRead.addAndGet(result.recordsRead());
        recordsKept.addAndGet(result.recordsKept());
        lastRunMs.set(tookMs);
        runs.incrementAndGet();
    }

    void failed() {
        failures.incrementAndGet();
    }
}
