package io.lograft.client.serde;

import io.lograft.client.ConsumerRecord;
import io.lograft.model.TopicPartition;

/**
 * A record cannot be decoded. The position stays at it, so that polling again brings it again; {@link #record} has its
 * bytes, and {@link TypedConsumer#skip} goes on behind it.
 *
 * <pre>{@code
 * try {
 *     consumer.poll(Duration.ofSeconds(1)).forEach(this::handle);
 * } catch (DeserializationException e) {
 *     deadLetters.send(ProducerRecord.of("orders-broken", e.record().key(), e.record().value()));
 *     consumer.skip(e);
 * }
 * }</pre>
 */
public final class DeserializationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient ConsumerRecord record;

    DeserializationException(ConsumerRecord record, String part, int sizeBytes, RuntimeException cause) {
        super(
                "the " + part + " of " + sizeBytes + " bytes of the record at offset " + record.offset()
                        + " of partition " + record.topicPartition() + " cannot be decoded: " + cause.getMessage(),
                cause);
        this.record = record;
    }

    public TopicPartition topicPartition() {
        return record.topicPartition();
    }

    public long offset() {
        return record.offset();
    }

    /** The record as it is. */
    public ConsumerRecord record() {
        return record;
    }
}
