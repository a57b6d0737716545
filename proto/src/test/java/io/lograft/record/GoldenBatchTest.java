package io.lograft.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bytes that Kafka's client once wrote, kept for ever: each file has them in hexadecimal, and below what a reader sees.
 * {@code -Dgolden.rewrite=true} writes files that do not exist yet; delete one to have it written anew.
 */
class GoldenBatchTest {

    private static final Path SOURCES = Path.of("src/test/resources/golden");

    /** One golden file: the format, and what is said in the header. */
    record Golden(String name, int magic, BatchOptions options) {

        String file() {
            return "batch-" + name + ".hex";
        }

        SampleBatch sample() {
            List<RecordHeader> headers =
                    List.of(new RecordHeader("trace", bytes("17")), new RecordHeader("ключ", null));
            List<SampleBatch.SampleRecord> records = List.of(
                    new SampleBatch.SampleRecord(1_700_000_000_000L, bytes("key"), bytes("value"), List.of()),
                    new SampleBatch.SampleRecord(1_699_999_999_000L, null, bytes("earlier"), headers),
                    new SampleBatch.SampleRecord(1_700_000_086_400L, bytes("gone"), null, List.of()),
                    new SampleBatch.SampleRecord(
                            1_700_000_000_001L, new byte[0], bytes("again and ".repeat(20)), List.of()));
            return new SampleBatch(records, options, 1_000_000, 5);
        }

        private static byte[] bytes(String text) {
            return text.getBytes(UTF_8);
        }
    }

    static Stream<Golden> goldens() {
        return Stream.of(
                new Golden("v2-plain", 2, BatchOptions.plain(Compression.NONE)),
                new Golden(
                        "v2-log-append-time",
                        2,
                        BatchOptions.plain(Compression.NONE).withLogAppendTime(1_700_000_009_999L)),
                new Golden(
                        "v2-idempotent",
                        2,
                        BatchOptions.idempotent(Compression.NONE, 4097, (short) 3, Integer.MAX_VALUE)),
                new Golden(
                        "v2-transactional",
                        2,
                        BatchOptions.idempotent(Compression.NONE, 4097, (short) 3, 12)
                                .withFlags(BatchHeader.TRANSACTIONAL_ATTRIBUTE)),
                new Golden("v2-gzip", 2, BatchOptions.plain(Compression.GZIP)),
                new Golden("v2-snappy", 2, BatchOptions.plain(Compression.SNAPPY)),
                new Golden("v2-lz4", 2, BatchOptions.plain(Compression.LZ4)),
                new Golden("v2-zstd", 2, BatchOptions.plain(Compression.ZSTD)),
                new Golden("v0-plain", 0, BatchOptions.plain(Compression.NONE)),
                new Golden("v0-gzip", 0, BatchOptions.plain(Compression.GZIP)),
                new Golden("v0-snappy", 0, BatchOptions.plain(Compression.SNAPPY)),
                new Golden("v0-lz4", 0, BatchOptions.plain(Compression.LZ4)),
                new Golden("v1-plain", 1, BatchOptions.plain(Compression.NONE)),
                new Golden("v1-gzip", 1, BatchOptions.plain(Compression.GZIP)),
                new Golden("v1-lz4", 1, BatchOptions.plain(Compression.LZ4)),
                new Golden(
                        "v1-snappy-log-append-time",
                        1,
                        BatchOptions.plain(Compression.SNAPPY).withLogAppendTime(1_700_000_009_999L)));
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void isReadAsItAlwaysWas(Golden golden) throws IOException {
        Assumptions.assumeFalse(rewritten(golden), "golden file was written anew");
        List<String> file = load(golden);
        byte[] bytes = HexFormat.of()
                .parseHex(String.join(
                        "",
                        file.subList(0, file.indexOf("")).stream()
                                .filter(line -> !line.startsWith("#"))
                                .toList()));

        assertThat(read(golden, bytes)).isEqualTo(file.subList(file.indexOf("") + 1, file.size()));
        if (golden.magic == 2 && golden.options.compression() == Compression.NONE) {
            assertThat(golden.sample().build()).isEqualTo(bytes);
        }
    }

    private static List<String> read(Golden golden, byte[] bytes) {
        if (golden.magic == 2) {
            assertThat(BatchValidator.forLeaders().checkSingle(ByteBuffer.wrap(bytes)))
                    .isEmpty();
            return SampleBatch.lines(RecordBatch.of(bytes).records());
        }
        List<String> lines = new ArrayList<>();
        LegacyCursor cursor = LegacyCursor.over(ByteBuffer.wrap(bytes), 1 << 20);
        while (cursor.advance()) {
            lines.add(SampleBatch.line(cursor.record()));
        }
        assertThat(cursor.fault()).isEmpty();
        return lines;
    }

    private static List<String> load(Golden golden) throws IOException {
        try (InputStream in = GoldenBatchTest.class.getResourceAsStream("/golden/" + golden.file())) {
            assertThat(in).as(golden.file()).isNotNull();
            return new String(in.readAllBytes(), UTF_8).lines().toList();
        }
    }

    private static boolean rewritten(Golden golden) throws IOException {
        Path path = SOURCES.resolve(golden.file());
        if (!Boolean.getBoolean("golden.rewrite") || Files.exists(path)) {
            return false;
        }
        byte[] bytes = KafkaOracle.build(golden.sample(), (byte) golden.magic);
        List<String> lines = new ArrayList<>();
        lines.add("# " + golden.name + ": format " + golden.magic + ", codec "
                + golden.options.compression().label() + ", written by kafka-clients");
        String hex = HexFormat.of().formatHex(bytes);
        for (int at = 0; at < hex.length(); at += 64) {
            lines.add(hex.substring(at, Math.min(at + 64, hex.length())));
        }
        lines.add("");
        lines.addAll(read(golden, bytes));
        Files.createDirectories(SOURCES);
        Files.write(path, lines);
        return true;
    }
}
