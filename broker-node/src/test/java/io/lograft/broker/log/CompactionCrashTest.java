package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.lograft.broker.log.Compactions.Seen;
import io.lograft.broker.log.compact.OffsetMap;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.log.io.FaultyFileStore.Fault;
import io.lograft.broker.log.io.FaultyFileStore.Loss;
import io.lograft.broker.log.io.FaultyFileStore.PowerCut;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The power goes at every single operation of compactions, and of what changes segments right after them: afterwards there
 * are the old or the new segments, all records that count are there, and tombstones that are gone are known to be.
 */
final class CompactionCrashTest {
    private static final int SEEDS = Integer.getInteger("compaction.crash.seeds", 1);
    private static final long TOMBSTONE_MS = 10;
    private static final LogConfig CONFIG = Compactions.compacted(LogHarness.SMALL, TOMBSTONE_MS);

    /** What may and must be found after the crash. */
    private static final class Life {
        private final FaultyFileStore store;
        private final Random random = new Random(3);
        private final List<Seen> model = new ArrayList<>();
        private LogHarness harness;
        private long nowMs = 1_000_000;
        private long flushed;
        private long startedAt;
        private boolean isStartingOver;
        private boolean isOver;
        private int runs;

        Life(FaultyFileStore store) {
            this.store = store;
        }

        void run() throws IOException {
            harness = LogHarness.created(store, CONFIG);
            append(16, 1);
            flush();
            harness.checkpoint(flushed);
            compact(Compactions.MUCH_MEMORY);
            append(12, 2);
            flush();
            nowMs += 2 * TOMBSTONE_MS;
            compact(3 * OffsetMap.SLOT_BYTES);
            // Unsettled: the next operations come right after a swap.
            harness.log.truncateTo(flushed, nowMs);
            append(12, 3);
            flush();
            compact(Compactions.MUCH_MEMORY);
            raiseStart();
            append(12, 4);
            flush();
            harness.checkpoint(flushed);
            compact(Compactions.MUCH_MEMORY);
            startOver(40);
            append(12, 5);
            flush();
            harness.checkpoint(flushed);
            compact(Compactions.MUCH_MEMORY);
            assertThat(runs).as("compactions").isGreaterThan(4);
            isOver = true;
        }

        private void append(int count, int epoch) throws IOException {
            for (int i = 0; i < count; i++) {
                nowMs++;
                String key = "key " + random.nextInt(8);
                String value = random.nextInt(3) == 0 ? null : "value " + random.nextInt();
                long offset = harness.log.logEndOffset();
                model.add(new Seen(offset, nowMs, key, value));
                harness.append(
                        Compactions.batch(BatchOptions.plain(Compression.NONE), nowMs, key, value), epoch, nowMs);
            }
        }

        private void flush() throws IOException {
            long end = harness.log.logEndOffset();
            harness.flush();
            flushed = end;
        }

        private void compact(long mapBytes) throws IOException {
            runs += Compactions.run(harness.log, flushed, nowMs, mapBytes);
        }

        private void raiseStart() throws IOException {
            long start = harness.log.segments().get(1).baseOffset() + 1;
            startedAt = start;
            harness.log.advanceLogStart(start);
            for (var segment : harness.log.takeDiscarded()) {
                segment.run();
            }
        }

        private void startOver(long offset) throws IOException {
            isStartingOver = true;
            harness.log.startOver(offset, 7, List.of());
            isStartingOver = false;
            model.clear();
            flushed = offset;
            startedAt = offset;
        }
    }

    @ParameterizedTest
    @EnumSource(Loss.class)
    void leavesOldOrNewSegmentsWhereverThePowerGoes(Loss loss) throws IOException {
        for (int seed = 0; seed < (loss == Loss.SOME ? SEEDS : 1); seed++) {
            int at = 1;
            while (!isOverAfterCut(at, loss, seed)) {
                at++;
            }
            assertThat(at).isGreaterThan(250);
        }
    }

    private static boolean isOverAfterCut(int at, Loss loss, int seed) throws IOException {
        FaultyFileStore store = new FaultyFileStore();
        store.failAt(at, Fault.POWER_CUT);
        Life life = new Life(store);
        try {
            life.run();
        } catch (PowerCut expected) {
            assertThat(life.isOver).isFalse();
        }
        store.crash(loss, seed * 10_000L + at);
        try {
            checkRecovered(life);
        } catch (IOException | RuntimeException | AssertionError e) {
            fail("power cut at operation " + at + ", loss " + loss + ", seed " + seed, e);
        }
        return life.isOver;
    }

    private static void checkRecovered(Life life) throws IOException {
        FaultyFileStore store = life.store;
        String directory = LogHarness.NAME.toString();
        if (!store.exists(directory)) {
            assertThat(life.flushed).isZero();
            return;
        }
        LogHarness harness = new LogHarness(store, CONFIG);
        harness.open(life.nowMs);
        assertThat(store.list(directory)).noneMatch(name -> name.matches(".*(cleaned|swap|replaced|deleted|tmp)"));
        long end = harness.log.logEndOffset();
        if (life.isStartingOver && end < life.flushed) {
            // It was about to be emptied: some of it is gone, the newest segments first.
            assertThat(life.model).containsAll(Compactions.read(harness.log, harness.log.logStartOffset(), 500));
            return;
        }
        assertThat(end).isGreaterThanOrEqualTo(life.flushed);
        List<Seen> appended =
                life.model.stream().filter(record -> record.offset() < end).toList();
        List<Seen> found = Compactions.read(harness.log, harness.log.logStartOffset(), 500);
        assertThat(appended).containsAll(found);
        checkTable(harness.log, appended, found, life.startedAt);

        // And it goes on.
        harness.append(Compactions.batch("key 1", "more"), harness.log.lastEpoch() + 1, life.nowMs);
        harness.flush();
        Compactions.run(harness.log, end + 1, life.nowMs + 100, Compactions.MUCH_MEMORY);
        harness.closeCleanly(0);
        assertThat(LogVerifier.verify(store, directory, 0, Long.MAX_VALUE).problems())
                .isEmpty();
        assertThat(store.openFiles()).isEmpty();
    }

    /** What a table holds that is built from the records found, and tombstones that one who has older ones needs. */
    private static void checkTable(PartitionLog log, List<Seen> appended, List<Seen> found, long start) {
        List<Seen> kept = appended.stream()
                .filter(record -> record.offset() >= Math.min(start, log.logStartOffset()))
                .toList();
        var table = Compactions.table(kept);
        Compactions.table(found).forEach((key, value) -> assertThat(table).containsEntry(key, value));
        for (Seen record : appended) {
            boolean isNewest = appended.stream()
                    .noneMatch(other ->
                            other.offset() > record.offset() && other.key().equals(record.key()));
            boolean mustBeThere = record.value() != null
                    || record.offset() >= log.compactionCheckpoint().tombstonesGoneBelow();
            if (isNewest && mustBeThere && record.offset() >= Math.max(start, log.logStartOffset())) {
                assertThat(found).contains(record);
            }
        }
    }
}
