package io.lograft.broker.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;

/** Runs many seeds, each in one thread, as many at a time as there are cores; and tells how fast that went. */
final class SimRunner {
    private final AtomicLong next;
    private final AtomicBoolean hasFailed = new AtomicBoolean();
    private final AtomicLong runs = new AtomicLong();
    private final AtomicLong simulatedMs = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong commits = new AtomicLong();

    private SimRunner(long firstSeed) {
        this.next = new AtomicLong(firstSeed);
    }

    /** Runs seeds from the first on, as long as the condition holds for the next one; throws what the first failure was. */
    static void run(long firstSeed, LongPredicate isWanted) {
        SimRunner runner = new SimRunner(firstSeed);
        long startNs = System.nanoTime();
        runner.runAll(isWanted);
        runner.tell(firstSeed, (System.nanoTime() - startNs) / 1e9);
    }

    private void runAll(LongPredicate isWanted) {
        int threads = Runtime.getRuntime().availableProcessors();
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                workers.add(executor.submit(() -> work(isWanted)));
            }
            for (Future<?> worker : workers) {
                worker.get();
            }
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof AssertionError told) {
                throw told;
            }
            throw new IllegalStateException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        } finally {
            executor.shutdownNow();
        }
    }

    private void work(LongPredicate isWanted) {
        while (!hasFailed.get()) {
            long seed = next.getAndIncrement();
            if (!isWanted.test(seed)) {
                return;
            }
            try {
                note(runOne(seed));
            } catch (AssertionError failed) {
                hasFailed.set(true);
                throw failed;
            }
        }
    }

    private void note(SimReport report) {
        runs.incrementAndGet();
        simulatedMs.addAndGet(report.simulatedMs());
        acknowledged.addAndGet(report.acknowledged());
        commits.addAndGet(report.commits());
    }

    private void tell(long firstSeed, double seconds) {
        System.out.printf(
                Locale.ROOT,
                "simulation: %d seeds from %d on, %.1f h simulated, %d batches acknowledged, %d offsets committed, in %.0f s:"
                        + " %.1f simulated hours per minute, %.1f seeds per second%n",
                runs.get(),
                firstSeed,
                simulatedMs.get() / 3_600_000.0,
                acknowledged.get(),
                commits.get(),
                seconds,
                simulatedMs.get() / 3_600_000.0 / (seconds / 60),
                runs.get() / seconds);
    }

    /** One run; a failure tells how to replay it, and what happened last. */
    static SimReport runOne(long seed) {
        Mutation mutation = Mutation.valueOf(System.getProperty("sim.mutation", "NONE"));
        try {
            return new SimCluster(seed, mutation, false).run();
        } catch (RuntimeException first) {
            throw replayed(seed, mutation, first);
        }
    }

    /** The same run again with its last events. */
    private static AssertionError replayed(long seed, Mutation mutation, RuntimeException first) {
        SimCluster again = new SimCluster(seed, mutation, true);
        String second = "nothing: the run is not deterministic";
        try {
            again.run();
        } catch (RuntimeException failure) {
            second = failure.toString();
        }
        return new AssertionError(
                "seed " + seed + ": " + first + "\nreplay with: make sim SEED=" + seed + "\nthe replay ends with "
                        + second + " after\n" + again.world().lastEvents(),
                first);
    }
}
