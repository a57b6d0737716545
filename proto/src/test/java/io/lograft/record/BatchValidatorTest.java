package io.lograft.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.model.ErrorCode;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Each rule of the validator by itself: a sound batch with one field changed and the checksum made right again. */
class BatchValidatorTest {

    private static final BatchValidator CLIENTS = BatchValidator.forClients(1000);
    private static final BatchValidator LEADERS = BatchValidator.forLeaders();

    private static ByteBuffer batch(Consumer<ByteBuffer> change) {
        BatchBuilder builder = new BatchBuilder(1000);
        builder.append(10, null, new byte[] {1});
        builder.append(20, null, new byte[] {2});
        ByteBuffer bytes = ByteBuffer.wrap(builder.build(BatchOptions.idempotent(Compression.NONE, 5, (short) 2, 7)));
        change.accept(bytes);
        return seal(bytes);
    }

    private static ByteBuffer seal(ByteBuffer bytes) {
        return bytes.putInt(BatchHeader.CRC_POSITION, RecordBatch.at(bytes, 0).crcOfContent());
    }

    private static ByteBuffer appended(Consumer<ByteBuffer> change) {
        return batch(bytes -> {
            RecordBatch.at(bytes, 0).assign(100, 4);
            change.accept(bytes);
        });
    }

    private static void refuses(BatchValidator validator, ByteBuffer bytes, ErrorCode code, String words) {
        assertThat(validator.checkSingle(bytes)).hasValueSatisfying(fault -> {
            assertThat(fault.message()).contains(words);
            assertThat(fault.code()).isEqualTo(code);
        });
    }

    @Test
    void soundBatchesPass() {
        assertThat(CLIENTS.checkSingle(batch(bytes -> {}))).isEmpty();
        assertThat(LEADERS.checkSingle(appended(bytes -> {}))).isEmpty();
        assertThat(CLIENTS.checkAll(ByteBuffer.allocate(0))).isEmpty();
    }

    @Test
    void sizes() {
        refuses(BatchValidator.forClients(70), batch(b -> {}), ErrorCode.RECORD_TOO_LARGE, "limit of 70");
        refuses(CLIENTS, ByteBuffer.allocate(0), ErrorCode.INVALID_REQUEST, "no batch in 0 bytes");
        refuses(CLIENTS, ByteBuffer.allocate(16), ErrorCode.CORRUPT_BATCH, "has 16 bytes");
        refuses(CLIENTS, batch(b -> {}).limit(70), ErrorCode.CORRUPT_BATCH, "but only");
        ByteBuffer two =
                ByteBuffer.allocate(200).put(batch(b -> {})).put(batch(b -> {})).flip();
        refuses(CLIENTS, two, ErrorCode.INVALID_REQUEST, "exactly one batch");
        assertThat(CLIENTS.checkAll(two)).isEmpty();
        ByteBuffer negative = batch(b -> {}).putInt(BatchHeader.LENGTH_POSITION, -5);
        refuses(CLIENTS, negative, ErrorCode.CORRUPT_BATCH, "impossible length -5");
        ByteBuffer greatest = batch(b -> {}).putInt(BatchHeader.LENGTH_POSITION, Integer.MAX_VALUE);
        refuses(CLIENTS, greatest, ErrorCode.CORRUPT_BATCH, "length 2147483647");
    }

    @Test
    void magicAndChecksum() {
        refuses(
                CLIENTS,
                batch(b -> {}).put(BatchHeader.MAGIC_POSITION, (byte) 1),
                ErrorCode.UNSUPPORTED_FORMAT,
                "magic 1");
        refuses(CLIENTS, batch(b -> {}).putInt(BatchHeader.CRC_POSITION, 0xabc), ErrorCode.CORRUPT_BATCH, "says abc");
    }

    @Test
    void attributes() {
        refuses(CLIENTS, withAttributes(0x80), ErrorCode.INVALID_REQUEST, "bits in 80");
        refuses(CLIENTS, withAttributes(0x8000), ErrorCode.INVALID_REQUEST, "bits in 8000");
        refuses(CLIENTS, withAttributes(0x40), ErrorCode.INVALID_REQUEST, "bits in 40");
        refuses(CLIENTS, withAttributes(0x20), ErrorCode.INVALID_REQUEST, "control");
        refuses(CLIENTS, withAttributes(0x10), ErrorCode.UNSUPPORTED_VERSION, "transactions");
        refuses(CLIENTS, withAttributes(0x08), ErrorCode.INVALID_REQUEST, "log append time");
        refuses(CLIENTS, withAttributes(0x05), ErrorCode.UNSUPPORTED_COMPRESSION, "codec 5");
        refuses(LEADERS, appendedWithAttributes(0x80), ErrorCode.INVALID_REQUEST, "bits in 80");
        refuses(LEADERS, appendedWithAttributes(0x07), ErrorCode.UNSUPPORTED_COMPRESSION, "codec 7");
        assertThat(LEADERS.checkSingle(appendedWithAttributes(0x78))).isEmpty();
    }

