package io.lograft.client;

import io.lograft.client.core.Failure;
import io.lograft.client.core.produce.BatchAck;
import io.lograft.client.transport.SendCounts;
import io.lograft.client.transport.Session;
import io.lograft.record.NamedProducerId;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Writes records under a name and with sequences that the application chooses, so that a record which was written before
 * is not written again, even by another process: an application that remembers its name and how far it got sends
 * everything from there on once more, and the cluster drops what it has.
 *
 * <pre>{@code
 * try (NamedProducer producer = cluster.namedProducer("import-7", ProducerOptions.defaults())) {
 *     for (long line = firstUnconfirmed; line <= lines.size(); line++) {
 *         producer.send(ProducerRecord.of("orders", key(line), value(line)), line);
 *     }
 *     producer.flush();
 * }
 * }</pre>
 *
 * <p>Sequences rise from record to record, starting at 1 or later; gaps are allowed. A record that is sent again needs the
 * same topic, partition and key, and the order of the first time. Records of one partition with consecutive sequences share
 * a batch, and one batch per partition is under way at a time. Where a record fails with a retriable code, everything
 * behind it in its partition fails, too: close the producer, and send again from there with another. The cluster
 * remembers a name for {@code producer.id.expiration.ms} after its last record.
 *
 * <p>Two producers must not use a name for different records at the same time. {@link #send} is for one thread at a time
 * (the order of calls is the order of sequences) and may wait as {@link Producer#send} does; callbacks run on the client's
 * network thread. {@link #close} sends what is waiting.
 */
public final class NamedProducer implements AutoCloseable {
    private final Producer producer;
    private long lastSequence;

    NamedProducer(Session session, String name, ProducerOptions options) {
        if (name.isEmpty() || name.length() > NamedProducerId.NAME_LENGTH_MAX) {
            throw new IllegalArgumentException("a producer's name has 1 to " + NamedProducerId.NAME_LENGTH_MAX
                    + " characters, not " + name.length());
        }
        if (options.acks() != Acks.ALL) {
            throw new IllegalArgumentException("a named producer needs acks ALL, not " + options.acks());
        }
        this.producer = new Producer(session, options, NamedProducerId.of(name));
    }

    /** Sends a record; the future tells what became of it, a failure as {@link LograftException}. */
    public CompletableFuture<RecordMetadata> send(ProducerRecord record, long sequence) {
        SendOutcome.Future outcome = new SendOutcome.Future();
        append(record, sequence, outcome);
        return outcome;
    }

    /** Sends a record; the callback tells what became of it. */
    public void send(ProducerRecord record, long sequence, SendCallback callback) {
        append(record, sequence, new SendOutcome.Callback(callback));
    }

    private void append(ProducerRecord record, long sequence, SendOutcome outcome) {
        if (sequence <= lastSequence || sequence > NamedProducerId.SEQUENCE_MAX) {
            throw new IllegalArgumentException(
                    "sequence " + sequence + " is not in " + (lastSequence + 1) + ".." + NamedProducerId.SEQUENCE_MAX);
        }
        lastSequence = sequence;
        producer.append(record, new Sequenced(outcome, sequence));
    }

    /** Sends everything that is waiting and returns once all of it is acknowledged or failed. */
    public void flush() {
        producer.flush();
    }

    /** Refuses new records, sends what is waiting, and returns once all of it is acknowledged or failed. */
    @Override
    public void close() {
        producer.close();
    }

    /** The same; what is not acknowledged within the time fails. */
    public void close(Duration timeout) {
        producer.close(timeout);
    }

    boolean isClosed() {
        return producer.isClosed();
    }

    /** An outcome with the sequence of its record. */
    private record Sequenced(SendOutcome outcome, long sequence) implements SendOutcome {
        @Override
        public void countedBy(SendCounts counts) {
            outcome.countedBy(counts);
        }

        @Override
        public void sentAt(long timestampMs) {
            outcome.sentAt(timestampMs);
        }

        @Override
        public void acknowledged(BatchAck ack, int index) {
            outcome.acknowledged(ack, index);
        }

        @Override
        public void failed(Failure failure) {
            outcome.failed(failure);
        }
    }
}
