package io.lograft.cli;

import io.lograft.client.BrokerDrain;
import io.lograft.client.Lograft;
import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code broker drain}. */
@Command(
        name = "drain",
        description = {
            "Move leadership away from a running broker, and keep it out of in-sync sets.",
            "It goes on serving and replicating. The drain ends when the broker is started anew; there is no other way back."
        })
final class BrokerDrainCommand extends ClusterVerb {
    private static final long PAUSE_MS = 250;

    @Parameters(paramLabel = "ID", description = "Id of the broker.")
    private int brokerId;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long to wait until nothing is left to move. Default: 60.")
    private int timeoutSeconds;

    @Override
    int run(CliContext context, Lograft cluster) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeoutSeconds);
        BrokerDrain drain = cluster.admin().drainBroker(brokerId);
        int changed = drain.partitionsChanged();
        try (Progress progress = new Progress(drain, context.err())) {
            while (!drain.isComplete() && System.nanoTime() < deadlineNs) {
                pause();
                drain = cluster.admin().drainBroker(brokerId);
                changed += drain.partitionsChanged();
                progress.show(drain);
            }
        }
        if (!drain.isComplete()) {
            throw new CliFailure(
                    "REQUEST_TIMED_OUT",
                    "broker " + brokerId + " drains, but after " + timeoutSeconds + " s it still leads "
                            + drain.leadershipsLeft() + " partitions and is in sync in " + drain.inSyncLeft()
                            + ", as no other replica of these is in sync");
        }
        if (context.isJson()) {
            context.printJson(json(drain, changed));
        } else {
            context.out()
                    .println("broker " + brokerId + " is drained: " + changed
                            + " partitions go on without it, it leads nothing and is in no in-sync set");
            context.out()
                    .println("it drains until it is started anew: broker stop, then broker start (or local restart "
                            + brokerId + ")");
        }
        return Main.DONE;
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliFailure("INTERRUPTED", "the broker goes on draining");
        }
    }

    private static Map<String, Object> json(BrokerDrain drain, int changed) {
        return Json.object(
                "brokerId", drain.brokerId(),
                "brokerEpoch", drain.brokerEpoch(),
                "drained", drain.isComplete(),
                "partitionsChanged", changed,
                "leadershipsLeft", drain.leadershipsLeft(),
                "inSyncLeft", drain.inSyncLeft());
    }

    /** What is left: a bar on a terminal, else a line whenever it changes. */
    private static final class Progress implements AutoCloseable {
        private final PrintStream err;
        private final int total;
        private final ProgressBar bar;
        private int shown;

        Progress(BrokerDrain begun, PrintStream err) {
            this.err = err;
            this.total = begun.partitionsChanged() + left(begun);
            this.shown = left(begun);
            this.bar = Terminal.isWatched() && !begun.isComplete()
                    ? new ProgressBarBuilder()
                            .setTaskName("drain broker " + begun.brokerId())
                            .setInitialMax(total)
                            .build()
                    : null;
        }

        private static int left(BrokerDrain drain) {
            return Math.max(drain.leadershipsLeft(), drain.inSyncLeft());
        }

        void show(BrokerDrain drain) {
            if (bar != null) {
                bar.stepTo(Math.max(0, total - left(drain)));
            } else if (left(drain) != shown) {
                shown = left(drain);
                err.println("draining: " + shown + " of " + total + " partitions are left");
            }
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
            }
        }
    }
}
