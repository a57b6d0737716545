package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.broker.log.Compactions.Seen;
import io.lograft.broker.log.compact.CompactionPolicy;
import io.lograft.broker.log.compact.OffsetMap;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.log.io.FileStore;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchOptions;
import io.lograft.record.BatchReader;
import io.lograft.record.BatchRewriter;
import io.lograft.record.Compression;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What one compaction does to one log. */
final class CompactionTest {
    private static final long TOMBSTONE_MS = 1_000;
    private static final LogConfig CONFIG = Compactions.compacted(LogHarness.SMALL.withTailBytesMax(0), TOMBSTONE_MS)
            .withSegmentAge(Duration.ofMillis(500));

    private final FaultyFileStore store = new FaultyFileStore();
    private long nowMs = 1_000_000;

    private LogHarness harness(LogConfig config) throws IOException {
        return LogHarness.created(store, config);
    }

    private void append(LogHarness harness, ByteBuffer batch) throws IOException {
        harness.append(batch, 1, nowMs);
    }

    /** Closes the segment that is written to, and flushes everything. */
    private void roll(LogHarness harness) throws IOException {
        nowMs += CONFIG.segmentAge().toMillis();
        harness.log.tick(nowMs);
        harness.flush();
    }

    private int compact(LogHarness harness) throws IOException {
        return Compactions.run(harness.log, harness.log.logEndOffset(), nowMs, Compactions.MUCH_MEMORY);
    }

    private static List<Long> offsets(LogHarness harness) throws IOException {
        return Compactions.read(harness.log, 0, 10_000).stream()
                .map(Seen::offset)
                .toList();
    }

    private static List<BatchHeader> headers(LogHarness harness) throws IOException {
        List<BatchHeader> headers = new ArrayList<>();
        BatchReader batches = BatchReader.over(ByteBuffer.wrap(harness.readFrom(0, 10_000)));
        while (batches.advance()) {
            headers.add(batches.batch().header());
        }
        return headers;
    }

    @Test
    void theNewestRecordOfEachKeyStaysAtItsOffset() throws IOException {
        LogHarness harness = harness(CONFIG);
        append(harness, Compactions.batch("a", "1", "b", "1", "a", "2"));
        append(harness, Compactions.batch("a", "3", "c", "1"));
        append(harness, Compactions.batch("d", "1"));
        roll(harness);
        append(harness, Compactions.batch("b", "2", "d", "2"));
        long before = harness.log.sizeBytes();
        assertThat(compact(harness)).isEqualTo(1);
        // The segment that is written to stays as it is, and does not count.
        assertThat(offsets(harness)).containsExactly(1L, 3L, 4L, 5L, 6L, 7L);
        assertThat(harness.log.sizeBytes()).isLessThan(before);
        roll(harness);
        assertThat(compact(harness)).isEqualTo(1);
        assertThat(offsets(harness)).containsExactly(3L, 4L, 6L, 7L);
        assertThat(compact(harness)).isZero();
    }

    @Test
    void nothingAtOrAboveTheHighWatermarkOrNotOnTheDiskIsTouched() throws IOException {
        LogHarness harness = harness(CONFIG);
        append(harness, Compactions.batch("a", "1"));
        append(harness, Compactions.batch("a", "2"));
        roll(harness);
        assertThat(Compactions.run(harness.log, 1, nowMs, Compactions.MUCH_MEMORY))
                .isZero();
        append(harness, Compactions.batch("a", "3"));
        nowMs += CONFIG.segmentAge().toMillis();
        harness.log.tick(nowMs);
        // All of it counts as committed, but the last segment is not flushed.
        assertThat(compact(harness)).isEqualTo(1);
        assertThat(offsets(harness)).containsExactly(1L, 2L);
    }

    @Test
    void recordsWithoutAKeyGo() throws IOException {
        LogHarness harness = harness(CONFIG);
        append(harness, Compactions.batch(null, "1", "a", "1", null, "2"));
        append(harness, Compactions.batch(null, "3"));
        roll(harness);
        compact(harness);
        assertThat(offsets(harness)).containsExactly(1L);
    }

