package io.lograft.client;

import io.lograft.record.RecordHeader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A record to be written.
 *
 * <pre>{@code
 * producer.send(ProducerRecord.of("orders", "customer-7", "{\"total\": 12}"));
 * producer.send(ProducerRecord.of("orders", key, value).withPartition(3).withHeader("source", bytes));
 * }</pre>
 *
 * <p>Immutable; the arrays are not copied until the record is sent, and must not change until then.
 */
public final class ProducerRecord {
    /** The client chooses: by the key's murmur2 hash, as Kafka's Java client has it; without a key, one per batch. */
    public static final int ANY_PARTITION = -1;

    /** The time of sending. */
    public static final long NOW = -1;

    private final String topic;
    private final int partition;
    private final byte[] key;
    private final byte[] value;
    private final List<RecordHeader> headers;
    private final long timestampMs;

    private ProducerRecord(
            String topic, int partition, byte[] key, byte[] value, List<RecordHeader> headers, long timestampMs) {
        this.topic = Objects.requireNonNull(topic, "topic");
        this.partition = partition;
        this.key = key;
        this.value = value;
        this.headers = headers;
        this.timestampMs = timestampMs;
    }

    public String topic() {
        return topic;
    }

    /** Number of the partition, or {@link #ANY_PARTITION}. */
    public int partition() {
        return partition;
    }

    /** The key, or null; not a copy. */
    public byte[] key() {
        return key;
    }

    /** The value, or null for a tombstone; not a copy. */
    public byte[] value() {
        return value;
    }

    public List<RecordHeader> headers() {
        return headers;
    }

    /** Milliseconds since the epoch, or {@link #NOW}. */
    public long timestampMs() {
        return timestampMs;
    }

    /** A record without a key. */
    public static ProducerRecord of(String topic, byte[] value) {
        return of(topic, null, value);
    }

    /** A record with a key, which may be null. */
    public static ProducerRecord of(String topic, byte[] key, byte[] value) {
        return new ProducerRecord(topic, ANY_PARTITION, key, value, List.of(), NOW);
    }

    /** A record of UTF-8 text without a key. */
    public static ProducerRecord of(String topic, String value) {
        return of(topic, null, utf8(value));
    }

    /** A record of UTF-8 text with a key; both may be null. */
    public static ProducerRecord of(String topic, String key, String value) {
        return of(topic, utf8(key), utf8(value));
    }

    /** The same for this partition; throws IllegalArgumentException for a negative number. */
    public ProducerRecord withPartition(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("partition " + number + " is negative");
        }
        return new ProducerRecord(topic, number, key, value, headers, timestampMs);
    }

    /** The same with this time, in milliseconds since the epoch; throws IllegalArgumentException for a negative one. */
    public ProducerRecord withTimestamp(long timeMs) {
        if (timeMs < 0) {
            throw new IllegalArgumentException("timestamp " + timeMs + " is negative");
        }
        return new ProducerRecord(topic, partition, key, value, headers, timeMs);
    }

    /** The same with one more header; its value may be null. */
    public ProducerRecord withHeader(String name, byte[] headerValue) {
        List<RecordHeader> more = new ArrayList<>(headers);
        more.add(new RecordHeader(name, headerValue));
        return new ProducerRecord(topic, partition, key, value, List.copyOf(more), timestampMs);
    }

    private static byte[] utf8(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }
}
