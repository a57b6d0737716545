package io.lograft.broker.fuzz;

import io.lograft.record.BatchHeader;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import java.nio.ByteBuffer;

/** Compressed records of every codec: the first byte chooses it, the others are what is to be decompressed. */
public final class CompressedRecordsFuzz {
    private static final int EXPANDED_BYTES_MAX = 256 << 10;

    private CompressedRecordsFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < 2) {
            return;
        }
        int codec = 1 + Math.floorMod(input[0], 4);
        byte[] batch = new byte[BatchHeader.SIZE_BYTES + input.length - 2];
        ByteBuffer.wrap(batch)
                .putShort(BatchHeader.ATTRIBUTES_POSITION, (short) codec)
                .putInt(BatchHeader.LAST_OFFSET_DELTA_POSITION, 1000)
                .putInt(BatchHeader.RECORD_COUNT_POSITION, 1 + (input[1] & 0x7f));
        System.arraycopy(input, 2, batch, BatchHeader.SIZE_BYTES, input.length - 2);
        RecordBatchFuzz.repair(batch);
        FuzzChecks.withinMemory(input.length, EXPANDED_BYTES_MAX, () -> {
            RecordCursor records = RecordBatch.of(batch).records(EXPANDED_BYTES_MAX);
            long bytes = 0;
            while (records.advance()) {
                bytes += Math.max(0, records.record().valueSizeBytes());
            }
            FuzzChecks.check(bytes <= EXPANDED_BYTES_MAX, bytes + " bytes of values");
        });
    }
}
