package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.NioFileStore;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.tools.DumpLogSegments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own tool reads the files and finds nothing wrong with them. */
final class KafkaToolsTest {

    @TempDir
    private File root;

    private List<String> writeFiles() throws IOException {
        LogHarness harness = LogHarness.created(
                NioFileStore.createAt(root.getPath()),
                LogConfig.DEFAULTS.withSegmentBytes(40_000).withIndexIntervalBytes(500));
        Random random = new Random(8);
        for (int i = 0; i < 300; i++) {
            harness.append(
                    i % 4 == 0
                            ? Batches.ofProducer(5 + i % 8, 0, i / 8, "value " + i)
                            : Batches.random(random, 1_000_000 + i * 10 - random.nextInt(50), 300),
                    1 + i / 100,
                    900);
        }
        harness.closeCleanly(0);
        File[] files = new File(root, LogHarness.NAME.toString()).listFiles();
        return Arrays.stream(files).map(File::getPath).sorted().toList();
    }

    static String dump(List<String> files, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("--files", String.join(",", files)));
        arguments.addAll(List.of(options));
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        try (PrintStream target = new PrintStream(captured, true, StandardCharsets.UTF_8)) {
            System.setOut(target);
            System.setErr(target);
            DumpLogSegments.main(arguments.toArray(String[]::new));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        return captured.toString(StandardCharsets.UTF_8);
    }

    private static List<String> ending(List<String> files, String suffix) {
        List<String> found = files.stream().filter(f -> f.endsWith(suffix)).toList();
        assertThat(found).hasSizeGreaterThan(1);
        return found;
    }

    @Test
    void readsLogFiles() throws IOException {
        String text = dump(ending(writeFiles(), ".log"), "--deep-iteration", "--print-data-log");
        assertThat(text.lines().filter(l -> l.startsWith("baseOffset: "))).hasSize(300);
        assertThat(text).contains("isvalid: true").doesNotContain("isvalid: false");
        assertThat(text).contains("payload: value 296").doesNotContain("invalid bytes");
    }

    @Test
    void findsTheIndexesSound() throws IOException {
        List<String> files = writeFiles();
        String offsets = dump(ending(files, ".index"));
        assertThat(offsets.lines().filter(l -> l.startsWith("offset: "))).hasSizeGreaterThan(50);
        assertThat(offsets).doesNotContain("Mismatches").doesNotContain("Non-consecutive");
        String times = dump(ending(files, ".timeindex"));
        assertThat(times.lines().filter(l -> l.startsWith("timestamp: "))).hasSizeGreaterThan(50);
        assertThat(times)
                .doesNotContain("Found timestamp mismatch")
                .doesNotContain("Found out of order timestamp")
                .doesNotContain("not found in");
        assertThat(dump(ending(files, ".index"), "--index-sanity-check")).contains("passed sanity check");
    }

    @Test
    void readsProducerSnapshots() throws IOException {
        String text = dump(ending(writeFiles(), ".snapshot"));
        assertThat(text).contains("producerId: 5 producerEpoch: 0").contains("producerId: 9");
        assertThat(text).contains("lastSequence: 37");
    }
}
