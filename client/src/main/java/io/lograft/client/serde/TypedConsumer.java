package io.lograft.client.serde;

import io.lograft.client.Consumer;
import io.lograft.client.ConsumerRecord;
import io.lograft.model.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A {@link Consumer} of objects. What is not here, such as assigning and committing, is done with {@link #consumer}.
 *
 * <pre>{@code
 * TypedConsumer<String, Long> consumer =
 *         cluster.consumer("billing", Serdes.string(), Serdes.longs()).subscribe("orders");
 * while (isRunning) {
 *     try {
 *         consumer.poll(Duration.ofSeconds(1)).forEach(this::handle);
 *     } catch (DeserializationException e) {
 *         consumer.skip(e);
 *     }
 * }
 * }</pre>
 *
 * <p>For one thread at a time, as the consumer is; poll by one view only. A record that cannot be decoded is never passed
 * over by itself: its partition stands still at it, commits included, until the application skips it or seeks.
 */
public final class TypedConsumer<K, V> implements AutoCloseable {
    private final Consumer consumer;
    private final Deserializer<? extends K> keys;
    private final Deserializer<? extends V> values;
    /** Found while there were records to hand out before it; told by the next poll. Null for none. */
    private DeserializationException failure;

    /** A view of a consumer. */
    public TypedConsumer(Consumer consumer, Deserializer<? extends K> keys, Deserializer<? extends V> values) {
        this.consumer = Objects.requireNonNull(consumer, "consumer");
        this.keys = Objects.requireNonNull(keys, "keys");
        this.values = Objects.requireNonNull(values, "values");
    }

    /** Joins the group for these topics, as {@link Consumer#subscribe(String...)} has it. */
    public TypedConsumer<K, V> subscribe(String... topics) {
        consumer.subscribe(topics);
        return this;
    }

    /**
     * The next records, as {@link Consumer#poll} has them. Those before a record that cannot be decoded are returned first;
     * the next poll throws {@link DeserializationException}. Other partitions can still be polled after that.
     */
    public List<TypedConsumerRecord<K, V>> poll(Duration timeout) {
        throwFailure();
        List<TypedConsumerRecord<K, V>> decoded = new ArrayList<>();
        Set<TopicPartition> stopped = new HashSet<>();
        for (ConsumerRecord record : consumer.poll(timeout)) {
            if (stopped.contains(record.topicPartition())) {
                continue; // It comes again, as its partition is read again from the one that failed.
            }
            try {
                decoded.add(decode(record));
            } catch (DeserializationException e) {
                stopped.add(record.topicPartition());
                consumer.seek(record.topicPartition(), record.offset());
                failure = failure == null ? e : failure;
            }
        }
        if (decoded.isEmpty()) {
            throwFailure();
        }
        return decoded;
    }

    /** Tells a failure that was found before, if its record is still the next one of its partition. */
    private void throwFailure() {
        DeserializationException found = failure;
        failure = null;
        if (found != null
                && consumer.assignment().contains(found.topicPartition())
                && consumer.position(found.topicPartition()) == found.offset()) {
            throw found;
        }
    }

    private TypedConsumerRecord<K, V> decode(ConsumerRecord record) {
        K key = object(keys, record, record.key(), "key");
        V value = object(values, record, record.value(), "value");
        return new TypedConsumerRecord<>(key, value, record);
    }

    private static <T> T object(
            Deserializer<? extends T> deserializer, ConsumerRecord record, byte[] bytes, String part) {
        try {
            return bytes == null ? null : deserializer.deserialize(record.topic(), bytes);
        } catch (RuntimeException e) {
            throw new DeserializationException(record, part, bytes.length, e);
        }
    }

    /** Goes on behind a record that could not be decoded. Does nothing where its partition is not read here any more. */
    public void skip(DeserializationException undecodable) {
        if (consumer.assignment().contains(undecodable.topicPartition())) {
            consumer.seek(undecodable.topicPartition(), undecodable.offset() + 1);
        }
    }

    /** The consumer that this is a view of. */
    public Consumer consumer() {
        return consumer;
    }

    /** Commits how far {@link #poll} got, and waits. */
    public void commit() {
        consumer.commit();
    }

    /** Closes the consumer that this is a view of, which commits and leaves the group as {@link Consumer#close} says. */
    @Override
    public void close() {
        consumer.close();
    }
}
