package io.lograft.client.serde;

import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import io.lograft.client.RecordMetadata;
import io.lograft.client.SendCallback;
import io.lograft.record.RecordHeader;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * A {@link Producer} of objects.
 *
 * <pre>{@code
 * TypedProducer<String, Long> producer = cluster.producer(Serdes.string(), Serdes.longs());
 * producer.send("orders", "customer-7", 12L);
 * }</pre>
 *
 * <p>May be used by many threads at once. Serializers run on the thread that sends. {@link #close} closes the producer
 * that it is a view of, which sends what is waiting; closing the cluster does so, too.
 */
public final class TypedProducer<K, V> implements AutoCloseable {
    private final Producer producer;
    private final Serializer<? super K> keys;
    private final Serializer<? super V> values;

    /** A view of a producer. */
    public TypedProducer(Producer producer, Serializer<? super K> keys, Serializer<? super V> values) {
        this.producer = Objects.requireNonNull(producer, "producer");
        this.keys = Objects.requireNonNull(keys, "keys");
        this.values = Objects.requireNonNull(values, "values");
    }

    /** Sends a record; as {@link #send(TypedRecord)}. */
    public CompletableFuture<RecordMetadata> send(String topic, K key, V value) {
        return send(TypedRecord.of(topic, key, value));
    }

    /**
     * Sends a record; the future tells what became of it, as {@link Producer#send(ProducerRecord)} has it. Throws {@link
     * SerializationException}, and sends nothing, where a serializer fails.
     */
    public CompletableFuture<RecordMetadata> send(TypedRecord<K, V> record) {
        return producer.send(plain(record));
    }

    /** The same; the callback tells what became of it. */
    public void send(TypedRecord<K, V> record, SendCallback callback) {
        producer.send(plain(record), callback);
    }

    private ProducerRecord plain(TypedRecord<K, V> record) {
        String topic = record.topic();
        ProducerRecord plain = ProducerRecord.of(
                topic, bytes(keys, topic, record.key(), "key"), bytes(values, topic, record.value(), "value"));
        if (record.partition() != ProducerRecord.ANY_PARTITION) {
            plain = plain.withPartition(record.partition());
        }
        if (record.timestampMs() != ProducerRecord.NOW) {
            plain = plain.withTimestamp(record.timestampMs());
        }
        for (RecordHeader header : record.headers()) {
            plain = plain.withHeader(header.key(), header.value());
        }
        return plain;
    }

    private static <T> byte[] bytes(Serializer<? super T> serializer, String topic, T object, String part) {
        try {
            return object == null ? null : serializer.serialize(topic, object);
        } catch (RuntimeException e) {
            throw new SerializationException(
                    "the " + part + " of a record for topic '" + topic + "' cannot be encoded: " + e.getMessage(), e);
        }
    }

    /** The producer that this is a view of. */
    public Producer producer() {
        return producer;
    }

    /** Sends everything that is waiting and returns once all of it is acknowledged or failed. */
    public void flush() {
        producer.flush();
    }

    @Override
    public void close() {
        producer.close();
    }
}
