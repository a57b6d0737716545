package io.lograft.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Batches that we build are read back by us, in place and after the broker gave them their offsets. */
class BatchRoundTripTest {

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static byte[] threeRecords(Compression codec) {
        BatchBuilder builder = new BatchBuilder(1024);
        builder.append(1000, bytes("k"), bytes("v"));
        builder.append(900, null, null, List.of(new RecordHeader("h", bytes("x")), new RecordHeader("ü", null)));
        builder.append(1100, new byte[0], bytes("value".repeat(20)));
        return builder.build(BatchOptions.idempotent(codec, 7, (short) 1, 42));
    }

    @ParameterizedTest
    @EnumSource
    void whatWasWrittenIsRead(Compression codec) {
        RecordBatch batch = RecordBatch.of(threeRecords(codec));
        batch.assign(500, 3);

        assertThat(batch.verifyCrc()).isTrue();
        assertThat(BatchValidator.forClients(1024).checkSingle(batch.bytes())).isEmpty();
        assertThat(BatchValidator.forLeaders().checkRecords(batch, 1024)).isEmpty();
        assertThat(batch.header().codecBits()).isEqualTo(codec.bits());
        RecordCursor records = batch.records();
        assertThat(records.advance()).isTrue();
        DecodedRecord first = records.record();
        assertThat(records.advance()).isTrue();
        DecodedRecord second = records.record();
        assertThat(records.advance()).isTrue();
        DecodedRecord third = records.record();
        assertThat(records.advance()).isFalse();
        assertThat(records.fault()).isEmpty();

        assertThat(first.offset()).isEqualTo(500);
        assertThat(first.timestampMs()).isEqualTo(1000);
        assertThat(first.key()).isEqualTo(bytes("k"));
        assertThat(first.valueBuffer()).isEqualTo(ByteBuffer.wrap(bytes("v")));
        assertThat(first.headers()).isEmpty();
        assertThat(second.timestampMs()).isEqualTo(900);
        assertThat(second.hasKey()).isFalse();
        assertThat(second.value()).isNull();
        assertThat(second.headers()).containsExactly(new RecordHeader("h", bytes("x")), new RecordHeader("ü", null));
        assertThat(third.offset()).isEqualTo(502);
        assertThat(third.key()).isEmpty();
        assertThat(third.valueSizeBytes()).isEqualTo(100);
    }

    @Test
    void logAppendTimeIsGivenInPlace() {
        RecordBatch batch = RecordBatch.of(threeRecords(Compression.NONE));
        batch.assignLogAppendTime(5000);

        assertThat(batch.verifyCrc()).isTrue();
        assertThat(batch.header().isLogAppendTime()).isTrue();
        RecordCursor records = batch.records();
        assertThat(records.advance()).isTrue();
        assertThat(records.record().timestampMs()).isEqualTo(5000);
    }

    @Test
    void batchesInARowAreWalkedWithoutMovingTheBuffer() {
        byte[] one = threeRecords(Compression.NONE);
        ByteBuffer direct = ByteBuffer.allocateDirect(2 * one.length + 8);
        direct.position(4).limit(4 + 2 * one.length);
        direct.duplicate().put(one).put(one);
        BatchReader reader = BatchReader.over(direct);

        assertThat(reader.advance()).isTrue();
        reader.batch().assign(10, 1);
        assertThat(reader.advance()).isTrue();
        assertThat(reader.batch().baseOffset()).isZero();
        assertThat(reader.advance()).isFalse();
        assertThat(reader.fault()).isEmpty();
        assertThat(reader.position()).isEqualTo(direct.limit());
        assertThat(direct.position()).isEqualTo(4);
        assertThat(RecordBatch.at(direct, 4).nextOffset()).isEqualTo(13);
        assertThat(RecordBatch.at(direct, 4).records().advance()).isTrue();
    }

    @Test
    void aFullBuilderRefusesAndGoesOnAfterReset() {
        BatchBuilder builder = new BatchBuilder(200);
        assertThat(builder.append(1, null, new byte[1000]))
                .as("the first always fits")
                .isTrue();
        assertThat(builder.append(1, null, new byte[1])).isFalse();
        assertThat(builder.recordCount()).isEqualTo(1);
        builder.reset();
        assertThat(builder.isEmpty()).isTrue();
        assertThat(builder.append(5, null, new byte[1])).isTrue();
        assertThat(RecordBatch.of(builder.build(BatchOptions.plain(Compression.NONE)))
                        .header()
                        .baseTimestampMs())
                .isEqualTo(5);
    }
}
