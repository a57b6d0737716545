package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.Consumer;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import io.lograft.client.RecordMetadata;
import io.lograft.model.TopicPartition;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A continuous load of records that can be told apart, and the audit of what became of them: record number {@code n}
 * goes to key {@code n mod KEYS}, so that the numbers of one key rise, and all its bytes follow from {@code n}. One
 * thread writes until {@link #finish}; acknowledgements come on the client's thread.
 */
final class RecordLoad implements AutoCloseable {
    /** Records that are written at least, whatever happens meanwhile. */
    static final int RECORDS_MIN = Integer.getInteger("it.records", 200_000);
    /** Records per second; 0 for as many as go. */
    static final int RATE = Integer.getInteger("it.rate", 8_000);

    private static final int KEYS = 100;
    private static final int VALUE_BYTES = 200;
    private static final byte PENDING = 0;
    private static final byte ACKNOWLEDGED = 1;
    private static final byte FAILED = 2;
    private static final Duration IDLE_MAX = Duration.ofSeconds(30);

    private final String topic;
    private final Producer producer;
    private final Thread writer;
    private final AtomicLong acknowledgedCount = new AtomicLong();
    private volatile boolean isEnding;
    private volatile Throwable broken;
    private volatile int sent;
    // Grown by the writer, written by the client's thread: both under the lock.
    private byte[] outcomes = new byte[1 << 18];
    private long[] places = new long[1 << 18];
    private String firstFailure;

    private RecordLoad(Lograft cluster, String topic) {
        this.topic = topic;
        this.producer = cluster.producer();
        this.writer = new Thread(this::write, "load");
    }

    /** Starts to write. */
    static RecordLoad start(Lograft cluster, String topic) {
        RecordLoad load = new RecordLoad(cluster, topic);
        load.writer.start();
        return load;
    }

    long acknowledgedCount() {
        return acknowledgedCount.get();
    }

    /** Fails if the load could not go on. */
    void check() {
        assertThat(broken).as("what stopped the load").isNull();
    }

    private void write() {
        try {
            long started = System.nanoTime();
            int number = 0;
            while (!isEnding || number < RECORDS_MIN) {
                reserve(number);
                producer.send(ProducerRecord.of(topic, key(number), value(number)), callback(number));
                number++;
                sent = number;
                if (RATE > 0 && number % 50 == 0) {
                    long due = started + number * 1_000_000_000L / RATE;
                    LockSupport.parkNanos(due - System.nanoTime());
                }
            }
            producer.flush();
        } catch (RuntimeException | Error e) {
            broken = e;
        }
    }

    private io.lograft.client.SendCallback callback(int number) {
        return (written, failure) -> completed(number, written, failure);
    }

    private synchronized void reserve(int number) {
        if (number == outcomes.length) {
            outcomes = Arrays.copyOf(outcomes, 2 * number);
            places = Arrays.copyOf(places, 2 * number);
        }
    }

    private synchronized void completed(int number, RecordMetadata written, LograftException failure) {
        if (failure == null) {
            outcomes[number] = ACKNOWLEDGED;
            places[number] = written.offset() < 0 ? -1 : place(written.partition(), written.offset());
            acknowledgedCount.incrementAndGet();
        } else {
            outcomes[number] = FAILED;
            firstFailure = firstFailure == null ? failure.getMessage() : firstFailure;
        }
    }

    private static long place(int partition, long offset) {
        return ((long) partition << 48) | offset;
    }

    /** Writes what is still to be written, and waits until the outcome of all is known. */
    void finish(Duration timeout) {
        isEnding = true;
        try {
            writer.join(timeout.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        assertThat(writer.isAlive()).as("the load still runs after " + timeout).isFalse();
        check();
    }

    /**
     * Reads the whole topic: every acknowledged record is there exactly once, at the offset that was acknowledged, byte
     * for byte and in order per key; whatever else is there was sent and failed.
     */
    synchronized void audit(Lograft cluster) {
        byte[] seen = new byte[sent];
        int[] last = new int[KEYS];
        Arrays.fill(last, -1);
        try (Consumer consumer = cluster.consumer()) {
            List<TopicPartition> partitions = consumer.partitionsOf(topic);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long expected = ends.values().stream().mapToLong(Long::longValue).sum();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions.toArray(TopicPartition[]::new));
            long read = 0;
            long idleSince = System.nanoTime();
            while (read < expected) {
                List<ConsumerRecord> records = consumer.poll(Duration.ofSeconds(1));
                for (ConsumerRecord record : records) {
                    audit(record, seen, last);
                    read++;
                }
                idleSince = records.isEmpty() ? idleSince : System.nanoTime();
                assertThat(System.nanoTime() - idleSince)
                        .as("nothing to read for so long after %d of %d records", read, expected)
                        .isLessThan(IDLE_MAX.toNanos());
            }
        }
        int failed = 0;
        for (int number = 0; number < sent; number++) {
            failed += outcomes[number] == FAILED ? 1 : 0;
            if (outcomes[number] == PENDING || (outcomes[number] == ACKNOWLEDGED && seen[number] == 0)) {
                throw new AssertionError("record " + number + " of " + sent
                        + (outcomes[number] == PENDING ? " has no outcome" : " was acknowledged and is lost"));
            }
        }
        // All failures of the test are shorter than the delivery timeout, so the client hides them.
        assertThat(failed)
                .as("records that failed, the first with: %s", firstFailure)
                .isZero();
        System.out.println("audited " + sent + " records");
    }

    private void audit(ConsumerRecord record, byte[] seen, int[] last) {
        int number = record.valueSizeBytes() < 4
                ? -1
                : ByteBuffer.wrap(record.value()).getInt();
        if (number < 0
                || number >= sent
                || !Arrays.equals(record.value(), value(number))
                || !Arrays.equals(record.key(), key(number))) {
            throw new AssertionError(record + " is not what was sent");
        }
        if (seen[number] != 0) {
            throw new AssertionError("record " + number + " is there twice, the second time at " + record);
        }
        seen[number] = 1;
        if (places[number] >= 0
                && outcomes[number] == ACKNOWLEDGED
                && places[number] != place(record.partition(), record.offset())) {
            throw new AssertionError("record " + number + " was acknowledged at another place than " + record);
        }
        int key = number % KEYS;
        if (number <= last[key]) {
            throw new AssertionError(
                    "record " + number + " comes after " + last[key] + " of the same key, at " + record);
        }
        last[key] = number;
    }

    private static byte[] key(int number) {
        return ByteBuffer.allocate(4).putInt(number % KEYS).array();
    }

    private static byte[] value(int number) {
        ByteBuffer value = ByteBuffer.allocate(VALUE_BYTES).putInt(number);
        long state = number * 0x9E3779B97F4A7C15L + 1;
        while (value.remaining() >= 8) {
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            value.putLong(state);
        }
        return value.array();
    }

    @Override
    public void close() {
        isEnding = true;
        producer.close(Duration.ZERO);
    }
}
