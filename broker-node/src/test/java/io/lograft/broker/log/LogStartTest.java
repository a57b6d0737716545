package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.io.Deletion;
import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.log.io.FaultyFileStore.Loss;
import io.lograft.broker.log.state.ProducerStates;
import io.lograft.broker.log.state.SequenceCheck;
import io.lograft.record.BatchHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of files, of what is known of producers, and of the log start itself when a log starts later. */
final class LogStartTest {
    private FaultyFileStore store = new FaultyFileStore();

    private LogHarness filled(int batches) throws IOException {
        LogHarness harness = LogHarness.created(store, LogHarness.SMALL);
        for (int i = 0; i < batches; i++) {
            harness.append(Batches.ofProducer(9, 0, i, "a value of some length, number " + i), 1, 1_000 + i);
        }
        harness.flush();
        harness.flush();
        return harness;
    }

    private static void deleteDiscarded(LogHarness harness) throws IOException {
        for (Deletion files : harness.log.takeDiscarded()) {
            files.run();
        }
    }

    private boolean isKnown(LogHarness harness, int sequence) {
        BatchHeader again = BatchHeader.read(Batches.ofProducer(9, 0, sequence, "a value"), 0);
        return harness.log.checkSequence(again) instanceof SequenceCheck.Duplicate;
    }

    @Test
    void allRecordsGoAlsoFromTheSegmentThatIsWrittenTo() throws IOException {
        LogHarness harness = filled(40);
        harness.log.advanceLogStart(40);
        harness.log.tick(2_000);
        deleteDiscarded(harness);
        assertThat(harness.log.sizeBytes()).isZero();
        assertThat(store.list(LogHarness.NAME.toString()).stream().filter(name -> name.endsWith(".log")))
                .containsExactly("00000000000000000040.log");
        assertThat(isKnown(harness, 39)).isTrue();
    }

    @Test
    void producersAreRememberedThroughAPowerCutThoughAllTheirRecordsAreGone() throws IOException {
        LogHarness harness = filled(40);
        harness.log.advanceLogStart(40);
        harness.log.tick(2_000);
        deleteDiscarded(harness);
        harness.checkpoint(40);
        harness.abandon();
        store.crash(FaultyFileStore.Loss.ALL, 0);
        harness.open(3_000);
        assertThat(harness.log.logStartOffset()).isEqualTo(40);
        assertThat(harness.log.logEndOffset()).isEqualTo(40);
        assertThat(isKnown(harness, 39)).isTrue();
    }

    /** The snapshot at the log start alone tells of them; an orderly stop writes it once more. */
    @ParameterizedTest
    @EnumSource
    void producersAreRememberedWhereAnOrderlyStopFailsHalfWay(FaultyFileStore.Loss loss) throws IOException {
        int failed = 0;
        boolean isThrough = false;
        for (int at = 1; !isThrough; at++) {
            store = new FaultyFileStore();
            LogHarness harness = filled(40);
            harness.log.advanceLogStart(40);
            harness.log.tick(2_000);
            deleteDiscarded(harness);
            harness.checkpoint(40);
            store.failAt(at, FaultyFileStore.Fault.IO_ERROR);
            try {
                harness.closeCleanly(40);
                isThrough = true;
            } catch (IOException broken) {
                failed++;
            }
            store.crash(loss, at);
            harness.open(3_000);
            assertThat(isKnown(harness, 39)).as("operation %d failed", at).isTrue();
        }
        assertThat(failed).isGreaterThan(5);
    }

    @Test
    void whatIsNotFlushedYetStaysOnTheDisk() throws IOException {
        LogHarness harness = LogHarness.created(store, LogHarness.SMALL);
        for (int i = 0; i < 40; i++) {
            harness.append(Batches.of(500, "abc" + i), 1, 900);
        }
        int segments = harness.log.segments().size();
        assertThat(harness.log.advanceLogStart(35)).isTrue();
        assertThat(harness.log.segments()).hasSize(segments);
        harness.flush();
        harness.log.tick(1_000);
        assertThat(harness.log.segments().size()).isLessThan(segments);
    }

