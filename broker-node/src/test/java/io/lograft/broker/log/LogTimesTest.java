package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.log.state.OffsetAndTime;
import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Searches by time against a scan of all records, over random histories with times in any order. */
final class LogTimesTest {
    private static final int STEPS = 250;
    private static final long FIRST_MS = 10_000;

    private final List<OffsetAndTime> records = new ArrayList<>();
    private final FaultyFileStore store = new FaultyFileStore();
    private LogHarness harness;
    private Random random;
    private long clockMs = FIRST_MS;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void findsWhatAScanFinds(long seed) throws IOException {
        random = new Random(seed);
        LogConfig config = seed % 4 == 0
                ? LogHarness.SMALL.withTimestamps(LogConfig.Timestamps.LOG_APPEND_TIME)
                : LogHarness.SMALL;
        harness = LogHarness.created(store, config.withIndexIntervalBytes(random.nextInt(400)));
        for (int step = 0; step < STEPS; step++) {
            change();
            if (step % 5 == 0) {
                compare();
            }
        }
        assertThat(harness.log.segments()).hasSizeGreaterThan(3);
    }

    private void change() throws IOException {
        switch (random.nextInt(40)) {
            case 0 -> truncate();
            case 1 -> {
                harness.closeCleanly(0);
                harness.open(clockMs);
            }
            case 2 -> {
                harness.abandon();
                harness.open(clockMs);
            }
            case 3 -> harness.log.advanceLogStart(harness.log.logStartOffset() + random.nextInt(1 + (int) size() / 4));
            case 4 -> harness.flush();
            case 5 -> harness.checkpoint(0);
            default -> append();
        }
    }

    private long size() {
        return harness.log.logEndOffset() - harness.log.logStartOffset();
    }

    private void truncate() throws IOException {
        long end = harness.log.truncateTo(harness.log.logEndOffset() - random.nextInt(1 + (int) size() / 3), clockMs);
        records.removeIf(record -> record.offset() >= end);
    }

    private void append() throws IOException {
        clockMs += random.nextInt(20);
        BatchBuilder builder = new BatchBuilder(1 << 20);
        boolean isStray = random.nextInt(30) == 0;
        for (int i = random.nextInt(5); i >= 0; i--) {
            long timeMs = isStray ? clockMs + 500 : clockMs - random.nextInt(100) / 10 * 10L;
            builder.append(timeMs, null, new byte[random.nextInt(80)]);
        }
        Compression codec =
                Compression.forBits(random.nextInt(Compression.values().length)).orElseThrow();
        ByteBuffer batch = ByteBuffer.wrap(builder.build(BatchOptions.plain(codec)));
        harness.append(batch, 1, clockMs);
        RecordCursor written = RecordBatch.at(batch, 0).records();
        while (written.advance()) {
            records.add(new OffsetAndTime(
                    written.record().offset(), written.record().timestampMs()));
        }
    }

    private void compare() throws IOException {
        for (int i = 0; i < 40; i++) {
            long end = random.nextBoolean()
                    ? Long.MAX_VALUE
                    : harness.log.logEndOffset() - random.nextInt(1 + (int) size());
            long timeMs = FIRST_MS - 150 + random.nextInt((int) (clockMs - FIRST_MS) + 800);
            assertThat(harness.log.offsetForTime(timeMs, end))
                    .as("time %d below offset %d", timeMs, end)
                    .isEqualTo(first(timeMs, end));
            assertThat(harness.log.offsetOfGreatestTime(end))
                    .as("greatest below offset %d", end)
                    .isEqualTo(greatest(end));
        }
    }

    private List<OffsetAndTime> readable(long end) {
        return records.stream()
                .filter(record -> record.offset() >= harness.log.logStartOffset() && record.offset() < end)
                .toList();
    }

    private Optional<OffsetAndTime> first(long timeMs, long end) {
        return readable(end).stream()
                .filter(record -> record.timestampMs() >= timeMs)
                .findFirst();
    }

    private Optional<OffsetAndTime> greatest(long end) {
        OffsetAndTime best = null;
        for (OffsetAndTime record : readable(end)) {
            best = best == null || record.timestampMs() > best.timestampMs() ? record : best;
        }
        return Optional.ofNullable(best);
    }
}
