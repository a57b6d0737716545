package io.lograft.client;

import io.lograft.model.TopicPartition;
import io.lograft.record.DecodedRecord;
import io.lograft.record.RecordHeader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A record that was read.
 *
 * <pre>{@code
 * for (ConsumerRecord record : consumer.poll(Duration.ofSeconds(1))) {
 *     System.out.println(record.offset() + ": " + record.valueText());
 * }
 * }</pre>
 *
 * <p>Immutable; may be passed between threads. It points into the batch that it came in and keeps that in memory; {@link
 * #key} and {@link #value} copy their bytes at each call, the buffers do not.
 */
public final class ConsumerRecord {
    private final TopicPartition topicPartition;
    private final DecodedRecord record;

    ConsumerRecord(TopicPartition topicPartition, DecodedRecord record) {
        this.topicPartition = topicPartition;
        this.record = record;
    }

    public String topic() {
        return topicPartition.topic();
    }

    public int partition() {
        return topicPartition.partition();
    }

    public TopicPartition topicPartition() {
        return topicPartition;
    }

    public long offset() {
        return record.offset();
    }

    /** Milliseconds since the epoch: when the record was created or appended, as the topic has it; -1 for none. */
    public long timestampMs() {
        return record.timestampMs();
    }

    public boolean hasKey() {
        return record.hasKey();
    }

    /** False for a tombstone. */
    public boolean hasValue() {
        return record.hasValue();
    }

    /** A copy of the key, or null. */
    public byte[] key() {
        return record.key();
    }

    /** A copy of the value, or null. */
    public byte[] value() {
        return record.value();
    }

    /** The key in place, read-only, or null. */
    public ByteBuffer keyBuffer() {
        return record.keyBuffer();
    }

    /** The value in place, read-only, or null. */
    public ByteBuffer valueBuffer() {
        return record.valueBuffer();
    }

    /** Size of the key in bytes, -1 for none. */
    public int keySizeBytes() {
        return record.keySizeBytes();
    }

    /** Size of the value in bytes, -1 for none. */
    public int valueSizeBytes() {
        return record.valueSizeBytes();
    }

    /** The key as UTF-8 text, or null. */
    public String keyText() {
        return text(record.key());
    }

    /** The value as UTF-8 text, or null. */
    public String valueText() {
        return text(record.value());
    }

    public List<RecordHeader> headers() {
        return record.headers();
    }

    /** For example {@code orders-3@42}. */
    @Override
    public String toString() {
        return topicPartition + "@" + record.offset();
    }

    private static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
