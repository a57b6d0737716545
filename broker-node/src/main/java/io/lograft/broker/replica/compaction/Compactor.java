package io.lograft.broker.replica.compaction;

import io.lograft.broker.concurrent.Clock;
import io.lograft.broker.concurrent.Workers;
import io.lograft.broker.log.Compaction;
import io.lograft.broker.log.CorruptLogException;
import io.lograft.broker.log.compact.CompactionPolicy;
import io.lograft.broker.log.compact.KeyHasher;
import io.lograft.broker.log.compact.Throttle;
import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.metrics.BrokerMetrics;
import io.lograft.broker.metrics.MetricNames;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.broker.replica.runtime.PartitionRuntime;
import io.lograft.model.PartitionId;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts the replicas of this broker, one at a time, on a thread of its own: of those that are due the one with the
 * greatest part of dirty bytes first. What it works on belongs to the partitions' loops: they tell what there is to do, and
 * put what was written in its place. A replica whose compaction fails is set aside for a while, and the others go on.
 *
 * <p>{@link #start} and {@link #close} may be called by any thread; all else belongs to its own.
 */
public final class Compactor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);
    private static final long LOOP_LOOK_MS = 200;
    private static final long SET_ASIDE_MS_MAX = 3_600_000;

    /**
     * What it may take.
     *
     * @param mapBytesMax memory for the newest offset of each key; where there are more keys it takes several runs
     * @param bufferBytes memory for what is written
     * @param bytesPerSecondMax limit of what is read and written; Double.MAX_VALUE for none
     * @param backoffMs how long it waits once nothing is due
     */
    public record Settings(long mapBytesMax, int bufferBytes, double bytesPerSecondMax, long backoffMs) {
        /** The documented defaults. */
        public static final Settings DEFAULTS = new Settings(32L << 20, 512 << 10, Double.MAX_VALUE, 15_000);
    }

    /** A replica that failed, until when it is left alone, and how long it was the last time. */
    private record SetAside(long untilMs, long pauseMs) {}

    /** What there is to do with one replica. */
    private record Candidate(PartitionRuntime partition, CompactionPolicy.Plan plan) {}

    private final PartitionRegistry registry;
    private final Settings settings;
    private final Clock clock;
    private final Figures figures;
    private final Workers thread;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Throttle throttle;
    private final SecureRandom random = new SecureRandom();
    private final Map<PartitionId, SetAside> setAside = new HashMap<>();

    public Compactor(
            PartitionRegistry registry, Settings settings, Clock clock, Figures figures, Consumer<Throwable> fatal) {
        this.registry = registry;
        this.settings = settings;
        this.clock = clock;
        this.figures = figures;
        this.thread = new Workers("compact", 1, fatal);
        this.throttle = new Throttle(settings.bytesPerSecondMax());
    }

    public void start() {
        thread.execute(this::run);
    }

    /** Gives up what is under way; nothing of it has changed a log. */
    @Override
    public void close() {
        stopped.countDown();
        thread.close();
    }

    private void run() {
        try {
            while (!isStopped(0)) {
                if (!compactMostDirty()) {
                    isStopped(TimeUnit.MILLISECONDS.toNanos(settings.backoffMs()));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isStopped(long waitNs) throws InterruptedException {
        return stopped.await(waitNs, TimeUnit.NANOSECONDS);
    }

    /** False if nothing is due. */
    private boolean compactMostDirty() throws InterruptedException {
        Candidate most = null;
        double ratioMax = 0;
        long lagMax = 0;
        for (Candidate candidate : candidates()) {
            CompactionPolicy.Plan plan = candidate.plan();
            ratioMax = Math.max(ratioMax, plan.dirtyRatio());
            lagMax = Math.max(lagMax, plan.lagMs());
            boolean isFirst = most == null || plan.dirtyRatio() > most.plan().dirtyRatio();
            if (plan.isDue()
                    && isFirst
                    && !isSetAside(candidate.partition())
                    && !candidate.partition().areFilesHeld()
                    && !candidate.partition().isDiskShort()) {
                most = candidate;
            }
        }
        figures.looked(ratioMax, lagMax, setAside.size());
        if (most == null) {
            return false;
        }
        compact(most);
        return true;
    }

    private List<Candidate> candidates() throws InterruptedException {
        Map<PartitionRuntime, CompletableFuture<Optional<CompactionPolicy.Plan>>> asked = new LinkedHashMap<>();
        for (PartitionRuntime partition : registry.all()) {
            asked.put(
                    partition,
                    partition.withLog((log, highWatermark) -> log.compactionPlan(highWatermark, clock.wallMs())));
        }
        List<Candidate> candidates = new ArrayList<>();
        for (Map.Entry<PartitionRuntime, CompletableFuture<Optional<CompactionPolicy.Plan>>> entry : asked.entrySet()) {
            try {
                answered(entry.getValue())
                        .flatMap(plan -> plan)
                        .ifPresent(plan -> candidates.add(new Candidate(entry.getKey(), plan)));
            } catch (IOException failed) {
                // The loop has told whoever has to know.
                LOG.debug("{}: {}", entry.getKey().name(), failed.toString());
            }
        }
        setAside.keySet().removeIf(id -> registry.find(id).isEmpty());
        return candidates;
    }

    /** What a loop answers; empty where the replica has stopped, or this thread is to stop. */
    private <T> Optional<T> answered(CompletableFuture<T> answer) throws IOException, InterruptedException {
        while (!isStopped(0)) {
            try {
                return Optional.ofNullable(answer.get(LOOP_LOOK_MS, TimeUnit.MILLISECONDS));
            } catch (TimeoutException notYet) {
                LOG.trace("a partition's loop takes its time");
            } catch (ExecutionException failed) {
                if (failed.getCause() instanceof IOException cause) {
                    throw cause;
                }
                throw new IllegalStateException("a partition's loop failed", failed);
            }
        }
        return Optional.empty();
    }

    private boolean isSetAside(PartitionRuntime partition) {
        SetAside aside = setAside.get(partition.id());
        return aside != null && clock.nowMs() < aside.untilMs();
    }

    private void compact(Candidate candidate) throws InterruptedException {
        PartitionRuntime partition = candidate.partition();
        long end = candidate.plan().end();
        try {
            long cleanedTo = candidate.plan().dirtyFrom();
            while (cleanedTo < end && cleanedTo >= 0) {
                cleanedTo = runOnce(partition);
            }
            if (cleanedTo >= 0) {
                setAside.remove(partition.id());
            } else {
                // Its segments changed under it; that is over when it is looked at again.
                setAside.put(partition.id(), new SetAside(clock.nowMs() + settings.backoffMs(), settings.backoffMs()));
            }
        } catch (ClosedChannelException left) {
            setAside.put(partition.id(), new SetAside(clock.nowMs() + settings.backoffMs(), settings.backoffMs()));
        } catch (IOException failed) {
            if (!partition.isStopped()) {
                failed(partition, failed);
            }
        }
    }

    /** Returns up to where the log is compacted now; -1 if it was given up. */
    private long runOnce(PartitionRuntime partition) throws IOException, InterruptedException {
        long startMs = clock.nowMs();
        long wallMs = clock.wallMs();
        KeyHasher hasher = new KeyHasher(random.nextLong(), random.nextLong());
        Compaction.Means means =
                new Compaction.Means(settings.mapBytesMax(), settings.bufferBytes(), host(partition), hasher);
        Optional<Compaction> begun =
                answered(partition.withLog((log, highWatermark) -> log.compactionPlan(highWatermark, wallMs)
                        .filter(plan -> plan.end() > plan.dirtyFrom())
                        .map(plan -> log.beginCompaction(plan, wallMs, means))
                        .orElse(null)));
        if (begun.isEmpty()) {
            return -1;
        }
        Compaction.Result result = begun.get().run();
        if (!result.isDone()) {
            return -1;
        }
        boolean isNoted = answered(partition.withLog((log, highWatermark) -> {
                    log.compacted(result.cleanedTo());
                    return true;
                }))
                .orElse(false);
        long tookMs = clock.nowMs() - startMs;
        figures.done(result, tookMs);
        LOG.info(
                "{}: compacted up to offset {} in {} ms: {} records of {} left, {} bytes read, {} written",
                partition.name(),
                result.cleanedTo(),
                tookMs,
                result.recordsKept(),
                result.recordsRead(),
                result.bytesRead(),
                result.bytesWritten());
        if (result.opaqueBatches() > 0) {
            LOG.warn(
                    "{}: {} batches were left as they are, as their records cannot be decoded",
                    partition.name(),
                    result.opaqueBatches());
        }
        return isNoted ? result.cleanedTo() : -1;
    }

    private Compaction.Host host(PartitionRuntime partition) {
        return new Compaction.Host() {
            @Override
            public boolean moved(long bytes) {
                long pauseNs = throttle.moved(bytes, System.nanoTime());
                try {
                    return !isStopped(pauseNs) && !partition.isStopped();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }

            @Override
            public boolean replace(Compaction.Replacement replacement) throws IOException {
                try {
                    return answered(partition.withLog((log, highWatermark) ->
                                    !partition.areFilesHeld() && log.replace(replacement, clock.wallMs())))
                            .orElse(false);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
        };
    }

    private void failed(PartitionRuntime partition, IOException failure) {
        SetAside former = setAside.get(partition.id());
        long pauseMs =
                Math.min(SET_ASIDE_MS_MAX, former == null ? Math.max(1, settings.backoffMs()) : 2 * former.pauseMs());
        setAside.put(partition.id(), new SetAside(clock.nowMs() + pauseMs, pauseMs));
        figures.failed();
        if (failure instanceof DiskFullException) {
            LOG.warn("{}: no room to compact it; again in {} ms: {}", partition.name(), pauseMs, failure.getMessage());
            return;
        }
        LOG.error("{}: cannot be compacted; again in {} ms: {}", partition.name(), pauseMs, failure.toString());
        if (failure instanceof CorruptLogException) {
            partition.readFailed(failure);
        }
    }

    /** What the compactions of this broker did, for metrics. Written by the compactor's thread, read by any. */
    public static final class Figures {
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
        public Figures(BrokerMetrics metrics) {
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
            metrics.counter(
                    MetricNames.COMPACTION_RECORDS_READ, "Records that compactions looked at", recordsRead::get);
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
}
