package io.lograft.client;

import io.lograft.client.core.produce.BatchAck;

/**
 * What the cluster said of a record that it acknowledged.
 *
 * <pre>{@code
 * RecordMetadata written = producer.send(record).get();
 * System.out.println(written.topic() + "-" + written.partition() + "@" + written.offset());
 * }</pre>
 *
 * <p>Immutable; may be passed between threads.
 */
public final class RecordMetadata {
    private final BatchAck ack;
    private final int index;
    private final long timestampMs;

    RecordMetadata(BatchAck ack, int index, long timestampMs) {
        this.ack = ack;
        this.index = index;
        this.timestampMs = timestampMs;
    }

    public String topic() {
        return ack.partition().topic();
    }

    public int partition() {
        return ack.partition().partition();
    }

    /** Offset of the record; -1 with acks NONE, and for a retry so late that the leader no longer knows its offset. */
    public long offset() {
        return ack.baseOffset() < 0 ? -1 : ack.baseOffset() + index;
    }

    /** The record's timestamp in the log, in milliseconds since the epoch. */
    public long timestampMs() {
        return ack.logAppendTimeMs() >= 0 ? ack.logAppendTimeMs() : timestampMs;
    }

    /** True where the cluster had the record before, by its producer's sequence. */
    public boolean isDuplicate() {
        return ack.isDuplicate();
    }

    /** Epoch of the leader that answered, -1 where it is not known. */
    public int leaderEpoch() {
        return ack.leaderEpoch();
    }

    /** How many replicas held the record when the leader answered. */
    public int replicasHolding() {
        return ack.replicasHolding();
    }

    /** How many of them had it on their disk. */
    public int replicasFlushed() {
        return ack.replicasFlushed();
    }

    /** For example {@code orders-3@42}. */
    @Override
    public String toString() {
        return ack.partition() + "@" + offset();
    }
}
