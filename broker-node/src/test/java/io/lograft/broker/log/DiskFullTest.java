package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.log.io.FaultyFileStore.Fault;
import io.lograft.broker.log.io.FaultyFileStore.Loss;
import io.lograft.model.FlushMode;
import io.lograft.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a log and its directory do when the disk is full, at every operation; appends are in PartitionLogTest. */
final class DiskFullTest {
    private static final int BATCHES = 40;
    private static final int OPERATIONS_MAX = 60;

    @Test
    void aTruncationWithoutRoomIsRepeatedAndLeavesAWholeLog() throws IOException {
        int failed = 0;
        for (int at = 1; at < OPERATIONS_MAX; at++) {
            FaultyFileStore disk = new FaultyFileStore();
            LogHarness harness = filled(disk);
            long target = harness.log.logEndOffset() / 2;
            disk.failAt(at, Fault.DISK_FULL);
            try {
                harness.log.truncateTo(target, 900);
            } catch (DiskFullException full) {
                failed++;
                harness.log.truncateTo(target, 900);
            } catch (IOException other) {
                throw new AssertionError("operation " + at, other);
            }
            disk.clearFault();
            assertThat(harness.log.logEndOffset()).isLessThanOrEqualTo(target);
            harness.append(Batches.of(900, "after"), 5, 900);
            assertWhole(harness, disk, "disk full at operation " + at);
        }
        assertThat(failed).isPositive();
    }

    /** Of what a leader sends at once the first batches may find room; a follower asks for the rest again. */
    @Test
    void aFollowersLogEndsWithWhatFoundRoom() throws IOException {
        ByteBuffer all = ByteBuffer.allocate(20_000);
        for (int i = 0; i < 60; i++) {
            ByteBuffer batch = Batches.of(900, "a", "b");
            RecordBatch.at(batch, 0).assign(2L * i, 3);
            all.put(batch);
        }
        all.flip();
        int inPart = 0;
        for (int at = 1; at < OPERATIONS_MAX; at++) {
            FaultyFileStore disk = new FaultyFileStore();
            LogHarness harness = LogHarness.created(disk, LogHarness.SMALL);
            disk.failAt(at, Fault.DISK_FULL);
            try {
                harness.log.appendAsFollower(all.duplicate(), 900);
            } catch (DiskFullException full) {
                long end = harness.log.logEndOffset();
                inPart += end > 0 ? 1 : 0;
                ByteBuffer rest = all.duplicate().position(Math.toIntExact(end / 2 * (all.limit() / 60)));
                harness.log.appendAsFollower(rest, 900);
            }
            disk.clearFault();
            assertThat(harness.readFrom(0, 5_000)).isEqualTo(Batches.bytes(all));
            assertWhole(harness, disk, "disk full at operation " + at);
        }
        assertThat(inPart).isPositive();
    }

    @Test
    void startingOverWithoutRoomChangesNothingOrFailsTheDirectory() throws IOException {
        int refused = 0;
        int broken = 0;
        for (int at = 1; at < OPERATIONS_MAX; at++) {
            FaultyFileStore disk = new FaultyFileStore();
            LogHarness harness = filled(disk);
            long end = harness.log.logEndOffset();
            disk.failAt(at, Fault.DISK_FULL);
            try {
                harness.log.startOver(7, 0, List.of());
                assertThat(harness.log.logEndOffset()).isEqualTo(7);
            } catch (DiskFullException full) {
                refused++;
                assertThat(harness.log.logEndOffset()).isEqualTo(end);
                harness.log.startOver(7, 0, List.of());
                assertWhole(harness, disk, "disk full at operation " + at);
            } catch (IOException failed) {
                broken++;
                assertThat(failed).hasMessageContaining("no room for an empty log");
            }
        }
        assertThat(refused).isPositive();
        assertThat(broken).isPositive();
    }

    @Test
    void aFlushThatCannotWriteTheEpochsCountsForNothingAndIsRepeated() throws IOException {
        for (int at = 2; at <= 3; at++) {
            FaultyFileStore disk = new FaultyFileStore();
            LogHarness harness = LogHarness.created(disk, LogHarness.SMALL);
            harness.append(Batches.of(500, "a"), 1, 900);
            FlushRound round = harness.log.beginFlush();
            disk.failAt(at, Fault.DISK_FULL);
            assertThatThrownBy(round::run).isInstanceOf(DiskFullException.class);
            assertThat(harness.log.completeFlush(round)).isFalse();
            assertThat(harness.log.flushedOffset()).isZero();
            assertThat(harness.log.needsFlush()).isTrue();
            harness.flush();
            assertThat(harness.log.flushedOffset()).isEqualTo(1);
            disk.crash(Loss.ALL, at);
            harness.open(900);
            assertThat(harness.log.lastEpoch()).isEqualTo(1);
        }
    }

