package io.lograft.broker.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.NioFileStore;
import io.lograft.record.BatchReader;
import io.lograft.record.BatchValidator;
import io.lograft.record.Compression;
import io.lograft.record.DecodedRecord;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import io.lograft.record.RecordHeader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Partitions that a Kafka broker wrote, with every codec and with transactions, read with our own classes. {@code
 * bench/kafka-segments.sh} made them, and the lists of what Kafka's consumer reads in them. {@code -Dkafka.log=DIR} names
 * a directory with others.
 */
class KafkaLogTest {
    private static final Path GOLDEN = Path.of(System.getProperty("kafka.log", "src/test/resources/golden/kafka"));

    @TempDir
    private File root;

    private static List<Path> files(String topic) throws IOException {
        try (Stream<Path> files = Files.list(GOLDEN.resolve(topic))) {
            return files.sorted().toList();
        }
    }

    /** The batches of all segments, one after the other. */
    private static byte[] batches(String topic) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Path file : files(topic)) {
            if (file.toString().endsWith(".log")) {
                all.writeBytes(Files.readAllBytes(file));
            }
        }
        return all.toByteArray();
    }

    /** A partition of ours with Kafka's files in place of its own. */
    private LogHarness opened(String topic, String... suffixes) throws IOException {
        LogHarness harness = LogHarness.created(NioFileStore.createAt(root.getPath()), LogConfig.DEFAULTS);
        harness.abandon();
        Path directory = root.toPath().resolve(LogHarness.NAME.toString());
        for (Path own : segmentFiles(directory)) {
            Files.delete(own);
        }
        for (Path file : files(topic)) {
            if (List.of(suffixes).stream().anyMatch(file.toString()::endsWith)) {
                Files.copy(file, directory.resolve(file.getFileName()));
            }
        }
        harness.open(0);
        return harness;
    }

    private static List<Path> segmentFiles(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches("[0-9]{20}\\..*"))
                    .toList();
        }
    }

    /** What a consumer sees: markers are passed over. */
    private static List<String> lines(byte[] batches, long end) {
        List<String> lines = new ArrayList<>();
        BatchReader reader = BatchReader.over(ByteBuffer.wrap(batches));
        while (reader.advance()) {
            RecordBatch batch = reader.batch();
            assertThat(BatchValidator.forLeaders().check(batch)).isEmpty();
            assertThat(BatchValidator.forLeaders().checkRecords(batch, 1 << 20)).isEmpty();
            RecordCursor records = batch.records();
            while (records.advance()) {
                if (!batch.header().isControl()) {
                    lines.add(line(records.record()));
                }
            }
            assertThat(records.fault()).isEmpty();
        }
        assertThat(reader.fault()).isEmpty();
        lines.add("end " + end);
        return lines;
    }

    private static String line(DecodedRecord record) {
        StringBuilder line = new StringBuilder();
        line.append(record.offset()).append(' ').append(record.timestampMs());
        line.append(' ').append(hex(record.key())).append(' ').append(hex(record.value()));
        for (RecordHeader header : record.headers()) {
            line.append(' ').append(header.key()).append('=').append(hex(header.value()));
        }
        return line.toString();
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? "null" : "[" + HexFormat.of().formatHex(bytes) + "]";
    }

    @ParameterizedTest
    @ValueSource(strings = {"created", "appended"})
    void isReadAsKafkasConsumerReadsIt(String topic) throws IOException {
        List<String> expected = Files.readAllLines(GOLDEN.resolve(topic + ".txt"), UTF_8);
        byte[] batches = batches(topic);
        LogHarness harness = opened(topic, ".log", ".index", ".timeindex", ".snapshot");

        assertThat(harness.readFrom(0, 500)).isEqualTo(batches);
        assertThat(lines(harness.readFrom(0, 700), harness.log.logEndOffset())).isEqualTo(expected);
        assertThat(harness.log.segments())
                .hasSameSizeAs(files(topic).stream()
                        .filter(file -> file.toString().endsWith(".log"))
                        .toList());
        harness.closeCleanly(harness.log.logEndOffset());
        LogVerifier.Summary summary = LogVerifier.verify(harness.store, LogHarness.NAME.toString(), 0, Long.MAX_VALUE);
        assertThat(summary.problems()).isEmpty();
        assertThat(summary.nextOffset()).isEqualTo(harness.log.logEndOffset());
    }

    @ParameterizedTest
    @ValueSource(strings = {"created", "appended"})
    void kafkasIndexesAreSoundByOurVerifierAndAreNotNeeded(String topic) throws IOException {
        Path directory = root.toPath().resolve("as-is/orders-0");
        Files.createDirectories(directory);
        for (Path file : files(topic)) {
            Files.copy(file, directory.resolve(file.getFileName()));
        }
        LogVerifier.Summary summary = LogVerifier.verify(
                NioFileStore.createAt(root.toPath().resolve("as-is").toString()), "orders-0", 0, Long.MAX_VALUE);
        assertThat(summary.problems()).isEmpty();
        assertThat(summary.batches()).isGreaterThan(20);

        LogHarness bare = opened(topic, ".log");
        assertThat(bare.readFrom(0, 1 << 20)).isEqualTo(batches(topic));
        bare.abandon();
    }

    @Test
    void everyCodecAndEveryKindOfProducerIsThere() throws IOException {
        Set<Integer> codecs = new TreeSet<>();
        int markers = 0;
        int transactional = 0;
        int plain = 0;
        BatchReader reader = BatchReader.over(ByteBuffer.wrap(batches("created")));
        while (reader.advance()) {
            var header = reader.batch().header();
            codecs.add(header.codecBits());
            markers += header.isControl() ? 1 : 0;
            transactional += header.isTransactional() && !header.isControl() ? 1 : 0;
            plain += header.hasProducer() ? 0 : 1;
        }
        assertThat(codecs).hasSize(Compression.values().length);
        assertThat(markers).isEqualTo(2);
        assertThat(transactional).isEqualTo(2);
        assertThat(plain).isEqualTo(10);
        assertThat(RecordBatch.at(ByteBuffer.wrap(batches("appended")), 0)
                        .header()
                        .isLogAppendTime())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"created", "appended"})
    void aFollowerTakesKafkasBatchesAsTheyAre(String topic) throws IOException {
        byte[] batches = batches(topic);
        LogHarness harness = LogHarness.created(
                NioFileStore.createAt(root.getPath()),
                LogConfig.DEFAULTS.withSegmentBytes(1024).withIndexIntervalBytes(100));
        assertThat(harness.log.appendAsFollower(ByteBuffer.wrap(batches), 0)).isInstanceOf(AppendResult.Appended.class);
        assertThat(harness.readFrom(0, 1 << 20)).isEqualTo(batches);
        long end = harness.log.logEndOffset();
        harness.log.truncateTo(end - 7, 0);
        assertThat(harness.log.logEndOffset()).isLessThan(end);
        harness.abandon();
    }
}