    @Test
    void aTombstoneStaysForAWhileAfterItsFirstCompaction() throws IOException {
        LogHarness harness = harness(CONFIG);
        append(harness, Compactions.batch("a", "1", "b", "1"));
        append(harness, Compactions.batch("a", null));
        roll(harness);
        compact(harness);
        assertThat(offsets(harness)).containsExactly(1L, 2L);
        BatchHeader marked = headers(harness).getLast();
        assertThat(marked.hasDeleteHorizon()).isTrue();
        assertThat(marked.baseTimestampMs()).isEqualTo(nowMs + TOMBSTONE_MS);
        assertThat(Compactions.read(harness.log, 2, 100).getFirst().timestampMs())
                .isEqualTo(1000);

        nowMs += TOMBSTONE_MS;
        append(harness, Compactions.batch("c", "1"));
        harness.log.truncateTo(harness.log.logEndOffset(), nowMs);
        assertThat(harness.log.compactionCheckpoint().tombstonesGoneBelow()).isZero();
        roll(harness);
        compact(harness);
        assertThat(offsets(harness)).containsExactly(1L, 3L);
        assertThat(harness.log.compactionCheckpoint().tombstonesGoneBelow()).isEqualTo(3);

        harness.closeCleanly(4);
        harness.open(nowMs);
        assertThat(harness.log.compactionCheckpoint().tombstonesGoneBelow()).isEqualTo(3);
        harness.log.startOver(0, 9, List.of());
        harness.log.startOver(0, 2, List.of());
        harness.closeCleanly(0);
        harness.open(nowMs);
        assertThat(harness.log.compactionCheckpoint().tombstonesGoneBelow()).isEqualTo(9);
    }

