package io.lograft.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.model.ErrorCode;
import io.lograft.record.legacy.LegacyConverter;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Message sets of formats 0 and 1 as batches, against what Kafka's client reads in the old ones. */
class LegacyConverterTest {
    private static final int BATCH_BYTES = 64 << 10;

    private static SampleBatch sample(Compression codec, long seed, long baseOffset) {
        SampleBatch random = SampleBatch.random(codec, seed);
        BatchOptions options =
                BatchOptions.plain(codec).withLogAppendTime(random.options().logAppendTimeMs());
        return new SampleBatch(random.records(), options, baseOffset, 0);
    }

    private static List<String> kafkaLines(byte[] messages) {
        return KafkaOracle.lines(
                MemoryRecords.readableRecords(ByteBuffer.wrap(messages)).records());
    }

    private static List<RecordBatch> batches(ByteBuffer bytes) {
        List<RecordBatch> batches = new ArrayList<>();
        BatchReader reader = BatchReader.over(bytes);
        while (reader.advance()) {
            assertThat(BatchValidator.forLeaders().check(reader.batch())).isEmpty();
            assertThat(BatchValidator.forLeaders().checkRecords(reader.batch(), 64 << 20))
                    .isEmpty();
            batches.add(reader.batch());
        }
        assertThat(reader.fault()).isEmpty();
        return batches;
    }

    /** Several sets one after the other, of all codecs, as a log has them. */
    private static byte[] log(byte magic, long seed) {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        long offset = seed % 3 == 0 ? 0 : 1_000_000_000_000L + seed;
        for (int i = 0; i < 6; i++) {
            Compression codec = Compression.forBits((int) ((seed + i) % 4)).orElseThrow();
            SampleBatch sample = sample(codec, seed * 100 + i, offset);
            log.writeBytes(KafkaOracle.build(sample, magic));
            offset += sample.records().size() + (seed + i) % 4;
        }
        return log.toByteArray();
    }

    @ParameterizedTest
    @CsvSource({"0", "1"})
    void kafkaReadsTheSameInWhatWasConverted(byte magic) {
        for (long seed = 0; seed < 20; seed++) {
            byte[] old = log(magic, seed);
            LegacyConverter.Converted converted = new LegacyConverter(BATCH_BYTES, 7).convert(ByteBuffer.wrap(old));

            assertThat(converted.fault()).as("seed %d", seed).isEmpty();
            assertThat(converted.readBytes()).isEqualTo(old.length);
            List<String> lines = new ArrayList<>();
            for (RecordBatch batch : batches(converted.batches())) {
                assertThat(batch.leaderEpoch()).isEqualTo(7);
                lines.addAll(SampleBatch.lines(batch.records()));
            }
            assertThat(lines).as("seed %d", seed).isEqualTo(kafkaLines(old));
            assertThat(kafkaLines(converted.batches().array())).isEqualTo(lines);
        }
    }

    @ParameterizedTest
    @CsvSource({"0,GZIP", "0,SNAPPY", "0,LZ4", "1,GZIP", "1,SNAPPY", "1,LZ4"})
    void aWrapperBecomesOneBatchOfItsCodecAndItsTimestampType(byte magic, Compression codec) {
        SampleBatch sample = sample(codec, 5, 900);
        byte[] one = KafkaOracle.build(sample, magic);
        ByteArrayOutputStream two = new ByteArrayOutputStream();
        two.writeBytes(one);
        two.writeBytes(KafkaOracle.build(new SampleBatch(sample.records(), sample.options(), 2000, 0), magic));

        List<RecordBatch> batches = batches(new LegacyConverter(BATCH_BYTES, 0)
                .convert(ByteBuffer.wrap(two.toByteArray()))
                .batches());
        assertThat(batches).hasSize(2);
        assertThat(batches).extracting(RecordBatch::baseOffset).containsExactly(900L, 2000L);
        BatchHeader header = batches.get(0).header();
        assertThat(header.codecBits()).isEqualTo(codec.bits());
        assertThat(header.recordCount()).isEqualTo(sample.records().size());
        assertThat(header.isLogAppendTime())
                .isEqualTo(magic == 1 && sample.options().logAppendTimeMs() != BatchOptions.CREATE_TIME);
    }

    @Test
    void plainMessagesShareBatchesUpToTheTargetAndTheirGapsStay() {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        List<Long> offsets = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            long offset = 3L * i;
            offsets.add(offset);
            SampleBatch.SampleRecord record = new SampleBatch.SampleRecord(
                    1000 + i, new byte[2], "x".repeat(100).getBytes(UTF_8), List.of());
            log.writeBytes(KafkaOracle.build(
                    new SampleBatch(List.of(record), BatchOptions.plain(Compression.NONE), offset, 0), (byte) 1));
        }
        List<RecordBatch> batches = batches(new LegacyConverter(1000, 0)
                .convert(ByteBuffer.wrap(log.toByteArray()))
                .batches());

