package io.lograft.broker.sim;

import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A batch as tests look at it: its header, and the text in its first record, which is unique in the whole run. */
public record SimBatch(BatchHeader header, String payload) {
    private static final long TIMESTAMP_MS = 1_000;

    /** A batch as a client sends it, with a header only: for logs that keep no bytes. */
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

    /** The bytes of a batch of an idempotent producer, a fresh array each time. */
    static ByteBuffer encode(long producerId, int baseSequence, int count, String payload) {
        BatchBuilder builder = new BatchBuilder(1 << 12);
        builder.append(TIMESTAMP_MS, null, payload.getBytes(StandardCharsets.UTF_8));
        for (int i = 1; i < count; i++) {
            builder.append(TIMESTAMP_MS, null, null);
        }
        return ByteBuffer.wrap(
                builder.build(BatchOptions.idempotent(Compression.NONE, producerId, (short) 0, baseSequence)));
    }

    /** The batches in a buffer, whose position stays. */
    static List<SimBatch> decode(ByteBuffer bytes) {
        List<SimBatch> batches = new ArrayList<>();
        int position = bytes.position();
        while (position < bytes.limit()) {
            RecordBatch batch = RecordBatch.at(bytes, position);
            RecordCursor records = batch.records();
            String payload = records.advance() && records.record().hasValue()
                    ? text(records.record().value())
                    : "nothing";
            batches.add(new SimBatch(batch.header(), payload));
            position += batch.sizeBytes();
        }
        return batches;
    }

    private static String text(byte[] value) {
        return new String(value, StandardCharsets.UTF_8);
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
