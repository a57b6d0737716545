package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.Compactions.Seen;
import io.lograft.broker.log.compact.OffsetMap;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.log.state.SegmentInfo;
import io.lograft.broker.log.state.SequenceCheck;
import io.lograft.model.EpochStart;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A compacted log against a list of all records ever committed: random appends of several producers and codecs, tombstones,
 * compactions with much and with little memory, truncations, restarts of all kinds, and a follower that copies the log at
 * random paces. {@code -Dcompaction.seed=N} replays one, {@code -Dcompaction.seeds=N} tries so many.
 */
final class CompactionModelTest {
    private static final int STEPS = 300;
    private static final int KEYS = 40;
    private static final long TOMBSTONE_MS = 400;
    private static final LogConfig CONFIG = Compactions.compacted(LogHarness.SMALL, TOMBSTONE_MS);

    private final FaultyFileStore store = new FaultyFileStore();
    private final List<Seen> model = new ArrayList<>();
    private final List<EpochStart> epochs = new ArrayList<>();
    private final Map<Long, Deque<BatchHeader>> producers = new HashMap<>();
    private int epoch = 1;
    private long nowMs = 1_000_000;
    private long committed;
    private long end;
    private boolean hasTail;

    static List<Long> seeds() {
        long one = Long.getLong("compaction.seed", -1);
        if (one >= 0) {
            return List.of(one);
        }
        List<Long> seeds = new ArrayList<>();
        for (long seed = 1; seed <= Long.getLong("compaction.seeds", 8); seed++) {
            seeds.add(seed);
        }
        seeds.add(System.nanoTime() & 0xffffff);
        return seeds;
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatConsumersMakeOfItIsTheSame(long seed) throws IOException {
        Random random = new Random(seed);
        hasTail = random.nextBoolean();
        LogHarness harness = LogHarness.created(store, hasTail ? CONFIG : CONFIG.withTailBytesMax(0));
        for (int step = 0; step < STEPS; step++) {
            nowMs += random.nextInt(40);
            step(harness, random);
            check(harness, random);
        }
        flush(harness);
        Compactions.run(harness.log, committed, nowMs, Compactions.MUCH_MEMORY);
        check(harness, random);
        harness.closeCleanly(committed);
        assertThat(store.openFiles()).isEmpty();
        var summary = LogVerifier.verify(store, LogHarness.NAME.toString(), 0, Long.MAX_VALUE);
        assertThat(summary.problems()).isEmpty();
        assertThat(summary.nextOffset()).isEqualTo(end);
        assertThat(store.list(LogHarness.NAME.toString())).noneMatch(name -> name.matches(".*(cleaned|swap|replaced)"));
    }

    private void step(LogHarness harness, Random random) throws IOException {
        switch (random.nextInt(20)) {
            case 0 -> truncate(harness, random);
            case 1 -> reopen(harness, random);
            case 2, 3 -> flush(harness);
            case 4 -> harness.checkpoint(committed);
            case 5 -> {
                epoch += random.nextInt(3);
                harness.log.tick(nowMs);
            }
            case 6, 7, 8 -> compact(harness, random);
            default -> append(harness, random);
        }
    }

    private void append(LogHarness harness, Random random) throws IOException {
        String[] keysAndValues = new String[2 * (1 + random.nextInt(4))];
        for (int i = 0; i < keysAndValues.length; i += 2) {
            keysAndValues[i] = random.nextInt(30) == 0 ? null : "key " + random.nextInt(1 + random.nextInt(KEYS));
            keysAndValues[i + 1] = random.nextInt(4) == 0 ? null : "value " + nowMs + " " + random.nextInt();
        }
        Compression codec =
                Compression.forBits(random.nextInt(Compression.values().length)).orElseThrow();
        long producer = random.nextInt(5);
        BatchOptions options = producer == 0
                ? BatchOptions.plain(codec)
                : BatchOptions.idempotent(codec, producer, (short) 0, nextSequence(producer));
        long timestampMs = nowMs - random.nextInt(100);
        ByteBuffer batch = Compactions.batch(options, timestampMs, keysAndValues);
        harness.append(batch, epoch, nowMs);
        BatchHeader header = BatchHeader.read(batch, 0);
        if (producer > 0) {
            producers.computeIfAbsent(producer, id -> new ArrayDeque<>()).addLast(header);
        }
        if (epochs.isEmpty() || epochs.getLast().epoch() != epoch) {
            epochs.add(new EpochStart(epoch, end));
        }
        for (int i = 0; i < keysAndValues.length; i += 2) {
            model.add(new Seen(end++, timestampMs, keysAndValues[i], keysAndValues[i + 1]));
        }
    }

    private int nextSequence(long producer) {
        Deque<BatchHeader> appended = producers.get(producer);
        return appended == null ? 0 : appended.getLast().lastSequence() + 1;
    }

    private void flush(LogHarness harness) throws IOException {
        harness.flush();
        committed = Math.max(committed, harness.log.flushedOffset());
    }

    private void compact(LogHarness harness, Random random) throws IOException {
        long mapBytes = random.nextInt(3) == 0 ? random.nextLong(12) * OffsetMap.SLOT_BYTES : Compactions.MUCH_MEMORY;
        Compactions.run(harness.log, committed, nowMs, mapBytes);
    }

    private void truncate(LogHarness harness, Random random) throws IOException {
        long offset = committed + random.nextLong(end - committed + 1);
        long newEnd = harness.log.truncateTo(offset, nowMs);
        assertThat(newEnd).isGreaterThanOrEqualTo(committed);
        end = newEnd;
        model.removeIf(record -> record.offset() >= end);
        epochs.removeIf(start -> start.startOffset() >= end);
        producers.values().forEach(appended -> appended.removeIf(header -> header.lastOffset() >= end));
        producers.values().removeIf(Deque::isEmpty);
    }

    private void reopen(LogHarness harness, Random random) throws IOException {
        switch (random.nextInt(4)) {
            case 0 -> harness.closeCleanly(committed);
            case 1 -> {
                harness.checkpoint(committed);
                harness.abandon();
            }
            case 2 -> {
                harness.checkpoint(committed);
                harness.abandon();
                loseSideFiles();
            }
            default -> {
                flush(harness);
                harness.checkpoint(committed);
                harness.abandon();
                store.crash(FaultyFileStore.Loss.ALL, 0);
            }
        }
        assertThat(store.openFiles()).isEmpty();
        harness.open(nowMs);
    }

    /** Only the log is truth: epochs, producers and indexes have to be the same from the batches alone. */
    private void loseSideFiles() throws IOException {
        String directory = LogHarness.NAME.toString();
        for (String name : store.list(directory)) {
            if (name.matches(".*(index|snapshot|leader-epoch-checkpoint)")) {
                store.delete(directory + "/" + name);
            }
        }
    }

    private void check(LogHarness harness, Random random) throws IOException {
        PartitionLog log = harness.log;
        assertThat(log.logStartOffset()).isZero();
        assertThat(log.logEndOffset()).isEqualTo(end);
        assertThat(log.epochs()).isEqualTo(epochs);
        List<Seen> seen = Compactions.read(log, 0, 1 + random.nextInt(1500));
        assertThat(new HashSet<>(model)).as("nothing is made up or changed").containsAll(seen);
        assertThat(Compactions.table(seen)).isEqualTo(Compactions.table(model));
        long from = random.nextLong(end + 1);
        List<Seen> later = Compactions.read(log, from, 1 + random.nextInt(1500));
        List<Seen> expected =
                seen.stream().filter(record -> record.offset() >= from).toList();
        if (hasTail) {
            // What is in memory yet may have been compacted in the file.
            assertThat(Compactions.table(later)).isEqualTo(Compactions.table(expected));
        } else {
            assertThat(later).isEqualTo(expected);
        }
        producers.forEach((producer, appended) -> assertThat(log.checkSequence(appended.getLast()))
                .as("a retry of the last batch of producer %d is recognised", producer)
                .isEqualTo(new SequenceCheck.Duplicate(
                        appended.getLast().baseOffset(), appended.getLast().lastOffset())));
        assertThat(log.segments().stream().mapToLong(SegmentInfo::sizeBytes).sum())
                .isEqualTo(log.sizeBytes());
        checkNewestValuesStay(seen);
    }

    /** Of each key the newest value is there, and of no key that has one a tombstone is missing that follows an older one. */
    private void checkNewestValuesStay(List<Seen> seen) {
        Map<String, Seen> newest = new TreeMap<>();
        model.stream().filter(record -> record.key() != null).forEach(record -> newest.put(record.key(), record));
        Map<String, Seen> found = new TreeMap<>();
        seen.stream().filter(record -> record.key() != null).forEach(record -> found.put(record.key(), record));
        newest.forEach((key, record) -> {
            if (record.value() != null || found.containsKey(key)) {
                assertThat(found.get(key)).isEqualTo(record);
            }
        });
    }
}
