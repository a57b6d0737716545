package io.lograft.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What we write Kafka's client reads, and the other way round, over thousands of seeded batches. */
class KafkaOracleTest {

    private static final int SEEDS = 300;

    @ParameterizedTest
    @EnumSource
    void kafkaReadsWhatWeWrite(Compression codec) {
        for (long seed = 0; seed < SEEDS; seed++) {
            SampleBatch sample = SampleBatch.random(codec, seed);
            MutableRecordBatch batch = KafkaOracle.read(sample.build());

            assertThat(KafkaOracle.lines(batch)).as("seed %d", seed).isEqualTo(sample.lines());
            assertSameHeader(batch, BatchHeader.read(ByteBuffer.wrap(sample.build()), 0));
        }
    }

    @ParameterizedTest
    @EnumSource
    void weReadWhatKafkaWrites(Compression codec) {
        for (long seed = 0; seed < SEEDS; seed++) {
            SampleBatch sample = SampleBatch.random(codec, seed);
            byte[] bytes = KafkaOracle.build(sample);
            RecordBatch batch = RecordBatch.of(bytes);

            assertThat(BatchValidator.forLeaders().checkAll(ByteBuffer.wrap(bytes)))
                    .as("seed %d", seed)
                    .isEmpty();
            assertThat(SampleBatch.lines(batch.records())).as("seed %d", seed).isEqualTo(sample.lines());
            assertThat(BatchValidator.forLeaders().checkRecords(batch, 1 << 30)).isEmpty();
            assertSameHeader(KafkaOracle.read(bytes), batch.header());
        }
    }

    @Test
    void uncompressedBatchesAreEqualByteForByte() {
        for (long seed = 0; seed < SEEDS; seed++) {
            SampleBatch sample = SampleBatch.random(Compression.NONE, seed);
            assertThat(sample.build()).as("seed %d", seed).isEqualTo(KafkaOracle.build(sample));
        }
    }

    @ParameterizedTest
    @EnumSource
    void directAndReadOnlyBuffersReadAlike(Compression codec) {
        SampleBatch sample = SampleBatch.random(codec, 3);
        byte[] bytes = sample.build();
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length + 3).position(3);
        direct.duplicate().put(bytes);
        ByteBuffer readOnly = ByteBuffer.wrap(bytes).asReadOnlyBuffer();
        byte[] shifted = new byte[bytes.length + 5];
        System.arraycopy(bytes, 0, shifted, 5, bytes.length);

        for (ByteBuffer buffer : List.of(direct, readOnly, ByteBuffer.wrap(shifted, 5, bytes.length))) {
            RecordBatch batch = RecordBatch.at(buffer, buffer.position());
            assertThat(batch.verifyCrc()).isTrue();
            assertThat(SampleBatch.lines(batch.records())).isEqualTo(sample.lines());
        }
    }

    @ParameterizedTest
    @EnumSource
    void theLogAppendTimeGivenByUsIsSeenByKafka(Compression codec) {
        byte[] bytes = SampleBatch.random(codec, 5).build();
        RecordBatch.of(bytes).assignLogAppendTime(123_456);

        MutableRecordBatch batch = KafkaOracle.read(bytes);
        assertThat(batch.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
        batch.forEach(record -> assertThat(record.timestamp()).isEqualTo(123_456));
    }

    private static void assertSameHeader(MutableRecordBatch kafka, BatchHeader ours) {
        assertThat(ours.baseOffset()).isEqualTo(kafka.baseOffset());
        assertThat(ours.lastOffset()).isEqualTo(kafka.lastOffset());
        assertThat(ours.nextOffset()).isEqualTo(kafka.nextOffset());
        assertThat(ours.sizeBytes()).isEqualTo(kafka.sizeInBytes());
        assertThat(ours.leaderEpoch()).isEqualTo(kafka.partitionLeaderEpoch());
        assertThat(Integer.toUnsignedLong(ours.crc())).isEqualTo(kafka.checksum());
        assertThat(ours.codecBits()).isEqualTo(kafka.compressionType().id);
        assertThat(ours.isLogAppendTime()).isEqualTo(kafka.timestampType() == TimestampType.LOG_APPEND_TIME);
        assertThat(ours.isTransactional()).isEqualTo(kafka.isTransactional());
        assertThat(ours.isControl()).isEqualTo(kafka.isControlBatch());
        assertThat(ours.maxTimestampMs()).isEqualTo(kafka.maxTimestamp());
        assertThat(ours.producerId()).isEqualTo(kafka.producerId());
        assertThat(ours.producerEpoch()).isEqualTo(kafka.producerEpoch());
        assertThat(ours.baseSequence()).isEqualTo(kafka.baseSequence());
        assertThat(ours.lastSequence()).isEqualTo(kafka.lastSequence());
        assertThat(ours.recordCount()).isEqualTo(kafka.countOrNull());
    }
}
