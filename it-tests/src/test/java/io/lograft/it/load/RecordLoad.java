package io.lograft.it.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.Lograft;
import io.lograft.client.Producer;
import io.lograft.client.ProducerOptions;
import io.lograft.client.ProducerRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A continuous load of records that can be told apart, with consumers that watch it, and the audit of what became of
 * them. The order of its life: {@link #start}, the faults, {@link #finish}, {@link #audit}, {@link #close}. The methods
 * are for one thread.
 */
public final class RecordLoad implements AutoCloseable {
    private static final long WAIT_NS = 2_000_000;
    private static final int PACE_EVERY = 50;

    private final Lograft cluster;
    private final String topic;
    private final LoadShape shape;
    private final Ledger ledger;
    private final List<Producer> producers = new ArrayList<>();
    private final List<Thread> writers = new ArrayList<>();
    private final List<Watcher> watchers = new ArrayList<>();
    private final AtomicReference<Throwable> broken = new AtomicReference<>();
    private volatile boolean isEnding;
    private volatile boolean isClosed;
    private volatile int limit = Integer.MAX_VALUE;

    private RecordLoad(Lograft cluster, String topic, LoadShape shape, int partitions) {
        this.cluster = cluster;
        this.topic = topic;
        this.shape = shape;
        this.ledger = new Ledger(partitions);
    }

    /** Starts to write and to watch. */
    public static RecordLoad start(Lograft cluster, String topic) {
        return start(cluster, topic, LoadShape.DEFAULT);
    }

    /** The same with a load of another shape. */
    public static RecordLoad start(Lograft cluster, String topic, LoadShape shape) {
        int partitions = cluster.admin().describeTopic(topic).partitions().size();
        RecordLoad load = new RecordLoad(cluster, topic, shape, partitions);
        load.startThreads();
        return load;
    }

    private void startThreads() {
        for (int i = 0; i < shape.watchers(); i++) {
            watchers.add(Watcher.start(cluster, topic, ledger, i > 0, this::broke));
        }
        ProducerOptions options = ProducerOptions.builder()
                .deliveryTimeout(shape.deliveryTimeout())
                .blockTimeout(shape.deliveryTimeout())
                .build();
        for (int lane = 0; lane < shape.producers(); lane++) {
            int first = lane;
            Producer producer = cluster.producer(options);
            producers.add(producer);
            Thread writer = new Thread(() -> write(producer, first), "load-" + lane);
            writers.add(writer);
            writer.start();
        }
    }

    private void broke(Throwable cause) {
        broken.compareAndSet(null, cause);
    }

    /** Records {@code first}, {@code first + producers}, … */
    private void write(Producer producer, int first) {
        try {
            long started = System.nanoTime();
            int number = first;
            for (long count = 0; !isClosed && (!isEnding || number < shape.recordsMin()); count++) {
                while (number >= limit && !isClosed) {
                    LockSupport.parkNanos(WAIT_NS);
                }
                ledger.sending(number);
                producer.send(ProducerRecord.of(topic, Payload.key(number), Payload.value(number)), callback(number));
                number += shape.producers();
                if (shape.rate() > 0 && count % PACE_EVERY == 0) {
                    long dueNs = started + count * shape.producers() * 1_000_000_000L / shape.rate();
                    LockSupport.parkNanos(dueNs - System.nanoTime());
                }
            }
            producer.flush();
        } catch (RuntimeException | Error e) {
            broke(e);
        }
    }

    private io.lograft.client.SendCallback callback(int number) {
        return (written, failure) -> {
            if (failure == null) {
                ledger.acknowledged(number, written.partition(), written.offset());
            } else {
                ledger.failed(number, failure.getMessage());
            }
        };
    }

    public long acknowledgedCount() {
        return ledger.acknowledgedCount();
    }

    /** How many different records consumers have seen. */
    public long seenCount() {
        return ledger.seenCount();
    }

    /** Returns once so many records are acknowledged. */
    public void awaitAcknowledged(long count, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (acknowledgedCount() < count) {
            check();
            if (System.nanoTime() > deadline) {
                throw new AssertionError("only " + acknowledgedCount() + " of " + count
                        + " records are acknowledged after " + timeout.toSeconds() + " s");
            }
            LockSupport.parkNanos(WAIT_NS);
        }
    }

    /** Producers wait before this record until they are told of another limit. */
    public void holdAt(int number) {
        limit = number;
    }

    /** From now on {@link #longestPause} counts anew. */
    public void beginWindow() {
        ledger.beginWindow();
    }

    /** The longest time without an acknowledgement in one partition since {@link #beginWindow}. */
    public Duration longestPause() {
        return Duration.ofNanos(ledger.longestPauseNs());
    }

    /** The longest time without an acknowledgement in any partition since the start. */
    public Duration longestSilence() {
        return Duration.ofNanos(ledger.longestSilenceNs());
    }

    /** Fails if the load could not go on, or a consumer saw what must not be. */
    public void check() {
        Throwable cause = broken.get();
        if (cause != null) {
            throw new AssertionError("the load stopped: " + cause.getMessage(), cause);
        }
    }

    /** Writes what is still to be written, and waits until the outcome of all is known and the consumers have it. */
    public void finish(Duration timeout) {
        limit = Integer.MAX_VALUE;
        isEnding = true;
        long deadline = System.nanoTime() + timeout.toNanos();
        for (Thread writer : writers) {
            join(writer, deadline);
            assertThat(writer.isAlive())
                    .as("the load still runs after %s, %d records are acknowledged", timeout, acknowledgedCount())
                    .isFalse();
        }
        check();
        for (Watcher watcher : watchers) {
            watcher.finish(deadline);
        }
        check();
    }

    private static void join(Thread thread, long deadline) {
        try {
            TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadline - System.nanoTime()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Reads the whole topic; fails unless all is as it must be. All failures were shorter than the delivery timeout. */
    public Audit.Report audit(Lograft reader) {
        Audit.Report report = Audit.run(reader, topic, ledger);
        report.assertClean();
        assertThat(report.failed())
                .as("records that failed, the first with: %s", ledger.firstFailure())
                .isZero();
        System.out.println(report);
        return report;
    }

    /** Reads the whole topic and says what is wrong; records that failed are neither. */
    public Audit.Report auditWithFailures(Lograft reader) {
        return Audit.run(reader, topic, ledger);
    }

    @Override
    public void close() {
        isClosed = true;
        watchers.forEach(Watcher::close);
        producers.forEach(producer -> producer.close(Duration.ZERO));
    }
}
