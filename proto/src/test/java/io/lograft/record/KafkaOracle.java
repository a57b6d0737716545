package io.lograft.record;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;

/** Kafka's own client, as the judge of what is right. */
final class KafkaOracle {

    private KafkaOracle() {}

    /** The batch as Kafka builds it. */
    static byte[] build(SampleBatch sample) {
        return build(sample, (byte) 2);
    }

    /** The same records in the format {@code magic}; formats 0 and 1 leave out what they have no place for. */
    static byte[] build(SampleBatch sample, byte magic) {
        BatchOptions options = sample.options();
        boolean createTime = options.logAppendTimeMs() == BatchOptions.CREATE_TIME;
        TimestampType type = createTime ? TimestampType.CREATE_TIME : TimestampType.LOG_APPEND_TIME;
        try (MemoryRecordsBuilder builder = new MemoryRecordsBuilder(
                ByteBuffer.allocate(1024),
                magic,
                org.apache.kafka.common.compress.Compression.of(
                                CompressionType.forId(options.compression().bits()))
                        .build(),
                magic == 0 ? TimestampType.NO_TIMESTAMP_TYPE : type,
                sample.baseOffset(),
                options.logAppendTimeMs(),
                options.producerId(),
                options.producerEpoch(),
                options.baseSequence(),
                (options.flags() & BatchHeader.TRANSACTIONAL_ATTRIBUTE) != 0,
                false,
                sample.leaderEpoch(),
                1 << 30)) {
            for (SampleBatch.SampleRecord record : sample.records()) {
                Header[] headers = record.headers.stream()
                        .map(header -> new RecordHeader(header.key(), header.value()))
                        .limit(magic < 2 ? 0 : Integer.MAX_VALUE)
                        .toArray(Header[]::new);
                builder.append(magic == 0 ? -1 : record.timestampMs, record.key, record.value, headers);
            }
            ByteBuffer built = builder.build().buffer();
            byte[] bytes = new byte[built.remaining()];
            built.get(bytes);
            return bytes;
        }
    }

    /** The only batch of the bytes, as Kafka sees it, with its checksum verified. */
    static MutableRecordBatch read(byte[] bytes) {
        List<MutableRecordBatch> batches = new ArrayList<>();
        MemoryRecords.readableRecords(ByteBuffer.wrap(bytes)).batches().forEach(batches::add);
        if (batches.size() != 1) {
            throw new AssertionError("Kafka sees " + batches.size() + " batches");
        }
        batches.get(0).ensureValid();
        return batches.get(0);
    }

    /** What Kafka's consumer sees, in the form of {@link SampleBatch#lines()}. */
    static List<String> lines(Iterable<? extends Record> records) {
        List<String> lines = new ArrayList<>();
        for (Record record : records) {
            record.ensureValid();
            List<io.lograft.record.RecordHeader> headers = new ArrayList<>();
            for (Header header : record.headers()) {
                headers.add(new io.lograft.record.RecordHeader(header.key(), header.value()));
            }
            lines.add(SampleBatch.line(
                    record.offset(), record.timestamp(), hex(record.key()), hex(record.value()), headers));
        }
        return lines;
    }

    private static String hex(ByteBuffer buffer) {
        if (buffer == null) {
            return SampleBatch.hex(null);
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return SampleBatch.hex(bytes);
    }
}
