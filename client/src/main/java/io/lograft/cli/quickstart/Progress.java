package io.lograft.cli.quickstart;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * How far a piece of work is: a bar on a terminal, a line for every quarter otherwise. {@link #step} may be called from
 * any one thread at a time.
 */
final class Progress implements AutoCloseable {
    private static final int LINES = 4;

    private final String task;
    private final long total;
    private final PrintStream lines;
    private final ProgressBar bar;
    private long done;

    private Progress(String task, long total, PrintStream lines, ProgressBar bar) {
        this.task = task;
        this.total = total;
        this.lines = lines;
        this.bar = bar;
    }

    /** Starts a piece of work of so many steps; what is shown goes to {@code err}. */
    static Progress of(String task, long total, PrintStream err) {
        if (!isTerminal()) {
            return new Progress(task, total, err, null);
        }
        ProgressBar bar = new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(100)
                .showSpeed()
                .build();
        return new Progress(task, total, err, bar);
    }

    /** Whether standard error is a terminal. */
    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException e) {
            return false; // No Linux: lines do everywhere.
        }
    }

    /** One step is done. */
    synchronized void step() {
        done++;
        if (bar != null) {
            bar.step();
        } else if (done * LINES / total != (done - 1) * LINES / total) {
            lines.println("  " + task + " " + done + " of " + total);
        }
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
