package io.lograft.broker.dump.format;

import io.lograft.record.BatchHeader;
import io.lograft.record.Compression;
import io.lograft.record.DecodedRecord;
import io.lograft.record.RecordHeader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Batches, messages of the older formats, and records as documents. Pure. */
public final class BatchDocuments {
    private static final String BATCH = "batch";
    private static final int CONTROL_TYPE_POSITION = 2;
    private static final int CONTROL_KEY_BYTES = 4;

    private BatchDocuments() {}

    /** A batch of format 2. */
    public static Document batch(BatchHeader header, long position, boolean isValid) {
        boolean hasHorizon = (header.attributes() & BatchHeader.DELETE_HORIZON_ATTRIBUTE) != 0;
        return Document.of(BATCH)
                .with("position", position)
                .with("sizeBytes", header.sizeBytes())
                .with("baseOffset", header.baseOffset())
                .with("lastOffset", header.lastOffset())
                .with("recordCount", header.recordCount())
                .with("leaderEpoch", header.leaderEpoch())
                .with("magic", BatchHeader.MAGIC)
                .with("codec", codec(header.codecBits()))
                .with("timestampType", timestampType(header.isLogAppendTime()))
                .with("baseTimestampMs", hasHorizon ? null : header.baseTimestampMs())
                .with("maxTimestampMs", header.maxTimestampMs())
                .with("deleteHorizonMs", hasHorizon ? header.baseTimestampMs() : null)
                .with("producerId", header.producerId())
                .with("producerEpoch", header.producerEpoch())
                .with("baseSequence", header.baseSequence())
                .with("lastSequence", header.lastSequence())
                .with("isTransactional", header.isTransactional())
                .with("isControl", header.isControl())
                .with("crc", Integer.toHexString(header.crc()))
                .with("isValid", isValid);
    }

    /** A message of format 0 or 1, or the wrapper of a compressed set of them. */
    public static Document legacy(LegacyFacts message, long position, int recordCount, boolean isValid) {
        return Document.of(BATCH)
                .with("position", position)
                .with("sizeBytes", message.sizeBytes())
                .with("baseOffset", message.baseOffset())
                .with("lastOffset", message.lastOffset())
                .with("recordCount", recordCount)
                .with("magic", message.magic())
                .with("codec", codec(message.attributes() & BatchHeader.CODEC_ATTRIBUTES))
                .with(
                        "timestampType",
                        message.magic() == 0
                                ? "none"
                                : timestampType((message.attributes() & BatchHeader.LOG_APPEND_TIME_ATTRIBUTE) != 0))
                .with("maxTimestampMs", message.maxTimestampMs())
                .with("crc", Integer.toHexString(message.crc()))
                .with("isValid", isValid);
    }

    /** What is shown of a message of an older format. */
    public record LegacyFacts(
            int sizeBytes,
            long baseOffset,
            long lastOffset,
            byte magic,
            byte attributes,
            long maxTimestampMs,
            int crc) {}

    /**
     * A record.
     *
     * @param sequence of its producer, -1 for none
     */
    public static Document record(DecodedRecord record, int sequence) {
        Binary key = Binary.of(record.key());
        Binary value = Binary.of(record.value());
        List<Map<String, Object>> headers = new ArrayList<>();
        for (RecordHeader header : record.headers()) {
            headers.add(header(header));
        }
        return Document.of("record")
                .with("offset", record.offset())
                .with("timestampMs", record.timestampMs())
                .with("sequence", sequence)
                .with("key", key.text())
                .with("keyEncoding", key.encoding())
                .with("value", value.text())
                .with("valueEncoding", value.encoding())
                .with("headers", headers);
    }

    /** The type in the key of a control record: what ended; null where it has none. */
    public static String controlType(DecodedRecord record) {
        byte[] key = record.key();
        if (key == null || key.length < CONTROL_KEY_BYTES) {
            return null;
        }
        int type = (key[CONTROL_TYPE_POSITION] << 8) | (key[CONTROL_TYPE_POSITION + 1] & 0xff);
        return switch (type) {
            case 0 -> "abort";
            case 1 -> "commit";
            default -> Integer.toString(type);
        };
    }

    private static Map<String, Object> header(RecordHeader header) {
        Binary value = Binary.of(header.value());
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", header.key());
        fields.put("value", value.text());
        fields.put("valueEncoding", value.encoding());
        return fields;
    }

    private static String codec(int bits) {
        return Compression.forBits(bits).map(Compression::label).orElse("unknown-" + bits);
    }

    private static String timestampType(boolean isLogAppendTime) {
        return isLogAppendTime ? "log-append" : "create";
    }
}
