package io.lograft.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.model.ErrorCode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Formats 0 and 1, plain and wrapped, as Kafka's client still writes them, against what it reads itself. */
class LegacyMessageTest {

    private static final int BOUND = 64 << 20;

    /** Offsets that fit a log; Kafka's legacy writer has no producers and takes no log append time for format 0. */
    private static SampleBatch sample(Compression codec, long seed) {
        SampleBatch random = SampleBatch.random(codec, seed);
        BatchOptions options =
                BatchOptions.plain(codec).withLogAppendTime(random.options().logAppendTimeMs());
        return new SampleBatch(random.records(), options, random.baseOffset(), 0);
    }

    private static List<String> lines(LegacyCursor cursor) {
        List<String> lines = new ArrayList<>();
        while (cursor.advance()) {
            lines.add(SampleBatch.line(cursor.record()));
        }
        assertThat(cursor.fault()).isEmpty();
        return lines;
    }

    private static byte[] small(byte magic, Compression codec) {
        List<SampleBatch.SampleRecord> records = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            byte[] value =
                    i == 2 ? null : "some value ".repeat(i + 1).getBytes(java.nio.charset.StandardCharsets.UTF_8);
            records.add(new SampleBatch.SampleRecord(1000 + i, new byte[i], value, List.of()));
        }
        return KafkaOracle.build(new SampleBatch(records, BatchOptions.plain(codec), 77, 0), magic);
    }

    @ParameterizedTest
    @CsvSource({"0,NONE", "0,GZIP", "0,SNAPPY", "0,LZ4", "1,NONE", "1,GZIP", "1,SNAPPY", "1,LZ4"})
    void weReadWhatKafkaWrites(byte magic, Compression codec) {
        for (long seed = 0; seed < 60; seed++) {
            SampleBatch sample = sample(codec, seed);
            byte[] bytes = KafkaOracle.build(sample, magic);
            LegacyCursor cursor = LegacyCursor.over(ByteBuffer.wrap(bytes), BOUND);

            assertThat(lines(cursor))
                    .as("seed %d", seed)
                    .hasSameSizeAs(sample.records())
                    .isEqualTo(KafkaOracle.lines(MemoryRecords.readableRecords(ByteBuffer.wrap(bytes))
                            .records()));
            assertThat(cursor.position()).isEqualTo(bytes.length);
            assertThat(cursor.message().magic()).isEqualTo(magic);
            assertThat(cursor.message().isCompressed()).isEqualTo(codec != Compression.NONE);
        }
    }

    @ParameterizedTest
    @CsvSource({"0,NONE", "0,GZIP", "0,SNAPPY", "0,LZ4", "1,NONE", "1,GZIP", "1,SNAPPY", "1,LZ4"})
    void damageAndTruncationAreFaults(byte magic, Compression codec) {
        byte[] bytes = small(magic, codec);
        for (int size = 0; size < bytes.length; size++) {
            LegacyCursor cursor = LegacyCursor.over(ByteBuffer.wrap(Arrays.copyOf(bytes, size)), BOUND);
            int count = 0;
            while (cursor.advance()) {
                count++;
            }
            assertThat(count).isLessThan(4);
            assertThat(cursor.fault().isPresent()).as("size %d", size).isEqualTo(cursor.position() != size);
        }
        Random random = new Random(3);
        for (int round = 0; round < 2_000; round++) {
            byte[] damaged = bytes.clone();
            int at = 8 + random.nextInt(damaged.length - 8);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            LegacyCursor cursor = LegacyCursor.over(ByteBuffer.wrap(damaged).asReadOnlyBuffer(), BOUND);
            int count = 0;
            while (cursor.advance()) {
                count++;
            }
            // Offsets of later messages lie outside every checksum.
            assertThat(cursor.fault().isPresent() || count == 4)
                    .as("byte %d", at)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"0,GZIP", "0,SNAPPY", "0,LZ4", "1,GZIP", "1,SNAPPY", "1,LZ4"})
    void aWrapperIsBounded(byte magic, Compression codec) {
        LegacyCursor cursor = LegacyCursor.over(ByteBuffer.wrap(small(magic, codec)), 100);

        assertThat(cursor.advance()).isFalse();
        assertThat(cursor.fault())
                .hasValueSatisfying(fault -> assertThat(fault.code()).isEqualTo(ErrorCode.RECORD_TOO_LARGE));
        assertThat(cursor.position()).isZero();
        assertThatThrownBy(cursor::record).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @CsvSource({"0", "1"})
    void whatFollowsInTheNewFormatIsNotRead(byte magic) {
        byte[] old = small(magic, Compression.NONE);
        byte[] bytes = Arrays.copyOf(old, old.length + 80);
        bytes[old.length + BatchHeader.MAGIC_POSITION] = 2;
        LegacyCursor cursor = LegacyCursor.over(ByteBuffer.wrap(bytes), BOUND);
        int count = 0;
        while (cursor.advance()) {
            count++;
        }

        assertThat(count).isEqualTo(4);
        assertThat(cursor.position()).isEqualTo(old.length);
        assertThat(cursor.fault())
                .hasValueSatisfying(fault -> assertThat(fault.code()).isEqualTo(ErrorCode.UNSUPPORTED_FORMAT));
    }

    @ParameterizedTest
    @CsvSource({"1,4", "1,5", "0,7"})
    void unknownCodecsAreNamed(byte magic, int bits) {
        byte[] bytes = small(magic, Compression.NONE);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        buffer.put(17, (byte) bits);
        java.util.zip.CRC32 crc = new java.util.zip.CRC32();
        crc.update(bytes, 16, buffer.getInt(8) - 4);
        buffer.putInt(12, (int) crc.getValue());
        LegacyCursor cursor = LegacyCursor.over(buffer, BOUND);

        assertThat(cursor.advance()).isFalse();
        assertThat(cursor.fault())
                .hasValueSatisfying(fault -> assertThat(fault.code()).isEqualTo(ErrorCode.UNSUPPORTED_COMPRESSION));
    }
}