    @Test
    void aRecordedStartIsFoundAgainAlsoWhereALaterTruncationPointIsNotGoneForGood() throws IOException {
        LogHarness harness = filled(40);
        harness.checkpoint(40);
        assertThat(harness.log.advanceLogStart(13)).isTrue();
        assertThat(harness.log.recordedLogStart()).isZero();
        harness.checkpoint(40);
        assertThat(harness.log.recordedLogStart()).isEqualTo(13);
        harness.abandon();
        store.crash(FaultyFileStore.Loss.ALL, 0);
        harness.open(3_000);
        assertThat(harness.log.logStartOffset()).isEqualTo(13);
        assertThat(harness.log.recordedLogStart()).isEqualTo(13);
    }

    @Test
    void aStartIsNotTakenForRecordedThatAPowerCutWouldTake() throws IOException {
        LogHarness harness = filled(40);
        harness.checkpoint(40);
        harness.log.startOver(10, 0, List.of());
        for (int i = 10; i < 16; i++) {
            harness.append(Batches.of(500, "value " + i), 2, 1_000);
        }
        harness.flush();
        harness.log.advanceLogStart(14);
        // An orderly stop writes the checkpoints, but the truncation point says still that they do not count.
        harness.log.closeCleanly();
        harness.checkpoint(16);
        harness.directory.closeCleanly();
        harness.open(2_000);
        assertThat(harness.log.logStartOffset()).isEqualTo(14);
        long recorded = harness.log.recordedLogStart();
        harness.abandon();
        store.crash(Loss.ALL, 1);
        harness.open(3_000);
        assertThat(harness.log.logStartOffset()).isGreaterThanOrEqualTo(recorded);
        harness.checkpoint(16);
        assertThat(harness.log.recordedLogStart()).isEqualTo(harness.log.logStartOffset());
    }

    /** As with {@code flush.mode=os}, where the log start may move beyond what is flushed. */
    @ParameterizedTest
    @EnumSource(Loss.class)
    void aRecordedStartHoldsThoughAllFromThereOnAndBeforeIsLost(Loss loss) throws IOException {
        LogHarness harness = LogHarness.created(store, LogHarness.SMALL);
        for (int i = 0; i < 40; i++) {
            harness.append(Batches.ofProducer(9, 0, i, "a value of some length, number " + i), 1, 1_000 + i);
            if (i == 9) {
                harness.flush();
            }
        }
        harness.log.advanceLogStart(35);
        harness.checkpoint(10);
        for (int boot = 1; boot <= 3; boot++) {
            harness.abandon();
            store.crash(loss, 7);
            harness.open(3_000);
            assertThat(harness.log.logStartOffset()).isEqualTo(35);
            assertThat(harness.log.logEndOffset()).isBetween(35L, 40L);
            assertThat(isKnown(harness, loss == Loss.NONE ? 39 : 9) || loss == Loss.SOME)
                    .isTrue();
        }
        long end = harness.log.logEndOffset();
        harness.append(Batches.of(500, "next"), 2, 4_000);
        harness.flush();
        harness.abandon();
        store.crash(Loss.ALL, 0);
        harness.open(5_000);
        assertThat(harness.log.logEndOffset()).isEqualTo(end + 1);
    }

