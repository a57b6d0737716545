package io.lograft.client.serde;

import io.lograft.client.ProducerRecord;
import io.lograft.record.RecordHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A record to be written, with objects for key and value, each of which may be null.
 *
 * <pre>{@code
 * producer.send(TypedRecord.of("orders", "customer-7", order).withHeader("source", bytes));
 * }</pre>
 *
 * <p>Immutable as far as its key and its value are.
 *
 * @param partition number of the partition, or {@link ProducerRecord#ANY_PARTITION}
 * @param timestampMs milliseconds since the epoch, or {@link ProducerRecord#NOW}
 */
public record TypedRecord<K, V>(
        String topic, int partition, K key, V value, List<RecordHeader> headers, long timestampMs) {

    /** Throws IllegalArgumentException for a negative partition or time that is not the one which stands for none. */
    public TypedRecord {
        Objects.requireNonNull(topic, "topic");
        headers = List.copyOf(headers);
        if (partition < ProducerRecord.ANY_PARTITION || timestampMs < ProducerRecord.NOW) {
            throw new IllegalArgumentException(
                    "partition " + partition + " or timestamp " + timestampMs + " is negative");
        }
    }

    /** A record without a key. */
    public static <K, V> TypedRecord<K, V> of(String topic, V value) {
        return of(topic, null, value);
    }

    /** A record with a key. */
    public static <K, V> TypedRecord<K, V> of(String topic, K key, V value) {
        return new TypedRecord<>(topic, ProducerRecord.ANY_PARTITION, key, value, List.of(), ProducerRecord.NOW);
    }

    /** The same for this partition. */
    public TypedRecord<K, V> withPartition(int number) {
        return new TypedRecord<>(topic, number, key, value, headers, timestampMs);
    }

    /** The same with this time, in milliseconds since the epoch. */
    public TypedRecord<K, V> withTimestamp(long timeMs) {
        return new TypedRecord<>(topic, partition, key, value, headers, timeMs);
    }

    /** The same with one more header; its value may be null. */
    public TypedRecord<K, V> withHeader(String name, byte[] headerValue) {
        List<RecordHeader> more = new ArrayList<>(headers);
        more.add(new RecordHeader(name, headerValue));
        return new TypedRecord<>(topic, partition, key, value, more, timestampMs);
    }
}