    @Test
    void aSegmentThatIsOldStaysUntilThereIsRoomForAnother() throws IOException {
        FaultyFileStore disk = new FaultyFileStore();
        LogHarness harness = LogHarness.created(disk, LogHarness.SMALL);
        harness.append(Batches.of(500, "a"), 1, 900);
        long oldMs = 900 + harness.config.segmentAge().toMillis();
        disk.failAt(2, Fault.DISK_FULL);
        assertThatThrownBy(() -> harness.log.tick(oldMs)).isInstanceOf(DiskFullException.class);
        assertThat(harness.log.segments()).hasSize(1);
        assertThat(harness.readFrom(0, 1_000)).isNotEmpty();
        harness.log.tick(oldMs);
        assertThat(harness.log.segments()).hasSize(2);
        assertWhole(harness, disk, "after the roll");
    }

    @Test
    void aStopWithoutRoomIsNotCleanAndLosesNothing() throws IOException {
        FaultyFileStore disk = new FaultyFileStore();
        LogHarness harness = LogHarness.created(disk, LogHarness.SMALL);
        harness.append(Batches.of(500, "a"), 1, 900);
        harness.flush();
        harness.append(Batches.of(500, "b"), 2, 900);
        disk.capacityBytes(0);
        assertThatThrownBy(() -> harness.closeCleanly(0)).isInstanceOf(DiskFullException.class);
        harness.abandon();
        assertThat(disk.exists(".clean-shutdown")).isFalse();
        disk.crash(Loss.NONE, 1);
        disk.capacityBytes(Long.MAX_VALUE);
        harness.open(900);
        assertThat(harness.log.logEndOffset()).isEqualTo(2);
        assertThat(harness.log.lastEpoch()).isEqualTo(2);
    }

    @Test
    void checkpointsWithoutRoomStayAsTheyWereAndAreWrittenLater() throws IOException {
        for (int at = 1; at < 13; at++) {
            FaultyFileStore disk = new FaultyFileStore();
            LogHarness harness = filled(disk);
            harness.checkpoint(3);
            harness.append(Batches.of(900, "more"), 5, 900);
            harness.flush();
            disk.failAt(at, Fault.DISK_FULL);
            try {
                harness.checkpoint(5);
            } catch (DiskFullException full) {
                harness.checkpoint(5);
            }
            disk.crash(Loss.ALL, at);
            harness.open(900);
            assertThat(harness.directory.checkpointedHighWatermark(LogHarness.NAME))
                    .isEqualTo(5);
            assertThat(harness.log.logEndOffset()).isEqualTo(harness.log.flushedOffset());
        }
    }

    @Test
    void aLogThatFoundNoRoomCanBeMadeLater() throws IOException {
        int failed = 0;
        for (int at = 1; at < 18; at++) {
            FaultyFileStore disk = new FaultyFileStore();
            LogHarness harness = LogHarness.created(disk, LogHarness.SMALL);
            var other = new io.lograft.model.TopicPartition("later", 3);
            disk.failAt(at, Fault.DISK_FULL);
            try {
                harness.directory.createPartition(other, LogHarness.ID, FlushMode.COMMIT, harness.config);
            } catch (DiskFullException full) {
                failed++;
                PartitionLog log =
                        harness.directory.createPartition(other, LogHarness.ID, FlushMode.COMMIT, harness.config);
                assertThat(log.logEndOffset()).isZero();
                log.appendAsLeader(Batches.of(500, "a"), 1, 900);
            }
        }
        assertThat(failed).isGreaterThan(2);
    }

    private static LogHarness filled(FaultyFileStore disk) throws IOException {
        LogHarness harness = LogHarness.created(disk, LogHarness.SMALL);
        Random random = new Random(3);
        for (int i = 0; i < BATCHES; i++) {
            harness.append(Batches.random(random, 1000, 100), 1 + i / 10, 900);
        }
        harness.flush();
        // As after a checkpoint: from then on a truncation has its point to write.
        harness.log.recorded(harness.log.recoveryPoint(), harness.log.logStartOffset());
        return harness;
    }

    private static void assertWhole(LogHarness harness, FaultyFileStore disk, String what) throws IOException {
        harness.flush();
        long end = harness.log.logEndOffset();
        harness.closeCleanly(0);
        var summary = LogVerifier.verify(disk, LogHarness.NAME.toString(), 0, Long.MAX_VALUE);
        assertThat(summary.problems()).as(what).isEmpty();
        harness.open(900);
        assertThat(harness.log.logEndOffset()).as(what).isEqualTo(end);
    }
}