    @Test
    void whereTheCheckpointIsDamagedAllTombstonesMayBeGone() throws IOException {
        LogHarness harness = harness(CONFIG);
        append(harness, Compactions.batch("a", "1"));
        roll(harness);
        compact(harness);
        harness.closeCleanly(1);
        String path = LogHarness.NAME + "/compaction-checkpoint";
        try (var file = store.open(path, FileStore.OpenMode.WRITE)) {
            file.write(20, ByteBuffer.wrap(new byte[] {'7'}));
        }
        harness.open(nowMs);
        assertThat(harness.log.compactionCheckpoint().tombstonesGoneBelow()).isEqualTo(1);
        assertThat(compact(harness)).as("all of it is looked at again").isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void aBatchKeepsItsCodecItsEndsAndItsProducer(Compression codec) throws IOException {
        LogHarness harness = harness(CONFIG);
        append(harness, Compactions.batch("a", "1"));
        append(
                harness,
                Compactions.batch(BatchOptions.idempotent(codec, 5, (short) 2, 7), 500, "a", "2", "b", "2", "a", "3"));
        append(harness, Compactions.batch("b", "3"));
        roll(harness);
        compact(harness);
        assertThat(offsets(harness)).containsExactly(3L, 4L);
        BatchHeader batch = headers(harness).get(1);
        assertThat(batch.baseOffset()).isEqualTo(1);
        assertThat(batch.lastOffset()).isEqualTo(3);
        assertThat(batch.recordCount()).isEqualTo(1);
        assertThat(batch.codecBits()).isEqualTo(codec.bits());
        assertThat(batch.producerId()).isEqualTo(5);
        assertThat(batch.baseSequence()).isEqualTo(7);
        assertThat(batch.lastSequence()).isEqualTo(9);
        assertThat(batch.maxTimestampMs()).isEqualTo(500);
    }

    @Test
    void theHeaderOfWhatAProducerMayRetryStays() throws IOException {
        LogHarness harness = harness(CONFIG);
        for (int i = 0; i < 8; i++) {
            BatchOptions options = BatchOptions.idempotent(Compression.NONE, 5, (short) 0, i);
            append(harness, Compactions.batch(options, 500, "a", "" + i));
        }
        append(harness, Compactions.batch("a", "x"));
        roll(harness);
        compact(harness);
        List<BatchHeader> headers = headers(harness);
        // Three that are forgotten have become one without producer, five are remembered.
        assertThat(headers).hasSize(7);
        assertThat(headers.getFirst().lastOffset()).isEqualTo(2);
        assertThat(headers.getFirst().hasProducer()).isFalse();
        assertThat(headers.subList(1, 6)).allMatch(header -> header.producerId() == 5 && header.recordCount() == 0);
        // Once the producer is forgotten, they go.
        nowMs += CONFIG.producerExpiry().toMillis() + 1;
        harness.log.tick(nowMs);
        append(harness, Compactions.batch("b", "1"));
        roll(harness);
        compact(harness);
        assertThat(headers(harness)).hasSize(3);
    }

    @Test
    void whatBelongsToATransactionIsLeftAlone() throws IOException {
        LogHarness harness = harness(CONFIG);
        BatchOptions options = BatchOptions.idempotent(Compression.NONE, 5, (short) 0, 0);
        append(harness, Compactions.batch("a", "1"));
        append(
                harness,
                Compactions.batch(options.withFlags(BatchHeader.TRANSACTIONAL_ATTRIBUTE), 500, "a", "2", "a", null));
        append(
                harness,
                Compactions.batch(
                        options.withFlags(BatchHeader.TRANSACTIONAL_ATTRIBUTE | BatchHeader.CONTROL_ATTRIBUTE),
                        500,
                        "marker",
                        "commit"));
        append(harness, Compactions.batch("b", "1"));
        append(harness, Compactions.batch("b", "2"));
        roll(harness);
        byte[] before = harness.readFrom(1, 10_000);
        compact(harness);
        assertThat(offsets(harness)).containsExactly(0L, 1L, 2L, 3L, 5L);
        byte[] after = harness.readFrom(1, 10_000);
        int opaque =
                headers(harness).get(1).sizeBytes() + headers(harness).get(2).sizeBytes();
        assertThat(java.util.Arrays.copyOf(after, opaque)).isEqualTo(java.util.Arrays.copyOf(before, opaque));
    }

    @Test
    void smallSegmentsBecomeOneAndReadersOfTheOldOnesGoOn() throws IOException {
        LogHarness harness = harness(CONFIG);
        for (int i = 0; i < 60; i++) {
            append(harness, Compactions.batch("key " + i % 3, "value " + i));
        }
        roll(harness);
        assertThat(harness.log.segments()).hasSizeGreaterThan(4);
        CompactionPolicy.Plan plan = harness.log.compactionPlan(60, nowMs).orElseThrow();
        var begun = (LogRead.Batches) harness.log.read(0, 500, 60);
        Compaction.Result result = Compactions.runOnce(harness.log, plan, nowMs, Compactions.MUCH_MEMORY);
        harness.log.compacted(result.cleanedTo());
        assertThat(begun.slices()).isNotEmpty();
        compact(harness);
        append(harness, Compactions.batch("key 0", "new"));
        roll(harness);
        compact(harness);
        assertThat(harness.log.segments()).hasSize(2);
        assertThat(offsets(harness)).containsExactly(58L, 59L, 60L);
        assertThat(headers(harness).getFirst().lastOffset()).isEqualTo(57);
    }

    @Test
    void withLittleMemoryItTakesSeveralRuns() throws IOException {
        LogHarness harness = harness(CONFIG);
        for (int i = 0; i < 60; i++) {
            append(harness, Compactions.batch("key " + i % 20, "value " + i));
        }
        roll(harness);
        int runs = Compactions.run(harness.log, 60, nowMs, 8 * OffsetMap.SLOT_BYTES);
        assertThat(runs).isEqualTo(9);
        assertThat(offsets(harness)).hasSize(20).first().isEqualTo(40L);
    }

    @Test
    void aReaderOrFollowerGoesOnAtAnOffsetThatIsGone() throws IOException {
        LogHarness harness = harness(CONFIG);
        for (int i = 0; i < 9; i++) {
            append(harness, Compactions.batch("a", "" + i));
        }
        roll(harness);
        compact(harness);
        assertThat(headers(harness)).hasSize(2);
        for (long from = 0; from < 8; from++) {
            var read = (LogRead.Batches) harness.log.read(from, 1_000, 9);
            BatchHeader first = BatchHeader.read(read.slices().getFirst(), 0);
            assertThat(first.baseOffset()).isEqualTo(from);
            assertThat(first.lastOffset()).isEqualTo(7);
            LogHarness follower = LogHarness.created(new FaultyFileStore(), CONFIG);
            follower.log.startOver(from, 0, List.of());
            for (ByteBuffer slice : read.slices()) {
                assertThat(follower.log.appendAsFollower(slice, nowMs)).isInstanceOf(AppendResult.Appended.class);
            }
            assertThat(follower.log.logEndOffset()).isEqualTo(9);
            assertThat(Compactions.read(follower.log, from, 100)).hasSize(1);
        }
        // An unclean leader may cut it there.
        assertThat(harness.log.truncateTo(5, nowMs)).isZero();
    }

    @Test
    void whatIsGivenUpOrFailsChangesNothing() throws IOException {
        LogHarness harness = harness(CONFIG);
        for (int i = 0; i < 40; i++) {
            append(harness, Compactions.batch("a", "" + i));
        }
        roll(harness);
        List<Seen> before = Compactions.read(harness.log, 0, 1_000);
        CompactionPolicy.Plan plan = harness.log.compactionPlan(40, nowMs).orElseThrow();
        long[] left = {7};
        Compaction.Host host = new Compaction.Host() {
            @Override
            public boolean moved(long bytes) {
                return --left[0] > 0;
            }

            @Override
            public boolean replace(Compaction.Replacement replacement) {
                throw new AssertionError("it was given up before");
            }
        };
        Compaction.Result result = harness.log
                .beginCompaction(
                        plan, nowMs, new Compaction.Means(Compactions.MUCH_MEMORY, 300, host, Compactions.HASHER))
                .run();
        assertThat(result.isDone()).isFalse();
        assertThat(Compactions.read(harness.log, 0, 1_000)).isEqualTo(before);

        // A segment that leaves the log meanwhile.
        left[0] = Integer.MAX_VALUE;
        Compaction late = harness.log.beginCompaction(
                plan, nowMs, new Compaction.Means(Compactions.MUCH_MEMORY, 300, host, Compactions.HASHER));
        harness.log.advanceLogStart(20);
        for (var segment : harness.log.takeDiscarded()) {
            segment.run();
        }
        assertThatThrownBy(late::run).isInstanceOf(ClosedChannelException.class);
        assertThat(store.list(LogHarness.NAME.toString())).noneMatch(name -> name.endsWith(".cleaned"));
    }

    @Test
    void aFullDiskStopsItAndLeavesTheLogAsItWas() throws IOException {
        int failures = 0;
        for (int at = 1; at <= 40; at++) {
            FaultyFileStore disk = new FaultyFileStore();
            LogHarness harness = LogHarness.created(disk, CONFIG);
            for (int i = 0; i < 40; i++) {
                append(harness, Compactions.batch("key " + i % 7, "" + i));
            }
            roll(harness);
            var before = Compactions.table(Compactions.read(harness.log, 0, 1_000));
            disk.failAt(at, FaultyFileStore.Fault.DISK_FULL);
            try {
                compact(harness);
            } catch (DiskFullException full) {
                failures++;
            }
            disk.clearFault();
            assertThat(Compactions.table(Compactions.read(harness.log, 0, 1_000)))
                    .isEqualTo(before);
            assertThat(disk.list(LogHarness.NAME.toString())).noneMatch(name -> name.endsWith(".cleaned"));
            compact(harness);
            assertThat(offsets(harness)).hasSize(7);
        }
        assertThat(failures).isGreaterThan(5);
    }

    @Test
    void whatStandsForRemovedBatchesIsHandedOutFromWhereTheReaderIs() throws IOException {
        LogHarness harness = harness(Compactions.compacted(LogHarness.SMALL, TOMBSTONE_MS));
        ByteBuffer removed = BatchRewriter.filler(0, 9, 1);
        harness.log.appendAsFollower(removed, nowMs);
        append(harness, Compactions.batch("a", "1"));
        for (String where : List.of("memory", "file")) {
            ByteBuffer read = ByteBuffer.wrap(harness.readFrom(4, 10_000));
            BatchHeader first = BatchHeader.read(read, 0);
            assertThat(first.baseOffset()).as(where).isEqualTo(4);
            assertThat(first.lastOffset()).as(where).isEqualTo(9);
            assertThat(BatchHeader.read(read, first.sizeBytes()).baseOffset()).isEqualTo(10);
            harness.flush();
            harness.closeCleanly(11);
            harness.open(nowMs);
        }
    }
}