    @ParameterizedTest
    @EnumSource
    void aStartOverByRecoveryIsFinishedWhateverFails(FaultyFileStore.Fault fault) throws IOException {
        int failures = 0;
        boolean hasFailed = false;
        for (int operation = 1; hasFailed || operation < 60; operation++) {
            LogHarness harness = endingBelowItsStart();
            store.failAt(operation, fault);
            hasFailed = !opens(harness);
            failures += hasFailed ? 1 : 0;
            store.clearFault();
            store.crash(Loss.SOME, operation);
            harness.open(4_000);
            assertThat(harness.log.logStartOffset()).isEqualTo(35);
            assertThat(harness.log.logEndOffset()).isEqualTo(35);
            assertThat(isKnown(harness, 9)).isTrue();
            harness.append(Batches.of(500, "next"), 2, 5_000);
            harness.flush();
            harness.abandon();
            store.crash(Loss.ALL, 3);
            harness.open(6_000);
            assertThat(harness.log.logStartOffset()).isEqualTo(35);
            assertThat(harness.log.logEndOffset()).isEqualTo(36);
            harness.abandon();
        }
        // A full disk fails only what needs room.
        assertThat(failures).isGreaterThan(fault == FaultyFileStore.Fault.DISK_FULL ? 3 : 10);
    }

    @Test
    void thatProducersAreLostIsRememberedUntilALeaderTellsOfThem() throws IOException {
        LogHarness harness = endingBelowItsStart();
        harness.open(3_000);
        assertThat(harness.log.hasLostProducers()).isTrue();
        harness.append(Batches.of(500, "next"), 2, 5_000);
        harness.flush();
        harness.checkpoint(36);
        harness.abandon();
        store.crash(Loss.NONE, 0);
        harness.open(4_000);
        assertThat(harness.log.hasLostProducers()).isTrue();
        harness.log.startOver(20, 0, List.of());
        assertThat(harness.log.hasLostProducers()).isFalse();
        harness.abandon();
        store.crash(Loss.ALL, 0);
        harness.open(5_000);
        assertThat(harness.log.hasLostProducers()).isFalse();
    }

    /** A log whose recorded start is 35, of which a power cut has left what is below 10. */
    private LogHarness endingBelowItsStart() throws IOException {
        store = new FaultyFileStore();
        LogHarness harness = LogHarness.created(store, LogHarness.SMALL);
        for (int i = 0; i < 40; i++) {
            harness.append(Batches.ofProducer(9, 0, i, "a value of some length, number " + i), 1, 1_000 + i);
            if (i == 9) {
                harness.flush();
            }
        }
        harness.log.advanceLogStart(35);
        harness.checkpoint(10);
        harness.abandon();
        store.crash(Loss.ALL, 7);
        return harness;
    }

    private static boolean opens(LogHarness harness) {
        try {
            harness.open(3_000);
            harness.abandon();
            return true;
        } catch (IOException failed) {
            harness.directory.close();
            return false;
        }
    }

    @Test
    void aLogThatStartsWithinABatchTakesTheWholeBatch() throws IOException {
        LogHarness leader = LogHarness.created(store, LogHarness.SMALL);
        leader.append(Batches.of(500, "a", "b", "c", "d"), 3, 900);
        leader.append(Batches.of(500, "e"), 3, 900);
        leader.log.advanceLogStart(2);
        FaultyFileStore other = new FaultyFileStore();
        LogHarness follower = LogHarness.created(other, LogHarness.SMALL);
        follower.log.startOver(2, 0, List.of());
        var read = (LogRead.Batches) leader.log.read(2, 10_000, 5);
        ByteBuffer all = ByteBuffer.allocate(read.sizeBytes());
        read.slices().forEach(slice -> all.put(slice.duplicate()));
        assertThat(follower.log.appendAsFollower(all.flip(), 900)).isInstanceOf(AppendResult.Appended.class);
        assertThat(follower.log.logStartOffset()).isEqualTo(2);
        assertThat(follower.log.logEndOffset()).isEqualTo(5);
        assertThat(follower.log.read(1, 100, 5)).isEqualTo(new LogRead.OutOfRange(2, 5));
        assertThat(follower.log.epochs()).isEqualTo(leader.log.epochs());
    }

