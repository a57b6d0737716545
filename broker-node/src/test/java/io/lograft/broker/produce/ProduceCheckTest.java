package io.lograft.broker.produce;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.model.ErrorCode;
import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProduceCheckTest {
    private static final long NOW = 1_700_000_000_000L;
    private static final ProduceRules BROKER =
            new ProduceRules(1 << 20, CompressionRules.DEFAULTS, TimestampRules.DEFAULTS);

    private static ProduceCheck check(String... topic) {
        return new ProduceCheck(BROKER.with(settings(topic), false));
    }

    private static Map<String, String> settings(String... topic) {
        Map<String, String> settings = new java.util.HashMap<>();
        for (int i = 0; i < topic.length; i += 2) {
            settings.put(topic[i], topic[i + 1]);
        }
        return settings;
    }

    private static ByteBuffer batch(Compression codec, long timestampMs) {
        BatchBuilder builder = new BatchBuilder(1 << 20);
        for (int i = 0; i < 20; i++) {
            builder.append(
                    timestampMs + i,
                    ("key " + i).getBytes(UTF_8),
                    "some value ".repeat(40).getBytes(UTF_8));
        }
        return ByteBuffer.wrap(builder.build(BatchOptions.idempotent(codec, 9, (short) 1, 7)));
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void aCompactedTopicTakesNoRecordWithoutAKey(Compression codec) {
        BatchBuilder builder = new BatchBuilder(1 << 20);
        builder.append(NOW, "key".getBytes(UTF_8), null);
        builder.append(NOW, null, "value".getBytes(UTF_8));
        ByteBuffer batch = ByteBuffer.wrap(builder.build(BatchOptions.plain(codec)));
        assertThat(new ProduceCheck(BROKER).finish(batch, NOW).fault()).isEmpty();
        ProduceCheck check = new ProduceCheck(BROKER.requiringKeys());
        assertThat(check.finish(batch, NOW).fault()).hasValueSatisfying(fault -> {
            assertThat(fault.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(fault.message()).contains("record 1 of the batch has no key");
        });
        assertThat(check.finish(batch(codec, NOW), NOW).fault()).isEmpty();
    }

    private static List<String> values(ByteBuffer batch) {
        List<String> values = new ArrayList<>();
        RecordCursor records = RecordBatch.at(batch, batch.position()).records();
        while (records.advance()) {
            values.add(records.record().timestampMs() + " "
                    + new String(records.record().key(), UTF_8));
        }
        assertThat(records.fault()).isEmpty();
        return values;
    }

    @ParameterizedTest
    @EnumSource
    void byDefaultABatchKeepsItsCodecAndItsBytes(Compression codec) {
        ByteBuffer batch = batch(codec, NOW);
        ProduceCheck.Verdict verdict = check().finish(batch, NOW);

        assertThat(verdict.fault()).isEmpty();
        assertThat(verdict.batch()).isSameAs(batch);
        assertThat(check().isCostly(BatchHeader.read(batch, 0))).isEqualTo(codec != Compression.NONE);
    }

    @ParameterizedTest
    @CsvSource({"uncompressed, NONE", "none, NONE", "gzip, GZIP", "snappy, SNAPPY", "lz4, LZ4", "zstd, ZSTD"})
    void aTopicsCodecIsGivenToBatchesThatHaveAnotherOne(String type, Compression expected) {
        ProduceCheck check = check("compression.type", type);
        for (Compression codec : Compression.values()) {
            ByteBuffer batch = batch(codec, NOW);
            ProduceCheck.Verdict verdict = check.finish(batch, NOW);

            assertThat(verdict.fault()).isEmpty();
            BatchHeader header =
                    BatchHeader.read(verdict.batch(), verdict.batch().position());
            assertThat(header.codecBits()).isEqualTo(expected.bits());
            assertThat(header.baseSequence()).isEqualTo(7);
            assertThat(values(verdict.batch())).isEqualTo(values(batch));
            if (codec == expected) {
                assertThat(verdict.batch()).isSameAs(batch);
            } else {
                assertThat(verdict.batch()).isNotSameAs(batch);
            }
            assertThat(check.checkFrame(verdict.batch())).isEmpty();
            assertThat(check.isCostly(BatchHeader.read(batch, 0)))
                    .isEqualTo(codec != Compression.NONE || expected != Compression.NONE);
        }
    }

    @Test
    void theLevelIsTheTopicsOrTheBrokers() {
        CompressionRules broker =
                new CompressionRules(Optional.of(Compression.ZSTD), Map.of(Compression.ZSTD, 7, Compression.GZIP, 2));
        assertThat(broker.recoder().orElseThrow().level()).isEqualTo(7);
        assertThat(broker.with(Map.of("compression.zstd.level", "-3"))
                        .recoder()
                        .orElseThrow()
                        .level())
                .isEqualTo(-3);
        assertThat(broker.with(Map.of("compression.type", "gzip"))
                        .recoder()
                        .orElseThrow()
                        .level())
                .isEqualTo(2);
        assertThat(broker.with(Map.of("compression.type", "lz4"))
                        .recoder()
                        .orElseThrow()
                        .level())
                .isEqualTo(9);
        assertThat(broker.with(Map.of("compression.type", "producer")).recoder())
                .isEmpty();
        assertThatThrownBy(() -> new CompressionRules(Optional.empty(), Map.of(Compression.LZ4, 0)))
                .hasMessageContaining("compression.lz4.level=0: must be from 1 to 17");
    }

    @Test
    void aBatchThatIsTooLargeInTheTopicsCodecIsRefused() {
        ByteBuffer batch = batch(Compression.ZSTD, NOW);
        ProduceCheck check = check("compression.type", "uncompressed", "max.message.bytes", "4000");

        assertThat(check.checkFrame(batch)).isEmpty();
        assertThat(check.finish(batch, NOW).fault()).hasValueSatisfying(fault -> {
            assertThat(fault.code()).isEqualTo(ErrorCode.RECORD_TOO_LARGE);
            assertThat(fault.message()).contains("the topic's codec none", "limit of 4000");
        });
    }

    @Test
    void aBombIsRefusedWhetherOrNotTheCodecChanges() {
        BatchBuilder builder = new BatchBuilder(Integer.MAX_VALUE);
        builder.append(NOW, null, new byte[65 << 20]);
        ByteBuffer bomb = ByteBuffer.wrap(builder.build(BatchOptions.plain(Compression.ZSTD)));
        assertThat(bomb.remaining()).isLessThan(1 << 20);

        for (ProduceCheck check : List.of(check(), check("compression.type", "lz4"))) {
            assertThat(check.checkFrame(bomb)).isEmpty();
            assertThat(check.finish(bomb, NOW).fault()).hasValueSatisfying(fault -> {
                assertThat(fault.code()).isEqualTo(ErrorCode.RECORD_TOO_LARGE);
                assertThat(fault.message()).contains("expands to more than the bound of 67108864 bytes");
            });
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, ''",
        "-9000000000, ''",
        "3599980, ''",
        "3600001, INVALID_TIMESTAMP",
        "86400000, INVALID_TIMESTAMP",
    })
    void aTimestampFarAheadIsRefusedByDefaultAndAnOldOneIsNot(long offMs, String code) {
        Optional<String> fault = check().finish(batch(Compression.LZ4, NOW + offMs), NOW)
                .fault()
                .map(found -> found.code().name());
        assertThat(fault.orElse("")).isEqualTo(code);
    }

    @Test
    void aTopicSaysHowFarItsTimestampsMayBeOff() {
        ProduceCheck check = check("message.timestamp.before.max.ms", "1000", "message.timestamp.after.max.ms", "50");
        assertThat(check.finish(batch(Compression.NONE, NOW - 1000), NOW).fault())
                .isEmpty();
        assertThat(check.finish(batch(Compression.NONE, NOW + 31), NOW).fault()).isEmpty();
        for (long outside : new long[] {NOW - 1001, NOW + 32}) {
            assertThat(check.finish(batch(Compression.NONE, outside), NOW).fault())
                    .hasValueSatisfying(fault -> assertThat(fault.code()).isEqualTo(ErrorCode.INVALID_TIMESTAMP));
        }
        ProduceRules stamped = BROKER.with(Map.of("message.timestamp.before.max.ms", "1000"), true);
        assertThat(new ProduceCheck(stamped)
                        .finish(batch(Compression.NONE, 5), NOW)
                        .fault())
                .isEmpty();
        assertThatThrownBy(() -> new TimestampRules(-1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
