package io.lograft.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.model.ErrorCode;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchRecoderTest {
    private static final int BOUND = 64 << 20;

    @ParameterizedTest
    @EnumSource
    void everyCodecBecomesEveryOtherAndKafkaReadsTheSame(Compression to) {
        for (Compression from : Compression.values()) {
            for (long seed = 0; seed < 10; seed++) {
                SampleBatch sample = SampleBatch.random(from, seed);
                byte[] before = sample.build();
                ByteBuffer shifted =
                        ByteBuffer.allocateDirect(before.length + 3).position(3);
                shifted.put(before).flip().position(3);
                BatchRecoder recoder = new BatchRecoder(to, to.levelDefault());
                ByteBuffer after =
                        recoder.recode(RecordBatch.at(shifted, 3), BOUND).batch();

                RecordBatch batch = RecordBatch.at(after, 0);
                assertThat(BatchValidator.forLeaders().check(batch)).isEmpty();
                assertThat(recoder.changes(batch.header())).isFalse();
                assertThat(SampleBatch.lines(batch.records())).isEqualTo(sample.lines());
                assertThat(KafkaOracle.lines(KafkaOracle.read(bytes(after)))).isEqualTo(sample.lines());
                BatchHeader header = RecordBatch.of(before).header();
                assertThat(withoutCodec(batch.header())).isEqualTo(withoutCodec(header));
            }
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    private static BatchHeader withoutCodec(BatchHeader header) {
        return new BatchHeader(
                header.baseOffset(),
                0,
                header.leaderEpoch(),
                0,
                (short) (header.attributes() & ~BatchHeader.CODEC_ATTRIBUTES),
                header.lastOffsetDelta(),
                header.baseTimestampMs(),
                header.maxTimestampMs(),
                header.producerId(),
                header.producerEpoch(),
                header.baseSequence(),
                header.recordCount());
    }

    @Test
    void whatCannotBeDecompressedIsAFaultAndLevelsAreChecked() {
        BatchBuilder builder = new BatchBuilder(1 << 20);
        builder.append(0, null, new byte[1000]);
        byte[] bytes = builder.build(BatchOptions.plain(Compression.GZIP));
        BatchRecoder recoder = new BatchRecoder(Compression.LZ4, 12);

        assertThat(recoder.recode(RecordBatch.of(bytes), 999).fault())
                .hasValueSatisfying(fault -> assertThat(fault.code()).isEqualTo(ErrorCode.RECORD_TOO_LARGE));
        bytes[BatchHeader.SIZE_BYTES] ^= 1;
        assertThat(recoder.recode(RecordBatch.of(bytes), 1 << 20).fault())
                .hasValueSatisfying(fault -> assertThat(fault.code()).isEqualTo(ErrorCode.CORRUPT_BATCH));
        assertThatThrownBy(() -> new BatchRecoder(Compression.LZ4, 18)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BatchOptions.plain(Compression.GZIP).withLevel(10))
                .hasMessageContaining("from -1 to 9");
    }

    @Test
    void aLevelIsUsed() {
        BatchBuilder builder = new BatchBuilder(1 << 20);
        for (int i = 0; i < 3000; i++) {
            byte[] value = ("record " + i * i + " of a text that has something to gain")
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8);
            builder.append(i, null, value, List.of());
        }
        for (Compression codec : List.of(Compression.GZIP, Compression.LZ4, Compression.ZSTD)) {
            int low = codec == Compression.LZ4 ? codec.levelDefault() : 1;
            int fast = builder.build(BatchOptions.plain(codec).withLevel(low)).length;
            int dense = builder.build(BatchOptions.plain(codec).withLevel(codec.levelMax())).length;
            assertThat(dense).as(codec.label()).isLessThan(fast);
        }
    }
}
