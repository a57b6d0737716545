package io.lograft.cli.quickstart;

import io.lograft.cli.local.LocalCluster;
import java.util.concurrent.Callable;
import java.util.function.IntPredicate;

/**
 * Kills a broker and measures how long its partitions are without a leader. Runs beside the writing, on a thread of its
 * own.
 */
final class BrokerKill implements Callable<Long> {
    private static final long POLL_MS = 5;
    private static final long TIMEOUT_MS = 60_000;

    private final LocalCluster cluster;
    private final int brokerId;
    private final IntPredicate leadsSomething;

    /**
     * A kill that is yet to happen.
     *
     * @param leadsSomething asks the other brokers whether a broker leads a partition, or a partition has no leader
     */
    BrokerKill(LocalCluster cluster, int brokerId, IntPredicate leadsSomething) {
        this.cluster = cluster;
        this.brokerId = brokerId;
        this.leadsSomething = leadsSomething;
    }

    /** Returns how many milliseconds after the kill every partition had a leader again. */
    @Override
    public Long call() throws Exception {
        long start = System.nanoTime();
        cluster.kill(brokerId);
        while (leadsSomething.test(brokerId)) {
            if (sinceMs(start) > TIMEOUT_MS) {
                throw new IllegalStateException(
                        "after " + TIMEOUT_MS / 1000 + " s there are partitions without a leader");
            }
            Thread.sleep(POLL_MS);
        }
        return sinceMs(start);
    }

    private static long sinceMs(long startNs) {
        return (System.nanoTime() - startNs) / 1_000_000;
    }
}
