package io.lograft.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.model.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Damaged bytes are noticed, and answered with a fault: nothing ever throws, loops or allocates without bound. */
class DamageTest {

    private static final Set<ErrorCode> FAULTS = EnumSet.of(
            ErrorCode.CORRUPT_BATCH,
            ErrorCode.UNSUPPORTED_FORMAT,
            ErrorCode.UNSUPPORTED_COMPRESSION,
            ErrorCode.RECORD_TOO_LARGE,
            ErrorCode.INVALID_REQUEST);

    private static byte[] smallBatch(Compression codec) {
        BatchBuilder builder = new BatchBuilder(4096);
        for (int i = 0; i < 6; i++) {
            byte[] value =
                    ("value " + i + " of some length").repeat(1 + i).getBytes(java.nio.charset.StandardCharsets.UTF_8);
            builder.append(1000 + i, new byte[] {(byte) i}, value, List.of(new RecordHeader("name", value)));
        }
        return builder.build(BatchOptions.idempotent(codec, 9, (short) 0, 0));
    }

    private static BatchFault faultOf(byte[] bytes) {
        return BatchValidator.forClients(1 << 20)
                .checkSingle(ByteBuffer.wrap(bytes))
                .orElse(null);
    }

    @ParameterizedTest
    @EnumSource
    void everyFlippedBitUnderTheChecksumIsNoticed(Compression codec) {
        byte[] bytes = smallBatch(codec);
        assertThat(faultOf(bytes)).isNull();
        for (int bit = BatchHeader.CRC_POSITION * 8; bit < bytes.length * 8; bit++) {
            byte[] damaged = bytes.clone();
            damaged[bit / 8] ^= (byte) (1 << (bit % 8));

            assertThat(RecordBatch.of(damaged).verifyCrc()).as("bit %d", bit).isFalse();
            assertThat(faultOf(damaged)).as("bit %d", bit).isNotNull();
            assertThat(faultOf(damaged).code()).as("bit %d", bit).isEqualTo(ErrorCode.CORRUPT_BATCH);
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyFlippedBitOfLengthAndMagicIsNoticed(Compression codec) {
        byte[] bytes = smallBatch(codec);
        for (int at : new int[] {8, 9, 10, 11, BatchHeader.MAGIC_POSITION}) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] damaged = bytes.clone();
                damaged[at] ^= (byte) (1 << bit);
                assertThat(faultOf(damaged)).as("byte %d bit %d", at, bit).isNotNull();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void truncatedInputIsAFaultAtEveryByte(Compression codec) {
        byte[] bytes = smallBatch(codec);
        for (int size = 0; size < bytes.length; size++) {
            ByteBuffer cut = ByteBuffer.wrap(Arrays.copyOf(bytes, size));
            BatchReader reader = BatchReader.over(cut);

            assertThat(reader.advance()).as("size %d", size).isFalse();
            assertThat(reader.fault().isPresent()).as("size %d", size).isEqualTo(size > 0);
            assertThat(reader.position()).isZero();
            assertThat(FAULTS).contains(faultOf(cut.array()).code());
        }
    }

    @ParameterizedTest
    @EnumSource
    void recordsCutAtEveryByteAreAFault(Compression codec) {
        byte[] bytes = smallBatch(codec);
        // The frame is made whole and the checksum right, so that only the walk over the records can notice.
        for (int size = BatchHeader.SIZE_BYTES; size < bytes.length; size++) {
            RecordBatch batch = resealed(Arrays.copyOf(bytes, size));

            assertThat(BatchValidator.forClients(1 << 20).check(batch)).isEmpty();
            assertThat(BatchValidator.forLeaders().checkRecords(batch, 1 << 20))
                    .as("size %d", size)
                    .hasValueSatisfying(fault -> assertThat(FAULTS).contains(fault.code()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anyDamageUnderARightChecksumIsReadWithoutThrowing(Compression codec) {
        byte[] bytes = smallBatch(codec);
        Random random = new Random(4);
        int rounds = codec == Compression.NONE ? 20_000 : 3_000;
        int faults = 0;
        for (int round = 0; round < rounds; round++) {
            byte[] damaged = bytes.clone();
            for (int hits = 1 + random.nextInt(4); hits > 0; hits--) {
                int from = random.nextInt(3) == 0 ? BatchHeader.ATTRIBUTES_POSITION + 2 : BatchHeader.SIZE_BYTES;
                damaged[from + random.nextInt(damaged.length - from)] = (byte) random.nextInt();
            }
            RecordCursor records = resealed(damaged).records(1 << 16);
            while (records.advance()) {
                DecodedRecord record = records.record();
                assertThat(record.key() == null).isEqualTo(!record.hasKey());
                assertThat(record.headers()).hasSize(record.headerCount());
            }
            faults += records.fault().isPresent() ? 1 : 0;
        }
        // Without a codec most hits change a value, which only the checksum can tell.
        assertThat(faults).isGreaterThan(rounds / 20);
    }

    @Test
    void randomBytesAreNoBatch() {
        Random random = new Random(5);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            if (bytes.length > BatchHeader.MAGIC_POSITION && round % 2 == 0) {
                bytes[BatchHeader.MAGIC_POSITION] = BatchHeader.MAGIC;
                ByteBuffer.wrap(bytes).putInt(BatchHeader.LENGTH_POSITION, bytes.length - 12);
            }
            assertThat(BatchValidator.forLeaders()
                            .checkAll(ByteBuffer.wrap(bytes))
                            .isPresent())
                    .isEqualTo(bytes.length > 0);
            assertThat(faultOf(bytes)).isNotNull();
            LegacyCursor legacy = LegacyCursor.over(ByteBuffer.wrap(bytes), 1 << 16);
            assertThat(legacy.advance()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aDecompressionBombIsBounded(Compression codec) {
        BatchBuilder builder = new BatchBuilder(1 << 30);
        builder.append(0, null, new byte[32 << 20]);
        RecordBatch bomb = RecordBatch.of(builder.build(BatchOptions.plain(codec)));
        assertThat(bomb.sizeBytes()).isLessThan(2 << 20);

        RecordCursor records = bomb.records(1 << 20);
        assertThat(records.advance()).isFalse();
        assertThat(records.fault())
                .hasValueSatisfying(fault -> assertThat(fault.code()).isEqualTo(ErrorCode.RECORD_TOO_LARGE));
        assertThat(bomb.records(33 << 20).advance()).isTrue();
    }

    @Test
    void aSnappyBlockThatClaimsTooMuchIsNotBelieved() {
        // A stream header, then a block of 5 bytes that says it expands to 2 GiB less one byte.
        byte[] claim = {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 5};
        byte[] block = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 7};
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        sink.writeBytes(Arrays.copyOf(smallBatch(Compression.SNAPPY), BatchHeader.SIZE_BYTES));
        sink.writeBytes(claim);
        sink.writeBytes(block);

        RecordCursor records = resealed(sink.toByteArray()).records(Integer.MAX_VALUE);
        assertThat(records.advance()).isFalse();
        assertThat(records.fault())
                .hasValueSatisfying(fault -> assertThat(FAULTS).contains(fault.code()));
    }

    /** Sets the length to that of the array and the checksum to that of the content. */
    private static RecordBatch resealed(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        buffer.putInt(BatchHeader.LENGTH_POSITION, bytes.length - BatchHeader.LOG_OVERHEAD_BYTES);
        RecordBatch batch = RecordBatch.of(bytes);
        buffer.putInt(BatchHeader.CRC_POSITION, batch.crcOfContent());
        return batch;
    }
}
