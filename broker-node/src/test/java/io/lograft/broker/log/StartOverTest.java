package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.log.io.FaultyFileStore.Fault;
import io.lograft.broker.log.io.FaultyFileStore.Loss;
import io.lograft.broker.log.io.FaultyFileStore.PowerCut;
import io.lograft.broker.log.state.ProducerStates;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A log that starts over, and a power cut or a full disk at each of its steps. */
final class StartOverTest {
    private static final List<ProducerStates.Entry> KNOWN =
            List.of(new ProducerStates.Entry(7, (short) 1, 3, 5, 12, 900));
    private static final long NOW_MS = 1_000;
    private static final int OPERATIONS_MAX = 120;
    private static final int SEEDS = 20;

    /** Whoever had flushed all of it is taken for one that has it, so nothing in between may be what is found. */
    @ParameterizedTest
    @CsvSource({"ALL, 0", "ALL, 25", "ALL, 500", "NONE, 25", "SOME, 0", "SOME, 25", "SOME, 500"})
    void aPowerCutLeavesTheOldLogOrTheNewStart(Loss loss, long target) throws IOException {
        for (int seed = 0; seed < (loss == Loss.SOME ? SEEDS : 1); seed++) {
            int at = 1;
            int begun = 0;
            while (true) {
                FaultyFileStore disk = new FaultyFileStore();
                LogHarness harness = filled(disk);
                long end = harness.log.logEndOffset();
                long start = harness.log.logStartOffset();
                disk.failAt(at, Fault.POWER_CUT);
                boolean isOver = true;
                try {
                    harness.log.startOver(target, 0, KNOWN);
                } catch (PowerCut expected) {
                    isOver = false;
                }
                disk.crash(loss, seed * 1_000L + at);
                harness.open(NOW_MS);
                String when = "cut at operation " + at + ", seed " + seed;
                boolean isNew = harness.log.logEndOffset() == target && harness.log.logStartOffset() == target;
                if (isNew) {
                    begun++;
                    assertThat(harness.log.producersBelow(Long.MAX_VALUE))
                            .as(when)
                            .isEqualTo(KNOWN);
                } else {
                    assertThat(isOver).as(when).isFalse();
                    assertThat(harness.log.logEndOffset()).as(when).isEqualTo(end);
                    assertThat(harness.log.logStartOffset()).as(when).isEqualTo(start);
                }
                assertThat(disk.list(LogHarness.NAME.toString())).noneMatch(name -> name.contains("start-over"));
                if (isOver) {
                    break;
                }
                at++;
            }
            assertThat(at).isLessThan(OPERATIONS_MAX);
            assertThat(begun).isGreaterThan(3);
        }
    }

    /** Segments that had left the log before it started over at a lower offset must not take the new ones along. */
    @ParameterizedTest
    @CsvSource({"0", "3", "500"})
    void whatIsAppendedAfterwardsStays(long target) throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            FaultyFileStore disk = new FaultyFileStore();
            LogHarness harness = filled(disk);
            harness.log.startOver(target, 0, List.of());
            harness.append(Batches.of(NOW_MS, "a", "b"), 5, NOW_MS);
            harness.flush();
            disk.crash(Loss.SOME, seed);
            harness.open(NOW_MS);
            assertThat(harness.log.logEndOffset()).isEqualTo(target + 2);
            assertThat(harness.readFrom(target, 1_000)).isNotEmpty();
        }
    }

    @Test
    void aMarkThatFindsNoRoomIsTakenBack() throws IOException {
        int refused = 0;
        for (int at = 1; at < OPERATIONS_MAX; at++) {
            FaultyFileStore disk = new FaultyFileStore();
            LogHarness harness = filled(disk);
            long end = harness.log.logEndOffset();
            disk.failAt(at, Fault.DISK_FULL);
            try {
                harness.log.startOver(25, 0, KNOWN);
            } catch (DiskFullException full) {
                refused++;
                disk.crash(Loss.NONE, at);
                harness.open(NOW_MS);
                assertThat(harness.log.logEndOffset()).isEqualTo(end);
            } catch (IOException failed) {
                assertThat(failed).hasMessageContaining("no room");
            }
        }
        assertThat(refused).isGreaterThan(3);
    }

    /** The directory has failed then, and nothing else; the next start finds the old log or the new start. */
    @Test
    void aDiskThatFailsSaysSo() throws IOException {
        int failed = 0;
        for (int at = 1; at < OPERATIONS_MAX; at++) {
            FaultyFileStore disk = new FaultyFileStore();
            LogHarness harness = filled(disk);
            long end = harness.log.logEndOffset();
            disk.failAt(at, Fault.IO_ERROR);
            try {
                harness.log.startOver(25, 0, KNOWN);
            } catch (IOException expected) {
                failed++;
                disk.clearFault();
                harness.abandon();
                harness.open(NOW_MS);
                assertThat(harness.log.logEndOffset()).isIn(25L, end);
            }
        }
        assertThat(failed).isGreaterThan(20);
    }

    /** Several segments, all flushed, of which the first ones have left the log and still wait for their deletion. */
    private static LogHarness filled(FaultyFileStore disk) throws IOException {
        LogHarness harness = LogHarness.created(disk, LogHarness.SMALL);
        for (int i = 0; i < 30; i++) {
            harness.append(Batches.of(NOW_MS, "record " + i + " " + "x".repeat(100)), 3, NOW_MS);
        }
        harness.flush();
        harness.checkpoint(harness.log.logEndOffset());
        harness.log.advanceLogStart(15);
        harness.checkpoint(harness.log.logEndOffset());
        assertThat(harness.log.segments()).hasSizeGreaterThan(1);
        return harness;
    }
}
