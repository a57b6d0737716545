package io.lograft.cli.perf;

import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;

/** Sends the records of one run on the caller's thread, each when it is due. Used once. */
final class ProduceRun {
    private static final int KEY_COUNT = 1 << 16;
    private static final long SPIN_NS = 100_000;

    private final Producer producer;
    private final String topic;
    private final RecordSource source;
    private final byte[][] keys;
    private final ProduceTally tally = new ProduceTally();
    private long bytes;

    /** With {@code isKeyed} the records have {@value #KEY_COUNT} keys in turn; else none. */
    ProduceRun(Producer producer, String topic, RecordSource source, boolean isKeyed) {
        this.producer = producer;
        this.topic = topic;
        this.source = source;
        this.keys = isKeyed ? keys() : null;
    }

    private static byte[][] keys() {
        byte[][] keys = new byte[KEY_COUNT][];
        for (int i = 0; i < KEY_COUNT; i++) {
            keys[i] = ("key-" + i).getBytes(StandardCharsets.US_ASCII);
        }
        return keys;
    }

    /**
     * Sends up to {@code recordsMax} records, or as many as there are, and waits until all are acknowledged or failed.
     * Returns the seconds from the first one due to the last acknowledgement.
     */
    double run(long recordsMax, double recordsPerSecond, PerfProgress progress) throws IOException {
        long startNs = System.nanoTime();
        Pacer pacer = new Pacer(startNs, recordsPerSecond);
        for (long number = 0; number < recordsMax; number++) {
            byte[] value = source.next();
            if (value == null) {
                break;
            }
            long nowNs = System.nanoTime();
            long dueNs = pacer.dueNs(number, nowNs);
            if (dueNs > nowNs) {
                nowNs = awaitNs(dueNs, nowNs);
            }
            send(number, value, dueNs);
            if (progress.isDue(nowNs)) {
                progress.show(tally.acknowledgedCount(), nowNs);
            }
        }
        producer.flush();
        long endNs = tally.acknowledgedCount() == 0 ? System.nanoTime() : tally.lastAcknowledgedNs();
        progress.show(tally.acknowledgedCount(), System.nanoTime());
        return (endNs - startNs) / 1e9;
    }

    private void send(long number, byte[] value, long dueNs) {
        byte[] key = keys == null ? null : keys[(int) (number & (KEY_COUNT - 1))];
        bytes += value.length + (key == null ? 0 : key.length);
        producer.send(ProducerRecord.of(topic, key, value), (written, failure) -> {
            if (failure == null) {
                tally.acknowledged(written, dueNs);
            } else {
                tally.failed(failure);
            }
        });
    }

    /** Waits until a time, the last bit of it busily, since a parked thread wakes up late; returns the time then. */
    static long awaitNs(long untilNs, long fromNs) {
        long nowNs = fromNs;
        while (nowNs < untilNs) {
            if (untilNs - nowNs > SPIN_NS) {
                LockSupport.parkNanos(untilNs - nowNs - SPIN_NS / 2);
            } else {
                Thread.onSpinWait();
            }
            nowNs = System.nanoTime();
        }
        return nowNs;
    }

    ProduceTally tally() {
        return tally;
    }

    /** Bytes of keys and values sent. */
    long bytes() {
        return bytes;
    }
}
