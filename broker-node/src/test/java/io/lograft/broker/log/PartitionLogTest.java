package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.Deletion;
import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.log.io.FaultyFileStore.Fault;
import io.lograft.broker.log.io.NioFileStore;
import io.lograft.broker.log.state.OffsetAndTime;
import io.lograft.broker.log.state.SequenceCheck;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.record.BatchHeader;
import io.lograft.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PartitionLogTest {
    private final FaultyFileStore store = new FaultyFileStore();

    private LogHarness harness(LogConfig config) throws IOException {
        return LogHarness.created(store, config);
    }

    @Test
    void theLeaderGivesOffsetsAndEpochWithoutTouchingTheChecksum() throws IOException {
        LogHarness harness = harness(LogHarness.SMALL);
        assertThat(harness.append(Batches.of(500, "a", "b"), 4, 900))
                .isEqualTo(new AppendResult.Appended(0, 1, 500, 77));
        ByteBuffer second = Batches.of(400, "c");
        assertThat(harness.append(second, 6, 900).firstOffset()).isEqualTo(2);
        RecordBatch batch = RecordBatch.at(second, 0);
        assertThat(batch.baseOffset()).isEqualTo(2);
        assertThat(batch.leaderEpoch()).isEqualTo(6);
        assertThat(batch.verifyCrc()).isTrue();
        assertThat(harness.log.lastEpoch()).isEqualTo(6);
    }

    @Test
    void appendTimeReplacesTheProducersTimeWhereTheTopicSaysSo() throws IOException {
        LogHarness harness = harness(LogHarness.SMALL.withTimestamps(LogConfig.Timestamps.LOG_APPEND_TIME));
        ByteBuffer batch = Batches.of(500, "a", "b");
        assertThat(harness.append(batch, 4, 900).maxTimestampMs()).isEqualTo(900);
        assertThat(BatchHeader.read(batch, 0).isLogAppendTime()).isTrue();
        assertThat(RecordBatch.at(batch, 0).verifyCrc()).isTrue();
    }

    @Test
    void theFollowerRefusesWhatDoesNotContinueItsLog() throws IOException {
        LogHarness harness = harness(LogHarness.SMALL);
        harness.append(Batches.of(500, "a", "b"), 4, 900);
        assertRefused(harness, placed(3, 4), "begins at offset 3, not 2");
        assertRefused(harness, placed(2, 3), "leader epoch 3 after 4");
        ByteBuffer flipped = placed(2, 4);
        flipped.put(70, (byte) (flipped.get(70) ^ 1));
        assertRefused(harness, flipped, "checksum");
        assertRefused(harness, placed(2, 4).limit(40), "cut");
        assertRefused(harness, ByteBuffer.allocate(0), "cut");
        ByteBuffer oldFormat = placed(2, 4);
        oldFormat.put(BatchHeader.MAGIC_POSITION, (byte) 1);
        assertRefused(harness, oldFormat, "format");
        assertThat(harness.log.logEndOffset()).isEqualTo(2);
        assertThat(harness.log.appendAsFollower(placed(2, 4), 900)).isInstanceOf(AppendResult.Appended.class);
    }

    /** A follower far behind gets megabytes at once; compaction and retention see closed segments only. */
    @Test
    void whatALeaderSendsAtOnceIsPartedIntoSegments() throws IOException {
        LogHarness harness = harness(LogHarness.SMALL);
        ByteBuffer all = ByteBuffer.allocate(20_000);
        for (int i = 0; i < 100; i++) {
            all.put(placed(i, 4));
        }
        ByteBuffer large = Batches.of(500, "x".repeat(3_000));
        RecordBatch.at(large, 0).assign(100, 4);
        all.put(large).put(placed(101, 5));
        assertThat(harness.log.appendAsFollower(all.flip(), 900))
                .isEqualTo(new AppendResult.Appended(0, 101, 500, all.limit()));
        assertThat(harness.log.segments().size()).isGreaterThan(7);
        assertThat(harness.log.segments())
                .allMatch(segment -> segment.sizeBytes() <= 1024 || segment.baseOffset() == 100);
        byte[] written = Batches.bytes(all);
        assertThat(harness.readFrom(0, 5_000)).isEqualTo(written);
        harness.flush();
        harness.abandon();
        harness.open(900);
        assertThat(harness.readFrom(0, 5_000)).isEqualTo(written);
        assertThat(harness.log.lastEpoch()).isEqualTo(5);
    }

    private static ByteBuffer placed(long offset, int epoch) {
        ByteBuffer batch = Batches.of(500, "xyz");
        RecordBatch.at(batch, 0).assign(offset, epoch);
        return batch;
    }

    private static void assertRefused(LogHarness harness, ByteBuffer batches, String why) throws IOException {
        assertThat(harness.log.appendAsFollower(batches, 900))
                .isInstanceOfSatisfying(AppendResult.Refused.class, refused -> {
                    assertThat(refused.error()).isEqualTo(ErrorCode.CORRUPT_BATCH);
                    assertThat(refused.message()).contains(why);
                });
    }

    @Test
    void readsOfTheTailCopyNothing() throws IOException {
        LogHarness harness = harness(LogHarness.SMALL);
        ByteBuffer batch = Batches.of(500, "a", "b");
        harness.append(batch, 1, 900);
        var read = (LogRead.Batches) harness.log.read(1, 1, 2);
        assertThat(read.slices()).hasSize(1);
        harness.log.tick(900 + LogHarness.SMALL.tail().age().toMillis() + 1);
        var later = (LogRead.Batches) harness.log.read(1, 1, 2);
        byte[] before = Batches.bytes(later.slices().getFirst());
        assertThat(before).isEqualTo(Batches.bytes(read.slices().getFirst()));
        batch.put(70, (byte) 99);
        assertThat(Batches.bytes(read.slices().getFirst())).isEqualTo(Batches.bytes(batch));
        assertThat(Batches.bytes(later.slices().getFirst())).isEqualTo(before);
    }

    @Test
    void readsEndBelowTheGivenEndWithWholeBatches() throws IOException {
        for (int tailBytes : new int[] {0, 4096}) {
            LogHarness harness =
                    LogHarness.created(new FaultyFileStore(), LogHarness.SMALL.withTailBytesMax(tailBytes));
            for (int i = 0; i < 4; i++) {
                harness.append(Batches.of(500, "a", "b"), 1, 900);
            }
            assertThat(((LogRead.Batches) harness.log.read(1, 4096, 5)).nextOffset())
                    .isEqualTo(4);
            assertThat(((LogRead.Batches) harness.log.read(4, 4096, 5)).slices())
                    .isEmpty();
            assertThat(((LogRead.Batches) harness.log.read(4, 4096, 5)).nextOffset())
                    .isEqualTo(4);
            assertThat(((LogRead.Batches) harness.log.read(0, 1, 8)).nextOffset())
                    .isEqualTo(2);
            assertThat(((LogRead.Batches) harness.log.read(8, 1, 8)).slices()).isEmpty();
            assertThat(harness.log.read(9, 1, 8)).isEqualTo(new LogRead.OutOfRange(0, 8));
        }
    }

    @Test
    void findsRecordsByTime() throws IOException {
        LogHarness harness = harness(LogHarness.SMALL);
        for (int i = 0; i < 40; i++) {
            harness.append(Batches.of(1000 + i / 2 * 10, "a" + i, "b" + i), 1, 900);
        }
        assertThat(harness.log.segments()).hasSizeGreaterThan(2);
        for (int time = 990; time <= 1190; time++) {
            int batch = Math.max(0, (time - 1000 + 9) / 10) * 2;
            assertThat(harness.log.offsetForTime(time, Long.MAX_VALUE))
                    .as("time %d", time)
                    .contains(new OffsetAndTime(batch * 2L, 1000 + batch / 2 * 10L));
        }
        assertThat(harness.log.offsetForTime(1191, Long.MAX_VALUE)).isEmpty();
        assertThat(harness.log.offsetForTime(1100, 20)).isEmpty();
        harness.log.advanceLogStart(15);
        assertThat(harness.log.offsetForTime(0, Long.MAX_VALUE)).contains(new OffsetAndTime(15, 1030));
    }

    @Test
    void segmentsRollBySizeAndByAge() throws IOException {
        LogHarness harness = harness(LogHarness.SMALL.withSegmentAge(Duration.ofMillis(100)));
        harness.append(Batches.of(500, "a"), 1, 1000);
        harness.append(Batches.of(500, "a"), 1, 1099);
        assertThat(harness.log.segments()).hasSize(1);
        harness.append(Batches.of(500, "a"), 1, 1100);
        assertThat(harness.log.segments()).hasSize(2);
        harness.log.tick(1199);
        assertThat(harness.log.segments()).hasSize(2);
        harness.log.tick(1200);
        assertThat(harness.log.segments()).hasSize(3);
        harness.log.tick(9999);
        assertThat(harness.log.segments()).hasSize(3);
        harness.append(Batches.of(500, "x".repeat(1500)), 1, 9999);
        harness.append(Batches.of(500, "a"), 1, 9999);
        assertThat(harness.log.segments()).extracting(s -> s.baseOffset()).containsExactly(0L, 2L, 3L, 4L);
    }

    @Test
    void aFlushRoundBegunBeforeATruncationCountsForNothing() throws IOException {
        LogHarness harness = harness(LogHarness.SMALL);
        for (int i = 0; i < 30; i++) {
            harness.append(Batches.of(500, "abc" + i), 1, 900);
        }
        FlushRound round = harness.log.beginFlush();
        assertThat(round.endOffset()).isEqualTo(30);
        harness.log.truncateTo(20, 900);
        round.run();
        assertThat(harness.log.completeFlush(round)).isFalse();
        assertThat(harness.log.flushedOffset()).isZero();
        harness.append(Batches.of(500, "new"), 2, 900);
        harness.flush();
        assertThat(harness.log.flushedOffset()).isEqualTo(21);
        assertThat(harness.log.needsFlush()).isFalse();
    }

    @Test
    void whatIsAppendedDuringARoundWaitsForTheNext() throws IOException {
        LogHarness harness = harness(LogHarness.SMALL);
        harness.append(Batches.of(500, "a"), 1, 900);
        FlushRound round = harness.log.beginFlush();
        assertThatThrownBy(() -> harness.log.beginFlush()).isInstanceOf(IllegalStateException.class);
        harness.append(Batches.of(500, "b"), 1, 900);
        round.run();
        assertThat(harness.log.completeFlush(round)).isTrue();
        assertThat(harness.log.flushedOffset()).isEqualTo(1);
        assertThat(harness.log.needsFlush()).isTrue();
    }

    @Test
    void aFailedRoundRaisesNothing() throws IOException {
        LogHarness harness = harness(LogHarness.SMALL);
        harness.append(Batches.of(500, "a"), 1, 900);
        FlushRound round = harness.log.beginFlush();
        store.failAt(1, Fault.IO_ERROR);
        assertThatThrownBy(round::run).isInstanceOf(IOException.class);
        assertThat(harness.log.completeFlush(round)).isFalse();
        assertThat(harness.log.flushedOffset()).isZero();
    }

    @Test
    void aFullDiskAtAnyOperationOfAnAppendLeavesTheLogAsItWas() throws IOException {
        for (int at = 1; at < 80; at++) {
            FaultyFileStore disk = new FaultyFileStore();
            LogHarness harness = LogHarness.created(disk, LogHarness.SMALL);
            disk.failAt(at, Fault.DISK_FULL);
            Random random = new Random(3);
            for (int i = 0; i < 40; i++) {
                ByteBuffer batch = Batches.random(random, 1000, 100);
                long end = harness.log.logEndOffset();
                try {
                    harness.append(batch.duplicate(), 1, 900);
                } catch (DiskFullException full) {
                    assertThat(harness.log.logEndOffset()).isEqualTo(end);
                    harness.append(batch, 1, 900);
                }
            }
            disk.clearFault();
            harness.closeCleanly(0);
            var summary = LogVerifier.verify(disk, LogHarness.NAME.toString(), 0, Long.MAX_VALUE);
            assertThat(summary.problems()).as("disk full at operation %d", at).isEmpty();
            assertThat(summary.batches()).isEqualTo(40);
        }
    }

    @Test
    void producerStatesAreRolledBackWithATruncation() throws IOException {
        LogHarness harness = harness(LogHarness.SMALL);
        for (int i = 0; i < 20; i++) {
            harness.append(Batches.ofProducer(9, 0, i, "value " + i), 1, 900);
        }
        harness.flush();
        BatchHeader tenth = BatchHeader.read(Batches.ofProducer(9, 0, 10, "value 10"), 0);
        assertThat(harness.log.checkSequence(tenth)).isInstanceOf(SequenceCheck.Refused.class);
        harness.log.truncateTo(10, 900);
        assertThat(harness.log.checkSequence(tenth)).isInstanceOf(SequenceCheck.New.class);
        BatchHeader ninth = BatchHeader.read(Batches.ofProducer(9, 0, 9, "value 9"), 0);
        assertThat(harness.log.checkSequence(ninth)).isEqualTo(new SequenceCheck.Duplicate(9, 9));
        harness.log.startOver(100, 0, List.of());
        assertThat(harness.log.checkSequence(tenth)).isInstanceOf(SequenceCheck.Refused.class);
    }

    @Test
    void theFlushModeIsKeptWithTheLog() throws IOException {
        LogHarness harness = harness(LogHarness.SMALL);
        harness.log.recordFlushMode(FlushMode.OS);
        harness.append(Batches.of(500, "a"), 1, 900);
        harness.abandon();
        harness.open(1000);
        assertThat(harness.log.flushMode()).isEqualTo(FlushMode.OS);
        harness.log.recordFlushMode(FlushMode.COMMIT);
        assertThat(harness.log.flushMode()).isEqualTo(FlushMode.COMMIT);
        assertThat(harness.log.topicId()).isEqualTo(LogHarness.ID);
    }

    @Test
    void anIndexEntryThatLeadsAstrayCostsOnlyTime() throws IOException {
        LogHarness harness = harness(LogHarness.SMALL.withTailBytesMax(0));
        for (int i = 0; i < 30; i++) {
            harness.append(Batches.of(500, "abc" + i), 1, 900);
        }
        byte[] all = harness.readFrom(0, 300);
        String index = LogHarness.NAME + "/00000000000000000000.index";
        assertThat(store.sizeBytes(index)).isGreaterThan(16);
        for (int position = 0; position < store.sizeBytes(index); position++) {
            store.flipBit(index, position, 6);
            for (long offset = 0; offset < 30; offset++) {
                byte[] found = harness.readFrom(offset, 300);
                assertThat(found).isEqualTo(Arrays.copyOfRange(all, all.length - found.length, all.length));
                assertThat(ByteBuffer.wrap(found).getLong(0)).isEqualTo(offset);
            }
            store.flipBit(index, position, 6);
        }
    }

    @Test
    void discardedSegmentsStayReadableUntilTheyAreDeleted() throws IOException {
        LogHarness harness = harness(LogHarness.SMALL);
        for (int i = 0; i < 30; i++) {
            harness.append(Batches.of(500, "abc" + i), 1, 900);
        }
        assertThat(harness.log.advanceLogStart(25)).isTrue();
        assertThat(harness.log.advanceLogStart(25)).isFalse();
        assertThat(harness.log.read(24, 10, 30)).isEqualTo(new LogRead.OutOfRange(25, 30));
        assertThat(harness.log.segments().getFirst().baseOffset()).isLessThanOrEqualTo(25);
        for (var segment : harness.log.takeDiscarded()) {
            segment.run();
        }
        assertThat(store.list(LogHarness.NAME.toString())).noneMatch(name -> name.endsWith(".deleted"));
        assertThat(harness.log.advanceLogStart(99)).isTrue();
        assertThat(harness.log.logStartOffset()).isEqualTo(30);
        assertThat(harness.log.epochs()).isEmpty();
        harness.closeCleanly(0);
        assertThat(store.openFiles()).isEmpty();
    }

    /** There a file's path follows its renaming. */
    @Test
    void discardedSegmentsAreDeletedFromARealDisk(@TempDir Path directory) throws IOException {
        NioFileStore disk = new NioFileStore(directory);
        LogHarness harness = LogHarness.created(disk, LogHarness.SMALL);
        for (int i = 0; i < 30; i++) {
            harness.append(Batches.of(500, "abc" + i), 1, 900);
        }
        harness.flush();
        assertThat(harness.log.advanceLogStart(25)).isTrue();
        List<Deletion> discarded = harness.log.takeDiscarded();
        assertThat(discarded).isNotEmpty();
        for (Deletion segment : discarded) {
            segment.run();
        }
        assertThat(disk.list(LogHarness.NAME.toString())).noneMatch(name -> name.endsWith(".deleted"));
        harness.closeCleanly(0);
    }
}
