package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.NioFileStore;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's cleaner, over a copy of the same files, leaves the same records; and Kafka's tools accept what ours leaves. */
final class CompactionOracleTest {
    private static final long TOMBSTONE_MS = 60_000;
    private static final int SEGMENT_BYTES = 20_000;
    private static final LogConfig CONFIG = Compactions.compacted(
            LogConfig.DEFAULTS.withSegmentBytes(SEGMENT_BYTES).withIndexIntervalBytes(500), TOMBSTONE_MS);

    @TempDir
    private Path root;

    private record Kept(long offset, long timestampMs, String key, String value) {}

    private LogHarness written(Random random) throws IOException {
        LogHarness harness =
                LogHarness.created(NioFileStore.createAt(root.resolve("ours").toString()), CONFIG);
        int[] sequences = new int[4];
        for (int i = 0; i < 1_500; i++) {
            String[] pairs = new String[2 * (1 + random.nextInt(5))];
            for (int j = 0; j < pairs.length; j += 2) {
                pairs[j] = random.nextInt(40) == 0 ? null : "key " + random.nextInt(1 + random.nextInt(300));
                pairs[j + 1] = random.nextInt(6) == 0 ? null : "value " + random.nextLong();
            }
            Compression codec = Compression.forBits(random.nextInt(Compression.values().length))
                    .orElseThrow();
            int producer = random.nextInt(4);
            BatchOptions options = producer == 0
                    ? BatchOptions.plain(codec)
                    : BatchOptions.idempotent(codec, producer, (short) 0, sequences[producer]);
            sequences[producer] += pairs.length / 2;
            long nowMs = System.currentTimeMillis();
            harness.append(Compactions.batch(options, nowMs - random.nextInt(1000), pairs), 1 + i / 400, nowMs);
        }
        harness.flush();
        return harness;
    }

    private static List<File> files(Path directory, String suffix) throws IOException {
        File[] found = directory.resolve(LogHarness.NAME.toString()).toFile().listFiles();
        return Arrays.stream(found)
                .filter(file -> file.getName().endsWith(suffix))
                .sorted()
                .toList();
    }

    private static List<Kept> records(Path directory) throws IOException {
        List<Kept> records = new ArrayList<>();
        for (File file : files(directory, ".log")) {
            try (FileRecords batches = FileRecords.open(file, false)) {
                for (RecordBatch batch : batches.batches()) {
                    batch.ensureValid();
                    for (Record record : batch) {
                        record.ensureValid();
                        records.add(new Kept(
                                record.offset(),
                                record.timestamp(),
                                record.hasKey() ? Utils.utf8(record.key()) : null,
                                record.hasValue() ? Utils.utf8(record.value()) : null));
                    }
                }
            }
        }
        return records;
    }

    @Test
    void leavesTheSameRecordsAsKafkasCleaner() throws Exception {
        LogHarness harness = written(new Random(Long.getLong("compaction.seed", 6)));
        harness.closeCleanly(0);
        Path theirs = root.resolve("theirs").resolve(LogHarness.NAME.toString());
        Files.createDirectories(theirs);
        for (File file : files(root.resolve("ours"), "")) {
            if (file.getName().matches("\\d+\\.(log|index|timeindex)")) {
                Files.copy(file.toPath(), theirs.resolve(file.getName()));
            }
        }
        harness.open(System.currentTimeMillis());
        List<Kept> before = records(root.resolve("ours"));
        long end = harness.log.logEndOffset();
        Compactions.run(harness.log, end, System.currentTimeMillis(), Compactions.MUCH_MEMORY);
        harness.closeCleanly(0);
        KafkaCleaner.clean(theirs.toFile(), SEGMENT_BYTES, TOMBSTONE_MS, 1 << 20);

        List<Kept> ours = records(root.resolve("ours"));
        assertThat(ours).isEqualTo(records(root.resolve("theirs")));
        assertThat(ours).hasSizeLessThan(before.size() / 2);
        assertThat(files(root.resolve("ours"), ".log")).hasSizeGreaterThan(1);
        acceptedByKafkasTools();
    }

    private void acceptedByKafkasTools() throws IOException {
        String log = KafkaToolsTest.dump(paths(".log"), "--deep-iteration");
        assertThat(log)
                .contains("isvalid: true")
                .doesNotContain("isvalid: false")
                .doesNotContain("invalid bytes");
        assertThat(KafkaToolsTest.dump(paths(".index"))).contains("offset: ").doesNotContain("Mismatches");
        assertThat(KafkaToolsTest.dump(paths(".timeindex")))
                .contains("timestamp: ")
                .doesNotContain("Found timestamp mismatch")
                .doesNotContain("Found out of order timestamp");
    }

    private List<String> paths(String suffix) throws IOException {
        return files(root.resolve("ours"), suffix).stream().map(File::getPath).toList();
    }
}
