package io.lograft.cli.reassign;

import io.lograft.cli.Terminal;
import io.lograft.client.ClusterDescription;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** How far moves are: a bar on a terminal, else a line now and then. For one thread. */
final class MoveProgress implements AutoCloseable {
    private static final long LINE_NS = TimeUnit.SECONDS.toNanos(2);
    private static final long PAUSE_MS_MIN = 100;
    private static final long PAUSE_MS_MAX = 1_000;

    private final String task;
    private final PrintStream err;
    private ProgressBar bar;
    private long pauseMs = PAUSE_MS_MIN;
    private int partitions;
    private long bytes;
    private String shown = "";
    private long shownNs;

    MoveProgress(String task, PrintStream err) {
        this.task = task;
        this.err = err;
    }

    /** Shows what is left, and waits a moment before the next look, longer from time to time. */
    void show(List<Move> left, ClusterDescription cluster) throws InterruptedException {
        long bytesLeft = left.stream().mapToLong(Move::bytesLeft).sum();
        partitions = Math.max(partitions, left.size());
        bytes = Math.max(bytes, bytesLeft);
        if (partitions > 0) {
            show(partitions - left.size() + " of " + partitions + " partitions", bytesLeft, obstacle(left, cluster));
        }
        Thread.sleep(pauseMs);
        pauseMs = Math.min(PAUSE_MS_MAX, pauseMs + pauseMs / 4);
    }

    private void show(String counts, long bytesLeft, String obstacle) {
        if (Terminal.isWatched()) {
            bar(bytesLeft, counts + obstacle);
        } else {
            line(String.format(
                    Locale.ROOT,
                    "%s: %s moved, %,d of %,d bytes are left%s",
                    task,
                    counts,
                    bytesLeft,
                    bytes,
                    obstacle));
        }
    }

    private static String obstacle(List<Move> left, ClusterDescription cluster) {
        return left.stream()
                .flatMap(move -> move.obstacle(cluster).stream().map(why -> "; " + move.partition() + ": " + why))
                .findFirst()
                .orElse("");
    }

    private void bar(long bytesLeft, String counts) {
        if (bar == null) {
            bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(bytes)
                    .setUnit(" MiB", 1 << 20)
                    .build();
        }
        bar.maxHint(bytes).stepTo(bytes - bytesLeft).setExtraMessage(counts);
    }

    private void line(String text) {
        long nowNs = System.nanoTime();
        if (!text.equals(shown) && (shown.isEmpty() || nowNs - shownNs >= LINE_NS)) {
            shown = text;
            shownNs = nowNs;
            err.println(text);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
