package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.compact.CompactionPolicy;
import io.lograft.broker.log.compact.KeyHasher;
import io.lograft.broker.log.config.CleanupConfig;
import io.lograft.broker.log.config.CompactionConfig;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.config.RetentionConfig;
import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchOptions;
import io.lograft.record.BatchReader;
import io.lograft.record.Compression;
import io.lograft.record.DecodedRecord;
import io.lograft.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/** Compactions for tests, and what a consumer makes of what they leave. */
final class Compactions {
    static final KeyHasher HASHER = new KeyHasher(11, 13);
    static final long MUCH_MEMORY = 1 << 20;
    private static final int SMALL_BUFFER_BYTES = 300;

    private Compactions() {}

    /** Compacted whenever there is anything dirty; tombstones stay for this long. */
    static LogConfig compacted(LogConfig config, long tombstoneMs) {
        return config.withCleanup(new CleanupConfig(
                false, true, RetentionConfig.DEFAULTS, new CompactionConfig(0, 0, Long.MAX_VALUE, tombstoneMs)));
    }

    /** A record of each pair of key and value; a value of null is a tombstone. */
    static ByteBuffer batch(BatchOptions options, long timestampMs, String... keysAndValues) {
        BatchBuilder builder = new BatchBuilder(1 << 20);
        for (int i = 0; i < keysAndValues.length; i += 2) {
            builder.append(timestampMs, bytes(keysAndValues[i]), bytes(keysAndValues[i + 1]));
        }
        return ByteBuffer.wrap(builder.build(options));
    }

    static ByteBuffer batch(String... keysAndValues) {
        return batch(BatchOptions.plain(Compression.NONE), 1000, keysAndValues);
    }

    private static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    /** Compacts all that may be, in as many runs as it takes; returns the number of runs that did something. */
    static int run(PartitionLog log, long highWatermark, long nowMs, long mapBytes) throws IOException {
        return run(log, highWatermark, nowMs, mapBytes, SMALL_BUFFER_BYTES);
    }

    static int run(PartitionLog log, long highWatermark, long nowMs, long mapBytes, int bufferBytes)
            throws IOException {
        int runs = 0;
        while (true) {
            CompactionPolicy.Plan plan =
                    log.compactionPlan(highWatermark, nowMs).orElseThrow();
            if (plan.end() <= plan.dirtyFrom()) {
                return runs;
            }
            Compaction.Result result = runOnce(log, plan, nowMs, mapBytes, bufferBytes);
            assertThat(result.isDone()).isTrue();
            assertThat(result.cleanedTo()).isGreaterThan(plan.dirtyFrom()).isLessThanOrEqualTo(plan.end());
            log.compacted(result.cleanedTo());
            for (var segment : log.takeDiscarded()) {
                segment.run();
            }
            runs++;
        }
    }

    static Compaction.Result runOnce(PartitionLog log, CompactionPolicy.Plan plan, long nowMs, long mapBytes)
            throws IOException {
        return runOnce(log, plan, nowMs, mapBytes, SMALL_BUFFER_BYTES);
    }

    private static Compaction.Result runOnce(
            PartitionLog log, CompactionPolicy.Plan plan, long nowMs, long mapBytes, int bufferBytes)
            throws IOException {
        Compaction.Host host = new Compaction.Host() {
            @Override
            public boolean moved(long bytes) {
                return true;
            }

            @Override
            public boolean replace(Compaction.Replacement replacement) throws IOException {
                return log.replace(replacement, nowMs);
            }
        };
        return log.beginCompaction(plan, nowMs, new Compaction.Means(mapBytes, bufferBytes, host, HASHER))
                .run();
    }

    /** A record as a consumer sees it. */
    record Seen(long offset, long timestampMs, String key, String value) {}

    /** All records from an offset on, read in small steps; checks that batches follow each other without a gap. */
    static List<Seen> read(PartitionLog log, long from, int maxBytes) throws IOException {
        List<Seen> seen = new ArrayList<>();
        long next = from;
        while (next < log.logEndOffset()) {
            var read = (LogRead.Batches) log.read(next, maxBytes, log.logEndOffset());
            long expected = -1;
            for (ByteBuffer slice : read.slices()) {
                BatchReader batches = BatchReader.over(slice);
                while (batches.advance()) {
                    var header = batches.batch().header();
                    assertThat(batches.batch().verifyCrc()).isTrue();
                    assertThat(header.baseOffset()).isLessThanOrEqualTo(expected < 0 ? next : expected);
                    assertThat(expected < 0 || header.baseOffset() == expected).isTrue();
                    expected = header.nextOffset();
                    RecordCursor records = batches.batch().records();
                    while (records.advance()) {
                        if (records.record().offset() >= from) {
                            seen.add(seen(records.record()));
                        }
                    }
                    assertThat(records.fault()).isEmpty();
                }
                assertThat(batches.fault()).isEmpty();
            }
            assertThat(read.nextOffset()).isGreaterThan(next).isEqualTo(expected);
            next = read.nextOffset();
        }
        return seen;
    }

    private static Seen seen(DecodedRecord record) {
        return new Seen(record.offset(), record.timestampMs(), text(record.key()), text(record.value()));
    }

    private static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    /** What a table built from the records holds at the end. */
    static SequencedMap<String, String> table(List<Seen> seen) {
        TreeMap<String, String> table = new TreeMap<>();
        for (Seen record : seen) {
            if (record.key() == null) {
                continue;
            }
            if (record.value() == null) {
                table.remove(record.key());
            } else {
                table.put(record.key(), record.value());
            }
        }
        return table;
    }
}
