package io.lograft.broker.fuzz;

import io.lograft.broker.log.state.BatchFrames;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchReader;
import io.lograft.record.BatchValidator;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.zip.CRC32C;

/**
 * Record batches of format 2, as a client, a leader or a disk may give them. Checksums are made right first, since no
 * fuzzer guesses them, and what lies behind them would stay unseen; a first byte that is odd leaves them as they are.
 */
public final class RecordBatchFuzz {
    private static final int EXPANDED_BYTES_MAX = 1 << 20;

    private RecordBatchFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] bytes = java.util.Arrays.copyOfRange(input, 1, input.length);
        if ((input[0] & 1) == 0) {
            repair(bytes);
        }
        FuzzChecks.withinMemory(bytes.length, EXPANDED_BYTES_MAX, () -> read(bytes));
    }

    /** Gives every batch the length, as far as there are bytes, and the checksum that it should have. */
    public static void repair(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        CRC32C crc = new CRC32C();
        int at = 0;
        while (bytes.length - at >= BatchHeader.SIZE_BYTES) {
            int size = buffer.getInt(at + BatchHeader.LENGTH_POSITION) + BatchHeader.LOG_OVERHEAD_BYTES;
            if (size < BatchHeader.SIZE_BYTES || size > bytes.length - at) {
                size = bytes.length - at;
                buffer.putInt(at + BatchHeader.LENGTH_POSITION, size - BatchHeader.LOG_OVERHEAD_BYTES);
            }
            buffer.put(at + BatchHeader.MAGIC_POSITION, BatchHeader.MAGIC);
            crc.reset();
            crc.update(bytes, at + BatchHeader.ATTRIBUTES_POSITION, size - BatchHeader.ATTRIBUTES_POSITION);
            buffer.putInt(at + BatchHeader.CRC_POSITION, (int) crc.getValue());
            at += size;
        }
    }

    private static void read(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        BatchValidator.forClients(1 << 20).checkSingle(buffer);
        BatchValidator leaders = BatchValidator.forLeaders();
        leaders.checkAll(buffer);
        BatchFrames.readAll(buffer, -1, -1, new ArrayList<>());
        BatchReader reader = BatchReader.over(buffer);
        while (reader.advance()) {
            RecordBatch batch = reader.batch();
            if (leaders.check(batch).isEmpty()) {
                walk(batch);
            }
        }
    }

    private static void walk(RecordBatch batch) {
        RecordCursor records = batch.records(EXPANDED_BYTES_MAX);
        int count = 0;
        long before = batch.baseOffset() - 1;
        while (records.advance()) {
            var record = records.record();
            FuzzChecks.check(record.offset() > before, "offset " + record.offset() + " follows " + before);
            FuzzChecks.check(
                    record.offset() <= batch.lastOffset(),
                    "offset " + record.offset() + " lies beyond the batch, which ends at " + batch.lastOffset());
            before = record.offset();
            FuzzChecks.check(record.keySizeBytes() == (record.hasKey() ? record.key().length : -1), "size of a key");
            FuzzChecks.check(
                    record.valueSizeBytes() == (record.hasValue() ? record.value().length : -1), "size of a value");
            FuzzChecks.check(record.headers().size() == record.headerCount(), "number of headers");
            count++;
        }
        boolean isWhole = records.fault().isEmpty();
        FuzzChecks.check(
                !isWhole || count == batch.recordCount(), count + " records of " + batch.recordCount() + " were read");
        BatchValidator.forLeaders().checkRecords(batch, EXPANDED_BYTES_MAX);
    }
}
