package io.lograft.broker.log;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.NioFileStore;
import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * How fast a log of 5 million records with 500,000 keys is compacted, and how much memory that takes, next to Kafka's
 * cleaner over the same files, in alternation. Each in a process of its own. Not a test; {@code bench/compact.sh} runs it.
 */
@EnabledIfSystemProperty(named = "compaction.bench", matches = ".+")
final class CompactionBench {
    private static final int SEGMENT_BYTES = 128 << 20;
    private static final int BATCH_BYTES = 16 << 10;
    private static final int VALUE_BYTES = 100;
    private static final LogConfig CONFIG =
            Compactions.compacted(LogConfig.DEFAULTS.withSegmentBytes(SEGMENT_BYTES), 86_400_000);

    private final Path root = Path.of(System.getProperty("compaction.bench", "."));
    private final int records = Integer.getInteger("compaction.records", 5_000_000);
    private final int keys = Integer.getInteger("compaction.keys", 500_000);
    private final int runs = Integer.getInteger("compaction.runs", 3);
    private final long mapBytes = Long.getLong("compaction.map", 32L << 20);

    @Test
    void compareWithKafka() throws Exception {
        Path source = root.resolve("source");
        write(source);
        double[] seconds = new double[2 * runs];
        for (int run = 0; run < 2 * runs; run++) {
            String whose = run % 2 == 0 ? "lograft" : "kafka";
            Path copy = root.resolve(whose);
            copy(source, copy);
            seconds[run] = runIn(whose, copy);
            delete(copy);
        }
        delete(source);
        print("lograft", 0, seconds);
        print("kafka", 1, seconds);
    }

    private void print(String whose, int first, double[] seconds) {
        double[] own = new double[runs];
        for (int i = 0; i < runs; i++) {
            own[i] = records / seconds[first + 2 * i];
        }
        Arrays.sort(own);
        System.out.printf(
                "%s: median %.0f records/s, min %.0f, max %.0f, %d runs%n",
                whose, own[runs / 2], own[0], own[runs - 1], runs);
    }

    private void write(Path directory) throws IOException {
        LogHarness harness = LogHarness.created(NioFileStore.createAt(directory.toString()), CONFIG);
        Random random = new Random(1);
        byte[] value = new byte[VALUE_BYTES];
        BatchBuilder builder = new BatchBuilder(BATCH_BYTES);
        long nowMs = System.currentTimeMillis();
        for (int i = 0; i < records; ) {
            random.nextBytes(value);
            byte[] key = String.format("key-%012d", random.nextInt(keys)).getBytes(StandardCharsets.UTF_8);
            if (builder.append(nowMs, key, value)) {
                i++;
            } else {
                append(harness, builder, nowMs);
            }
        }
        append(harness, builder, nowMs);
        harness.log.tick(nowMs + CONFIG.segmentAge().toMillis());
        harness.closeCleanly(harness.log.logEndOffset());
    }

    private static void append(LogHarness harness, BatchBuilder builder, long nowMs) throws IOException {
        harness.append(ByteBuffer.wrap(builder.build(BatchOptions.plain(Compression.NONE))), 1, nowMs);
        builder.reset();
    }

    private static void copy(Path from, Path to) throws IOException {
        Path files = to.resolve(LogHarness.NAME.toString());
        Files.createDirectories(files);
        for (File file : from.resolve(LogHarness.NAME.toString()).toFile().listFiles()) {
            if (!to.endsWith("kafka") || file.getName().matches("\\d+\\.(log|index|timeindex)")) {
                Files.copy(file.toPath(), files.resolve(file.getName()));
            }
        }
        for (File file : from.toFile().listFiles(File::isFile)) {
            Files.copy(file.toPath(), to.resolve(file.getName()));
        }
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (Path path :
                    files.sorted((left, right) -> right.compareTo(left)).toList()) {
                Files.delete(path);
            }
        }
    }

    private double runIn(String whose, Path copy) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx" + ((mapBytes >> 20) + 96) + "m",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        CompactionBench.class.getName(),
                        whose,
                        copy.toString(),
                        Long.toString(mapBytes)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
            throw new IOException(whose + " failed: " + said);
        }
        List<String> lines = said.strip().lines().toList();
        System.out.println(lines.getLast());
        return Double.parseDouble(lines.getLast().split(" ", -1)[1]);
    }

    /** One compaction of one log; prints whose it was, seconds, runs, size and peak memory. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        long mapBytes = Long.parseLong(arguments[2]);
        int runs;
        long startNs;
        if (arguments[0].equals("kafka")) {
            startNs = System.nanoTime();
            runs = KafkaCleaner.clean(
                    directory.resolve(LogHarness.NAME.toString()).toFile(), SEGMENT_BYTES, 86_400_000, (int) mapBytes);
        } else {
            LogHarness harness = new LogHarness(new NioFileStore(directory), CONFIG);
            startNs = System.nanoTime();
            harness.open(System.currentTimeMillis());
            runs = Compactions.run(
                    harness.log, harness.log.logEndOffset(), System.currentTimeMillis(), mapBytes, 512 << 10);
            harness.closeCleanly(harness.log.logEndOffset());
        }
        double seconds = (System.nanoTime() - startNs) / 1e9;
        long size = 0;
        for (File file : directory.resolve(LogHarness.NAME.toString()).toFile().listFiles()) {
            size += file.getName().endsWith(".log") ? file.length() : 0;
        }
        String peak = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .findFirst()
                .orElse("");
        System.out.printf(
                "%s %.2f seconds, %d runs, %d bytes left, peak memory %s%n",
                arguments[0], seconds, runs, size, peak.replaceAll("\\D+", " ").strip() + " kB");
    }
}