        assertThat(batches).hasSizeBetween(5, 10).allMatch(batch -> batch.sizeBytes() <= 1000);
        List<Long> found = new ArrayList<>();
        for (RecordBatch batch : batches) {
            RecordCursor records = batch.records();
            while (records.advance()) {
                found.add(records.record().offset());
            }
            assertThat(batch.header().lastOffsetDelta())
                    .isEqualTo(3 * (batch.header().recordCount() - 1));
        }
        assertThat(found).isEqualTo(offsets);
    }

    @Test
    void whatComesBeforeDamageIsConverted() {
        byte[] old = log((byte) 1, 1);
        byte[] damaged = old.clone();
        damaged[old.length - 1] ^= 1;
        LegacyConverter.Converted converted = new LegacyConverter(BATCH_BYTES, 0).convert(ByteBuffer.wrap(damaged));

        assertThat(converted.fault())
                .hasValueSatisfying(fault -> assertThat(fault.code()).isEqualTo(ErrorCode.CORRUPT_BATCH));
        assertThat(converted.readBytes()).isBetween(1, old.length - 1);
        byte[] before = java.util.Arrays.copyOf(old, converted.readBytes());
        List<String> lines = new ArrayList<>();
        batches(converted.batches()).forEach(batch -> lines.addAll(SampleBatch.lines(batch.records())));
        assertThat(lines).isNotEmpty().isEqualTo(kafkaLines(before));
    }

    @Test
    void aLogThatWasUpgradedGoesOnInBatches() {
        byte[] old = log((byte) 0, 2);
        byte[] batch = sample(Compression.LZ4, 1, 5_000_000_000_000L).build();
        ByteBuffer both = ByteBuffer.allocate(old.length + batch.length)
                .put(old)
                .put(batch)
                .flip();
        LegacyConverter.Converted converted = new LegacyConverter(BATCH_BYTES, 0).convert(both);

        assertThat(converted.readBytes()).isEqualTo(old.length);
        assertThat(converted.fault())
                .hasValueSatisfying(fault -> assertThat(fault.code()).isEqualTo(ErrorCode.UNSUPPORTED_FORMAT));
        assertThat(BatchReader.over(both.position(converted.readBytes())).advance())
                .isTrue();
    }

    @Test
    void offsetsThatFallAreDamage() {
        SampleBatch.SampleRecord record = new SampleBatch.SampleRecord(1, null, new byte[1], List.of());
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        for (long offset : new long[] {5, 6, 6}) {
            log.writeBytes(KafkaOracle.build(
                    new SampleBatch(List.of(record), BatchOptions.plain(Compression.NONE), offset, 0), (byte) 1));
        }
        LegacyConverter.Converted converted =
                new LegacyConverter(BATCH_BYTES, 0).convert(ByteBuffer.wrap(log.toByteArray()));
        assertThat(converted.fault())
                .hasValueSatisfying(fault -> assertThat(fault.message()).contains("offset 6 follows offset 6"));
        assertThat(batches(converted.batches())).hasSize(1);
        assertThatThrownBy(() -> new LegacyConverter(BATCH_BYTES, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** A wrapper within a wrapper, whose checksums fit: no writer makes that, and no reader should follow it down. */
    @ParameterizedTest
    @CsvSource({"0", "1"})
    void wrappersWithinWrappersAreRefused(byte magic) {
        byte[] inner = KafkaOracle.build(sample(Compression.GZIP, 5, 10), magic);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (java.util.zip.GZIPOutputStream out = new java.util.zip.GZIPOutputStream(packed)) {
            out.write(inner);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        int fields = magic == 0 ? 18 : 26;
        ByteBuffer outer = ByteBuffer.allocate(fields + 8 + packed.size());
        outer.putLong(0, 10).putInt(8, outer.capacity() - 12).put(16, magic).put(17, (byte) 1);
        outer.putInt(fields, -1).putInt(fields + 4, packed.size()).put(fields + 8, packed.toByteArray());
        CRC32 crc = new CRC32();
        crc.update(outer.array(), 16, outer.capacity() - 16);
        outer.putInt(12, (int) crc.getValue());

        assertThat(new LegacyConverter(BATCH_BYTES, 0).convert(outer).fault()).hasValueSatisfying(fault -> {
            assertThat(fault.code()).isEqualTo(ErrorCode.CORRUPT_BATCH);
            assertThat(fault.message()).contains("wraps a message of format " + magic);
        });
    }
}
