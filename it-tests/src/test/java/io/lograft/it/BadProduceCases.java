package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.AllocateProducerIdRequest;
import io.lograft.proto.v1.ProduceBatch;
import io.lograft.proto.v1.ProduceResult;
import io.lograft.proto.v1.ProduceServiceGrpc;
import io.lograft.record.BatchHeader;
import io.lograft.record.Compression;
import java.util.ArrayList;
import java.util.List;

/** What a client may send to be written, and must not. */
final class BadProduceCases {
    private static final ByteString NOBODY =
            ByteString.copyFrom(new byte[] {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9});
    private static final int BATCH_BYTES_MAX = 1_048_588;

    private final RawCalls calls;
    private final ByteString topic;
    private final List<BadCase> cases = new ArrayList<>();

    private BadProduceCases(RawCalls calls, ByteString topic) {
        this.calls = calls;
        this.topic = topic;
    }

    static List<BadCase> all(RawCalls calls, ByteString topic) {
        BadProduceCases all = new BadProduceCases(calls, topic);
        all.places();
        all.frames();
        all.headers();
        all.records();
        all.producers();
        return all.cases;
    }

    private void places() {
        add("topic id of 15 bytes", ByteString.copyFrom(new byte[15]), 0, ErrorCode.INVALID_REQUEST);
        add("no topic id", ByteString.EMPTY, 0, ErrorCode.INVALID_REQUEST);
        add("unknown topic id", NOBODY, 0, ErrorCode.UNKNOWN_TOPIC);
        add("partition out of range", topic, 1, ErrorCode.UNKNOWN_PARTITION);
        add("greatest partition", topic, Integer.MAX_VALUE, ErrorCode.UNKNOWN_PARTITION);
        add("negative partition", topic, -1, ErrorCode.INVALID_REQUEST);
        cases.add(new BadCase("produce: leader epoch of the future", () -> {
            ProduceResult result = calls.produce(ProduceBatch.newBuilder()
                    .setTopicId(topic)
                    .setCurrentLeaderEpoch(99)
                    .setRecords(ByteString.copyFrom(BadBatches.sound()))
                    .build());
            RawCalls.assertRefused(result.getFailure(), ErrorCode.UNKNOWN_LEADER_EPOCH);
        }));
    }

    private void frames() {
        add("no bytes", new byte[0], ErrorCode.INVALID_REQUEST);
        add("one byte", new byte[1], ErrorCode.CORRUPT_BATCH);
        add("two batches in one field", BadBatches.two(), ErrorCode.INVALID_REQUEST);
        add("truncated records", BadBatches.truncated(BatchHeader.SIZE_BYTES + 3), ErrorCode.CORRUPT_BATCH);
        add("truncated header", BadBatches.truncated(30), ErrorCode.CORRUPT_BATCH);
        add("flipped bit in the records", BadBatches.flipped(BatchHeader.SIZE_BYTES + 4), ErrorCode.CORRUPT_BATCH);
        add("flipped bit in the header", BadBatches.flipped(BatchHeader.PRODUCER_ID_POSITION), ErrorCode.CORRUPT_BATCH);
        add("flipped bit in the checksum", BadBatches.flipped(BatchHeader.CRC_POSITION), ErrorCode.CORRUPT_BATCH);
        add("negative length", field(BatchHeader.LENGTH_POSITION, -1), ErrorCode.CORRUPT_BATCH);
        add("greatest length", field(BatchHeader.LENGTH_POSITION, Integer.MAX_VALUE), ErrorCode.CORRUPT_BATCH);
        add("magic 0", BadBatches.withMagic(0), ErrorCode.UNSUPPORTED_FORMAT);
        add("magic 1", BadBatches.withMagic(1), ErrorCode.UNSUPPORTED_FORMAT);
        add("magic 3", BadBatches.withMagic(3), ErrorCode.UNSUPPORTED_FORMAT);
        add("above message.max.bytes", BadBatches.ofSize(BATCH_BYTES_MAX), ErrorCode.RECORD_TOO_LARGE);
    }

    private void headers() {
        add("unknown codec", BadBatches.withAttributes(5), ErrorCode.UNSUPPORTED_COMPRESSION);
        add("control batch", BadBatches.withAttributes(BatchHeader.CONTROL_ATTRIBUTE), ErrorCode.INVALID_REQUEST);
        add(
                "transaction",
                BadBatches.withAttributes(BatchHeader.TRANSACTIONAL_ATTRIBUTE),
                ErrorCode.UNSUPPORTED_VERSION);
        add("unknown attribute", BadBatches.withAttributes(0x100), ErrorCode.INVALID_REQUEST);
        add(
                "claimed time of appending",
                BadBatches.withAttributes(BatchHeader.LOG_APPEND_TIME_ATTRIBUTE),
                ErrorCode.INVALID_REQUEST);
        add("two records said, one there", field(BatchHeader.RECORD_COUNT_POSITION, 2), ErrorCode.CORRUPT_BATCH);
        add("no record", field(BatchHeader.RECORD_COUNT_POSITION, 0), ErrorCode.CORRUPT_BATCH);
        add("negative record count", field(BatchHeader.RECORD_COUNT_POSITION, -1), ErrorCode.CORRUPT_BATCH);
        add("last offset before the first", field(BatchHeader.LAST_OFFSET_DELTA_POSITION, -1), ErrorCode.CORRUPT_BATCH);
        add(
                "producer id without epoch",
                BadBatches.changed(BadBatches.sound(), batch -> batch.putLong(BatchHeader.PRODUCER_ID_POSITION, 5)),
                ErrorCode.INVALID_REQUEST);
    }

