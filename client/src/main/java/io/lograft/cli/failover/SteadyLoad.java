package io.lograft.cli.failover;

import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends records at a fixed rate to all partitions in turn, on a thread of its own, until it is closed. The times at which
 * records are due are fixed beforehand, so a producer that blocks shows as latency and not as a lower rate.
 */
final class SteadyLoad implements AutoCloseable {
    private static final long DECIDED_MS_MAX = 60_000;
    private static final long POLL_MS = 5;

    private final Producer producer;
    private final String topic;
    private final int partitionCount;
    private final double intervalNs;
    private final byte[] value;
    private final Thread thread = new Thread(this::run, "load");
    private volatile Window window;
    private volatile boolean isClosed;

    /** Starts it. */
    static SteadyLoad start(Producer producer, String topic, int partitionCount, int rate, int sizeBytes) {
        SteadyLoad load = new SteadyLoad(producer, topic, partitionCount, rate, sizeBytes);
        load.thread.setDaemon(true);
        load.thread.start();
        return load;
    }

    private SteadyLoad(Producer producer, String topic, int partitionCount, int rate, int sizeBytes) {
        this.producer = producer;
        this.topic = topic;
        this.partitionCount = partitionCount;
        this.intervalNs = 1e9 / rate;
        this.value = new byte[sizeBytes];
        new Random(1).nextBytes(value);
        this.window = new Window(partitionCount, System.nanoTime());
    }

    private void run() {
        long startNs = System.nanoTime();
        for (long number = 0; !isClosed; number++) {
            long dueNs = startNs + (long) (number * intervalNs);
            for (long nowNs = System.nanoTime(); nowNs < dueNs; nowNs = System.nanoTime()) {
                LockSupport.parkNanos(dueNs - nowNs);
            }
            send((int) (number % partitionCount), dueNs);
        }
    }

    private void send(int partition, long dueNs) {
        Window own = window;
        own.sent();
        producer.send(ProducerRecord.of(topic, value).withPartition(partition), (written, failure) -> {
            if (failure != null) {
                own.failed(failure.getMessage());
                return;
            }
            long nowNs = System.nanoTime();
            own.acknowledged(dueNs, nowNs);
            window.heard(partition, dueNs, nowNs);
        });
    }

    /** Begins a window; what is due from now on belongs to it. The one before is closed. */
    Window begin() {
        Window before = window;
        long nowNs = System.nanoTime();
        Window next = new Window(partitionCount, nowNs);
        window = next;
        before.close(nowNs);
        return next;
    }

    /** Waits until the fate of every record of a closed window is known; false if that takes too long. */
    static boolean awaitDecided(Window closed) throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DECIDED_MS_MAX);
        while (!closed.isDecided()) {
            if (System.nanoTime() > deadlineNs) {
                return false;
            }
            Thread.sleep(POLL_MS);
        }
        return true;
    }

    /** Sends nothing more. */
    @Override
    public void close() {
        isClosed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
