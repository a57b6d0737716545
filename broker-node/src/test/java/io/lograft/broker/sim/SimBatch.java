package io.lograft.broker.sim;

import io.lograft.record.BatchHeader;

/** A batch in a simulated log: a real header, and a text that is unique in the whole run instead of records. */
public record SimBatch(BatchHeader header, String payload) {

    /** A batch as a client sends it. */
    public static SimBatch fromClient(long producerId, int producerEpoch, int baseSequence, int count, String payload) {
        return new SimBatch(
                new BatchHeader(
                        0,
                        BatchHeader.SIZE_BYTES + 20 * count,
                        -1,
                        payload.hashCode(),
                        (short) 0,
                        count - 1,
                        0,
                        0,
                        producerId,
                        (short) producerEpoch,
                        baseSequence,
                        count),
                payload);
    }

    /** The same batch with its place in the log. */
    SimBatch placedAt(long baseOffset, int leaderEpoch) {
        BatchHeader h = header;
        return new SimBatch(
                new BatchHeader(
                        baseOffset,
                        h.sizeBytes(),
                        leaderEpoch,
                        h.crc(),
                        h.attributes(),
                        h.lastOffsetDelta(),
                        h.baseTimestampMs(),
                        h.maxTimestampMs(),
                        h.producerId(),
                        h.producerEpoch(),
                        h.baseSequence(),
                        h.recordCount()),
                payload);
    }

    @Override
    public String toString() {
        return header.baseOffset() + "-" + header.lastOffset() + "@" + header.leaderEpoch() + ":" + payload;
    }
}