    @Test
    void countsAndOffsets() {
        refuses(CLIENTS, withInt(BatchHeader.RECORD_COUNT_POSITION, 1), ErrorCode.CORRUPT_BATCH, "record count is 1");
        refuses(CLIENTS, withInt(BatchHeader.LAST_OFFSET_DELTA_POSITION, -1), ErrorCode.CORRUPT_BATCH, "delta is -1");
        refuses(
                CLIENTS,
                withInt(BatchHeader.LAST_OFFSET_DELTA_POSITION, Integer.MAX_VALUE),
                ErrorCode.CORRUPT_BATCH,
                "delta is 2147483647");
        refuses(LEADERS, batch(b -> {}), ErrorCode.CORRUPT_BATCH, "leader epoch -1");
        refuses(LEADERS, appended(b -> b.putLong(0, -9)), ErrorCode.CORRUPT_BATCH, "base offset is -9");
        refuses(LEADERS, appended(b -> b.putLong(0, Long.MAX_VALUE)), ErrorCode.CORRUPT_BATCH, "base offset");
        refuses(
                LEADERS,
                appended(b -> b.putInt(BatchHeader.RECORD_COUNT_POSITION, 3)),
                ErrorCode.CORRUPT_BATCH,
                "record count is 3 for 2 offsets");
        assertThat(LEADERS.checkSingle(appended(b -> b.putInt(BatchHeader.LAST_OFFSET_DELTA_POSITION, 50))))
                .as("compaction leaves gaps")
                .isEmpty();
    }

    @Test
    void producerFields() {
        refuses(CLIENTS, withInt(BatchHeader.BASE_SEQUENCE_POSITION, -1), ErrorCode.INVALID_REQUEST, "sequence -1");
        refuses(
                CLIENTS,
                batch(b -> b.putLong(BatchHeader.PRODUCER_ID_POSITION, -1)),
                ErrorCode.INVALID_REQUEST,
                "producer id -1");
        refuses(
                CLIENTS,
                batch(b -> b.putShort(BatchHeader.PRODUCER_EPOCH_POSITION, (short) -1)),
                ErrorCode.INVALID_REQUEST,
                "epoch -1");
    }

    @Test
    void recordsThatContradictTheHeader() {
        assertThat(CLIENTS.checkRecords(RecordBatch.at(batch(b -> {}), 0), 1000))
                .isEmpty();
        ByteBuffer time = batch(b -> b.putLong(BatchHeader.MAX_TIMESTAMP_POSITION, 19));
        assertThat(CLIENTS.checkRecords(RecordBatch.at(time, 0), 1000))
                .hasValueSatisfying(fault -> assertThat(fault.message()).contains("is 20, the header says 19"));
        ByteBuffer fewer = withInt(BatchHeader.RECORD_COUNT_POSITION, 1);
        assertThat(CLIENTS.checkRecords(RecordBatch.at(fewer, 0), 1000))
                .hasValueSatisfying(fault -> assertThat(fault.message()).contains("bytes after its last record"));
        ByteBuffer more = withInt(BatchHeader.RECORD_COUNT_POSITION, 3);
        assertThat(CLIENTS.checkRecords(RecordBatch.at(more, 0), 1000))
                .hasValueSatisfying(fault -> assertThat(fault.message()).contains("within record 2 of 3"));
        ByteBuffer ends = withInt(BatchHeader.LAST_OFFSET_DELTA_POSITION, 0);
        assertThat(CLIENTS.checkRecords(RecordBatch.at(ends, 0), 1000))
                .hasValueSatisfying(fault -> assertThat(fault.message()).contains("offset delta 1"));
    }

    @Test
    void wrongUseIsTold() {
        RecordCursor cursor = RecordBatch.at(batch(b -> {}), 0).records();
        assertThatThrownBy(cursor::record).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> RecordBatch.of(new byte[61])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BatchOptions(Compression.NONE, 0, 3, (short) -1, 0, 0, -1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BatchOptions.plain(Compression.NONE).withFlags(1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BatchBuilder(100).build(BatchOptions.plain(Compression.NONE)))
                .isInstanceOf(IllegalStateException.class);
    }

    private static ByteBuffer withAttributes(int attributes) {
        return batch(bytes -> bytes.putShort(BatchHeader.ATTRIBUTES_POSITION, (short) attributes));
    }

    private static ByteBuffer appendedWithAttributes(int attributes) {
        return appended(bytes -> bytes.putShort(BatchHeader.ATTRIBUTES_POSITION, (short) attributes));
    }

    private static ByteBuffer withInt(int position, int value) {
        return batch(bytes -> bytes.putInt(position, value));
    }
}
