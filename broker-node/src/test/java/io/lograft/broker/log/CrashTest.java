package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.log.io.FaultyFileStore.Fault;
import io.lograft.broker.log.io.FaultyFileStore.Loss;
import io.lograft.broker.log.io.FaultyFileStore.PowerCut;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The power goes at every single operation of a life with everything in it; what was flushed is there afterwards. */
final class CrashTest {
    private static final int SEEDS = 3;

    /** What may and must be found after the crash. */
    private static final class Life {
        private final FaultyFileStore store;
        private final Random random = new Random(5);
        private LogHarness harness;
        private byte[] written = new byte[0];
        private long startedAt;
        private int flushedBytes;
        private long committed;
        private boolean isOver;
        private byte[] before = new byte[0];
        private long startedBefore;

        Life(FaultyFileStore store) {
            this.store = store;
        }

        void run() throws IOException {
            harness = LogHarness.created(store, LogHarness.SMALL);
            appendSome(8, 1);
            flush();
            harness.checkpoint(committed);
            appendSome(8, 2);
            flush();
            appendSome(6, 3);
            truncate(committed + 1);
            appendSome(9, 4);
            flush();
            appendSome(3, 5);
            harness.log.advanceLogStart(committed / 3);
            for (var segment : harness.log.takeDiscarded()) {
                segment.run();
            }
            harness.checkpoint(committed);
            harness.log.closeCleanly();
            flushedBytes = written.length;
            harness.checkpoint(committed);
            harness.directory.closeCleanly();
            harness.open(1_000_000);
            appendSome(5, 6);
            flush();
            startOver(500);
            appendSome(9, 7);
            flush();
            harness.checkpoint(committed);
            appendSome(9, 8);
            isOver = true;
        }

        private void appendSome(int count, int epoch) throws IOException {
            for (int i = 0; i < count; i++) {
                ByteBuffer batch = Batches.random(random, 1_000_000 + random.nextInt(9), 150);
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                all.writeBytes(written);
                // The append gives the batch its place only later; the bytes are taken from the log's own rule.
                batch.putLong(0, harness.log.logEndOffset());
                batch.putInt(12, epoch);
                all.writeBytes(Batches.bytes(batch));
                written = all.toByteArray();
                harness.append(batch, epoch, 1_000_000);
            }
        }

        private void flush() throws IOException {
            int bytes = written.length;
            long end = harness.log.logEndOffset();
            harness.flush();
            flushedBytes = bytes;
            committed = end;
        }

        private void truncate(long offset) throws IOException {
            before = written;
            startedBefore = startedAt;
            int kept = bytesBelow(written, offset);
            written = Arrays.copyOf(written, kept);
            flushedBytes = Math.min(flushedBytes, kept);
            harness.log.truncateTo(offset, 1_000_000);
            before = written;
        }

        private void startOver(long offset) throws IOException {
            before = written;
            startedBefore = startedAt;
            written = new byte[0];
            flushedBytes = 0;
            committed = 0;
            startedAt = offset;
            harness.log.startOver(offset, 0, List.of());
            before = written;
            startedBefore = startedAt;
        }

        static int bytesBelow(byte[] batches, long offset) {
            ByteBuffer buffer = ByteBuffer.wrap(batches);
            int at = 0;
            while (at < batches.length) {
                var header = io.lograft.record.BatchHeader.read(buffer, at);
                if (header.nextOffset() > offset) {
                    break;
                }
                at += header.sizeBytes();
            }
            return at;
        }
    }

    @ParameterizedTest
    @EnumSource(Loss.class)
    void everythingFlushedSurvivesAPowerCutAnywhere(Loss loss) throws IOException {
        for (int seed = 0; seed < (loss == Loss.SOME ? SEEDS : 1); seed++) {
            int at = 1;
            while (!isOverAfterCut(at, loss, seed)) {
                at++;
            }
            assertThat(at).isGreaterThan(300);
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
            fail("power cut at operation " + at + ", seed " + seed, e);
        }
        return life.isOver;
    }

    private static void checkRecovered(Life life) throws IOException {
        FaultyFileStore store = life.store;
        if (!store.exists(LogHarness.NAME.toString())) {
            assertThat(life.flushedBytes).isZero();
            return;
        }
        LogHarness harness = new LogHarness(store, LogHarness.SMALL);
        harness.open(2_000_000);
        long start = harness.log.segments().getFirst().baseOffset();
        byte[] found = harness.readFrom(harness.log.logStartOffset(), 700);
        boolean isNow = isPartOf(found, life.written, life.flushedBytes);
        boolean isBefore = isPartOf(found, life.before, Math.min(life.flushedBytes, life.before.length));
        boolean isEmptyAnew = found.length == 0 && life.flushedBytes == 0;
        assertThat(isNow || isBefore || isEmptyAnew)
                .as("from %d (%d, %d)", start, life.startedAt, life.startedBefore)
                .isTrue();
        assertThat(harness.log.flushedOffset()).isEqualTo(harness.log.logEndOffset());

        long end = harness.log.logEndOffset();
        int epoch = harness.log.lastEpoch() + 1;
        harness.append(Batches.of(5, "more"), epoch, 2_000_000);
        assertThat(harness.log.logEndOffset()).isEqualTo(end + 1);
        harness.closeCleanly(0);
        var summary = LogVerifier.verify(store, LogHarness.NAME.toString(), 0, Long.MAX_VALUE);
        assertThat(summary.problems()).isEmpty();
        assertThat(store.openFiles()).isEmpty();
    }

    /** True if the found batches are a run of the written ones that reaches at least to where these were flushed. */
    private static boolean isPartOf(byte[] found, byte[] written, int flushedBytes) {
        if (found.length == 0) {
            return flushedBytes == 0;
        }
        int from = Life.bytesBelow(written, ByteBuffer.wrap(found).getLong(0));
        int to = from + found.length;
        return to <= written.length
                && to >= flushedBytes
                && Arrays.equals(found, Arrays.copyOfRange(written, from, to));
    }
}