    /** Their checksums fit: only who looks at the records can tell. */
    private void records() {
        add("records that are no gzip", BadBatches.withAttributes(Compression.GZIP.bits()), ErrorCode.INVALID_REQUEST);
        add("records that are no zstd", BadBatches.withAttributes(Compression.ZSTD.bits()), ErrorCode.INVALID_REQUEST);
        for (Compression codec : List.of(Compression.GZIP, Compression.LZ4, Compression.ZSTD)) {
            add("bomb of " + codec.label(), BadBatches.bomb(codec), ErrorCode.RECORD_TOO_LARGE);
        }
        add(
                "more records said than there are",
                BadBatches.changed(BadBatches.sound(), batch -> {
                    batch.putInt(BatchHeader.RECORD_COUNT_POSITION, 2);
                    batch.putInt(BatchHeader.LAST_OFFSET_DELTA_POSITION, 1);
                }),
                ErrorCode.INVALID_REQUEST);
        add("a gap among the offsets", BadBatches.withGap(), ErrorCode.INVALID_REQUEST);
        add(
                "greatest timestamp too high",
                BadBatches.changed(
                        BadBatches.sound(), batch -> batch.putLong(BatchHeader.MAX_TIMESTAMP_POSITION, Long.MAX_VALUE)),
                ErrorCode.INVALID_REQUEST);
        add("timestamp a day ahead", BadBatches.aDayAhead(), ErrorCode.INVALID_TIMESTAMP);
    }

    private void producers() {
        cases.add(new BadCase("produce: sequence with a gap", () -> {
            long producer = producer();
            accepted(BadBatches.of(producer, 0, 0, 1));
            refused(BadBatches.of(producer, 0, 2, 1), ErrorCode.OUT_OF_ORDER_SEQUENCE);
        }));
        cases.add(new BadCase(
                "produce: unknown producer that does not begin",
                () -> refused(BadBatches.of(producer(), 0, 5, 1), ErrorCode.UNKNOWN_PRODUCER)));
        cases.add(new BadCase("produce: fenced epoch", () -> {
            long producer = producer();
            accepted(BadBatches.of(producer, 1, 0, 1));
            refused(BadBatches.of(producer, 0, 0, 1), ErrorCode.PRODUCER_FENCED);
        }));
        cases.add(new BadCase("produce: new epoch that does not begin", () -> {
            long producer = producer();
            accepted(BadBatches.of(producer, 0, 0, 1));
            refused(BadBatches.of(producer, 1, 1, 1), ErrorCode.OUT_OF_ORDER_SEQUENCE);
        }));
        cases.add(new BadCase("produce: duplicate that is too old", () -> {
            long producer = producer();
            for (int sequence = 0; sequence < 7; sequence++) {
                accepted(BadBatches.of(producer, 0, sequence, 1));
            }
            refused(BadBatches.of(producer, 0, 0, 1), ErrorCode.DUPLICATE_SEQUENCE);
        }));
    }

    private long producer() {
        return ProduceServiceGrpc.newBlockingStub(calls.channel())
                .allocateProducerId(AllocateProducerIdRequest.getDefaultInstance())
                .getProducerId();
    }

    private void accepted(byte[] batch) {
        assertThat(calls.produce(topic, 0, batch).hasFailure()).isFalse();
    }

    private void refused(byte[] batch, ErrorCode code) {
        RawCalls.assertRefused(calls.produce(topic, 0, batch).getFailure(), code);
    }

    private static byte[] field(int position, int value) {
        return BadBatches.changed(BadBatches.sound(), batch -> batch.putInt(position, value));
    }

    private void add(String what, byte[] batch, ErrorCode code) {
        cases.add(new BadCase("produce: " + what, () -> refused(batch, code)));
    }

    private void add(String what, ByteString id, int partition, ErrorCode code) {
        cases.add(new BadCase("produce: " + what, () -> {
            ProduceResult result = calls.produce(id, partition, BadBatches.sound());
            RawCalls.assertRefused(result.getFailure(), code);
            assertThat(result.getCorrelationId()).isEqualTo(7);
        }));
    }
}