    /** What is committed reaches up to where the log starts, so it must not end before, whatever becomes of the batch. */
    @Test
    void aLogThatStartsWithinABatchItCannotTakeStaysWhereItIs() throws IOException {
        ByteBuffer batch = Batches.of(500, "a", "b", "c", "d").putInt(BatchHeader.LEADER_EPOCH_POSITION, 3);
        ByteBuffer damaged = Batches.of(500, "a", "b", "c", "d").putInt(BatchHeader.LEADER_EPOCH_POSITION, 3);
        damaged.put(damaged.limit() - 1, (byte) 77);
        LogHarness follower = LogHarness.created(store, LogHarness.SMALL);
        follower.log.startOver(2, 0, List.of());
        assertThat(follower.log.appendAsFollower(damaged, 900)).isInstanceOf(AppendResult.Refused.class);
        assertBounds(follower, 2, 2);
        int refused = 0;
        for (int at = 1; at < 12; at++) {
            FaultyFileStore disk = new FaultyFileStore();
            follower = LogHarness.created(disk, LogHarness.SMALL);
            follower.log.startOver(2, 0, List.of());
            disk.failAt(at, FaultyFileStore.Fault.DISK_FULL);
            try {
                follower.log.appendAsFollower(batch.duplicate(), 900);
                assertBounds(follower, 2, 4);
            } catch (DiskFullException full) {
                refused++;
                assertBounds(follower, 2, 2);
            } catch (IOException failed) {
                assertThat(failed).hasMessageContaining("no room");
            }
        }
        assertThat(refused).isPositive();
    }

    /** What lies below the log start is said to be deleted, and what ends there to be committed. */
    @ParameterizedTest
    @EnumSource(Loss.class)
    void aPowerCutWhileItTakesTheBatchLeavesTheStartWhereItIs(Loss loss) throws IOException {
        List<ProducerStates.Entry> known = List.of(new ProducerStates.Entry(7, (short) 1, 3, 5, 1, 900));
        for (int seed = 0; seed < (loss == Loss.SOME ? 30 : 1); seed++) {
            boolean isOver = false;
            for (int at = 1; !isOver; at++) {
                FaultyFileStore disk = new FaultyFileStore();
                LogHarness follower = LogHarness.created(disk, LogHarness.SMALL);
                follower.log.startOver(2, 0, known);
                follower.checkpoint(2);
                ByteBuffer batch = Batches.ofProducer(9, 0, 4, "a", "b", "c", "d");
                disk.failAt(at, FaultyFileStore.Fault.POWER_CUT);
                try {
                    follower.log.appendAsFollower(batch.putInt(BatchHeader.LEADER_EPOCH_POSITION, 3), 900);
                    isOver = true;
                } catch (FaultyFileStore.PowerCut expected) {
                    assertThat(at).isLessThan(60);
                }
                disk.crash(loss, seed * 100L + at);
                follower.open(900);
                boolean hasIt = follower.log.logEndOffset() == 4;
                assertBounds(follower, 2, hasIt ? 4 : 2);
                List<Long> producers = follower.log.producersBelow(Long.MAX_VALUE).stream()
                        .map(ProducerStates.Entry::producerId)
                        .toList();
                assertThat(producers).containsExactlyInAnyOrderElementsOf(hasIt ? List.of(7L, 9L) : List.of(7L));
                follower.closeCleanly(2);
                follower.open(900);
                assertBounds(follower, 2, hasIt ? 4 : 2);
            }
        }
    }

    private static void assertBounds(LogHarness harness, long startOffset, long endOffset) {
        assertThat(harness.log.logStartOffset()).isEqualTo(startOffset);
        assertThat(harness.log.logEndOffset()).isEqualTo(endOffset);
    }

    @Test
    void settingsReachAnOpenLog() throws IOException {
        LogHarness harness = filled(3);
        assertThat(harness.log.segments()).hasSize(1);
        harness.log.reconfigure(LogHarness.SMALL.withSegmentBytes(1 << 20));
        for (int i = 3; i < 40; i++) {
            harness.append(Batches.ofProducer(9, 0, i, "a value of some length, number " + i), 1, 2_000);
        }
        assertThat(harness.log.segments()).hasSize(1);
    }
}
