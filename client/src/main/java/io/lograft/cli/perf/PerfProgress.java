package io.lograft.cli.perf;

import io.lograft.cli.Terminal;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far a run is: a bar on a terminal, else a line every few seconds. For one thread. */
final class PerfProgress implements AutoCloseable {
    private static final long LINE_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long BAR_NS = TimeUnit.MILLISECONDS.toNanos(200);

    private final String task;
    private final long total;
    private final PrintStream err;
    private final ProgressBar bar;
    private final long startNs;
    private long nextNs;
    private long lastNs;
    private long lastRecords;

    /**
     * Starts it.
     *
     * @param total records that there will be; below 0: not known
     */
    PerfProgress(String task, long total, PrintStream err) {
        this.task = task;
        this.total = total;
        this.err = err;
        this.bar = Terminal.isWatched() ? bar(task, total) : null;
        this.startNs = System.nanoTime();
        this.lastNs = startNs;
        this.nextNs = startNs + (bar == null ? LINE_NS : BAR_NS);
    }

    private static ProgressBar bar(String task, long total) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setUnit(" records", 1)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .showSpeed()
                .build();
    }

    /** True if it is time for {@link #show}. */
    boolean isDue(long nowNs) {
        return nowNs - nextNs >= 0;
    }

    void show(long records, long nowNs) {
        nextNs = nowNs + (bar == null ? LINE_NS : BAR_NS);
        if (bar != null) {
            bar.stepTo(records);
            return;
        }
        double rate = (records - lastRecords) * 1e9 / Math.max(1, nowNs - lastNs);
        String part = total < 0
                ? String.format(Locale.ROOT, "%,d records", records)
                : String.format(
                        Locale.ROOT, "%,d of %,d records (%d %%)", records, total, records * 100 / Math.max(1, total));
        err.printf(Locale.ROOT, "%s: %s after %.0f s, %,.0f records/s%n", task, part, (nowNs - startNs) / 1e9, rate);
        lastNs = nowNs;
        lastRecords = records;
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
