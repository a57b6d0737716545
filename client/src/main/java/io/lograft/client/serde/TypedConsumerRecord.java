package io.lograft.client.serde;

import io.lograft.client.ConsumerRecord;
import io.lograft.model.TopicPartition;
import io.lograft.record.RecordHeader;
import java.util.List;

/**
 * A record that was read and decoded.
 *
 * <pre>{@code
 * for (TypedConsumerRecord<String, Long> record : consumer.poll(Duration.ofSeconds(1))) {
 *     totals.merge(record.key(), record.value(), Long::sum);
 * }
 * }</pre>
 *
 * <p>Immutable as far as its key and its value are; may be passed between threads.
 *
 * @param key null for a record without a key
 * @param value null for a tombstone
 * @param record the record as it is
 */
public record TypedConsumerRecord<K, V>(K key, V value, ConsumerRecord record) {

    public String topic() {
        return record.topic();
    }

    public int partition() {
        return record.partition();
    }

    public TopicPartition topicPartition() {
        return record.topicPartition();
    }

    public long offset() {
        return record.offset();
    }

    /** Milliseconds since the epoch: when the record was created or appended, as the topic has it; -1 for none. */
    public long timestampMs() {
        return record.timestampMs();
    }

    public List<RecordHeader> headers() {
        return record.headers();
    }
}
