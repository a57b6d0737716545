package io.lograft.broker.fuzz;

import io.lograft.record.LegacyCursor;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** Message sets of formats 0 and 1, with their checksums made right. */
public final class LegacyMessageFuzz {
    private static final int EXPANDED_BYTES_MAX = 1 << 20;
    private static final int CRC_POSITION = 12;
    private static final int MAGIC_POSITION = 16;
    private static final int SMALLEST = 26;

    private LegacyMessageFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        byte[] bytes = input.clone();
        repair(bytes);
        FuzzChecks.withinMemory(bytes.length, EXPANDED_BYTES_MAX, () -> {
            LegacyCursor records = LegacyCursor.over(ByteBuffer.wrap(bytes), EXPANDED_BYTES_MAX);
            while (records.advance()) {
                var record = records.record();
                FuzzChecks.check(
                        record.keySizeBytes() == (record.hasKey() ? record.key().length : -1), "size of a key");
                FuzzChecks.check(
                        record.valueSizeBytes() == (record.hasValue() ? record.value().length : -1), "size of a value");
                FuzzChecks.check(records.message().magic() <= 1, "magic of a message");
            }
            FuzzChecks.check(records.fault().isPresent() || records.position() == bytes.length, "bytes were left over");
        });
    }

    private static void repair(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        CRC32 crc = new CRC32();
        int at = 0;
        while (bytes.length - at >= SMALLEST) {
            int size = buffer.getInt(at + 8) + CRC_POSITION;
            if (size < SMALLEST || size > bytes.length - at) {
                size = bytes.length - at;
                buffer.putInt(at + 8, size - CRC_POSITION);
            }
            crc.reset();
            crc.update(bytes, at + MAGIC_POSITION, size - MAGIC_POSITION);
            buffer.putInt(at + CRC_POSITION, (int) crc.getValue());
            at += size;
        }
    }
}
