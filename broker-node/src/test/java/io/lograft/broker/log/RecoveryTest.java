package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.log.state.SequenceCheck;
import io.lograft.record.BatchHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Recovery of a log whose files were cut or damaged, at every byte of each. */
final class RecoveryTest {
    private static final String DIRECTORY = LogHarness.NAME.toString();
    private static final int EPOCH = 3;

    private final FaultyFileStore original = new FaultyFileStore();
    private final List<BatchHeader> headers = new ArrayList<>();
    private byte[] content;
    private String lastSegment;
    private long lastBase;

    @BeforeEach
    void writeALog() throws IOException {
        LogHarness harness = LogHarness.created(original, LogHarness.SMALL);
        Random random = new Random(1);
        for (int i = 0; i < 14; i++) {
            ByteBuffer batch = i % 3 == 0
                    ? Batches.ofProducer(70 + i % 2, 0, i / 6 * 2, "a" + i, "b" + i)
                    : Batches.random(random, 1000 + i, 90);
            harness.append(batch, EPOCH + i / 5, 1000);
            headers.add(BatchHeader.read(batch, 0));
        }
        harness.flush();
        harness.flush();
        content = harness.readFrom(0, 4000);
        lastBase = harness.log.segments().getLast().baseOffset();
        lastSegment = String.format("%s/%020d.log", DIRECTORY, lastBase);
        assertThat(harness.log.segments().size()).isGreaterThan(1);
        harness.abandon();
    }

    private LogHarness recover(FaultyFileStore store) throws IOException {
        LogHarness harness = new LogHarness(store, LogHarness.SMALL);
        harness.open(5000);
        return harness;
    }

    private void checkContent(LogHarness harness, int bytes) throws IOException {
        assertThat(harness.readFrom(0, 4000)).isEqualTo(Arrays.copyOf(content, bytes));
        harness.append(Batches.of(5, "more"), 99, 2000);
        harness.closeCleanly(0);
        assertThat(LogVerifier.verify(harness.store, DIRECTORY, 0, Long.MAX_VALUE)
                        .problems())
                .isEmpty();
        assertThat(original.openFiles()).isEmpty();
    }

    /** Bytes of the whole log that precede the batch that lies at this position of the last segment. */
    private int bytesBeforeBatchAt(int position) {
        int sealed = Math.toIntExact(headers.stream()
                .filter(h -> h.baseOffset() < lastBase)
                .mapToLong(BatchHeader::sizeBytes)
                .sum());
        int at = 0;
        for (BatchHeader header : headers) {
            if (header.baseOffset() >= lastBase) {
                if (at + header.sizeBytes() > position) {
                    break;
                }
                at += header.sizeBytes();
            }
        }
        return sealed + at;
    }

    @Test
    void aLastSegmentCutAnywhereKeepsTheWholeBatches() throws IOException {
        int size = (int) original.sizeBytes(lastSegment);
        for (int cut = 0; cut < size; cut++) {
            FaultyFileStore store = original.copy();
            store.cut(lastSegment, cut);
            checkContent(recover(store), bytesBeforeBatchAt(cut));
        }
    }

    @Test
    void aBitFlippedAnywhereInTheLastSegmentCutsItThere() throws IOException {
        int size = (int) original.sizeBytes(lastSegment);
        for (int position = 0; position < size; position++) {
            FaultyFileStore store = original.copy();
            store.flipBit(lastSegment, position, position % 8);
            int batchAt = bytesBeforeBatchAt(position) - bytesBeforeBatchAt(0);
            if (Batches.isEpochByte(position - batchAt)) {
                // The format's checksum does not cover the leader epoch; only that recovery ends is certain.
                recover(store).abandon();
            } else {
                checkContent(recover(store), bytesBeforeBatchAt(position));
            }
        }
    }

    @Test
    void damageBelowTheHighWatermarkLosesTheReplica() throws IOException {
        long highWatermark = headers.getLast().nextOffset();
        int size = (int) original.sizeBytes(lastSegment);
        for (int position = 0; position < size; position++) {
            FaultyFileStore store = original.copy();
            checkpoint(store, 0, highWatermark);
            store.flipBit(lastSegment, position, position % 8);
            int batchAt = bytesBeforeBatchAt(position) - bytesBeforeBatchAt(0);
            if (!Batches.isEpochByte(position - batchAt)) {
                Throwable failure = catchThrowable(() -> recover(store));
                assertThat(failure).isInstanceOf(CorruptLogException.class);
                assertThat(((CorruptLogException) failure).file()).isEqualTo(lastSegment);
                assertThat(((CorruptLogException) failure).position()).isEqualTo(batchAt);
            }
            assertThat(store.openFiles()).hasSizeLessThanOrEqualTo(100);
        }
    }

    @Test
    void aLogThatEndsBelowTheRecoveryPointIsLost() throws IOException {
        FaultyFileStore store = original.copy();
        checkpoint(store, headers.getLast().nextOffset(), 0);
        store.cut(lastSegment, 0);
        assertThatThrownBy(() -> recover(store)).isInstanceOf(CorruptLogException.class);
    }

    /** The whole batch goes, so that what had been flushed of it must not be missed. */
    @Test
    void aLogCutWithinABatchIsWholeAfterAPowerCut() throws IOException {
        FaultyFileStore store = new FaultyFileStore();
        LogHarness harness = LogHarness.created(store, LogHarness.SMALL);
        harness.append(Batches.of(500, "a", "b"), 3, 900);
        harness.append(Batches.of(500, "c", "d", "e"), 3, 900);
        harness.flush();
        harness.checkpoint(5);
        assertThat(harness.log.truncateTo(4, 900)).isEqualTo(2);
        harness.abandon();
        store.crash(FaultyFileStore.Loss.ALL, 0);
        harness.open(1_000);
        assertThat(harness.log.logEndOffset()).isEqualTo(2);
    }

    private static void checkpoint(FaultyFileStore store, long recoveryPoint, long highWatermark) throws IOException {
        LogDirectory directory = LogDirectory.open(store, LogHarness.BOOT);
        directory.checkpoint(java.util.Map.of(
                LogHarness.NAME,
                new LogDirectory.Checkpoint(new LogDirectory.RecoveryPoint(recoveryPoint, 0), highWatermark, 0)));
        new PartitionFiles(store, DIRECTORY).deleteTruncationPoint();
        directory.close();
    }

    @Test
    void damageInASealedSegmentLosesTheReplica() throws IOException {
        String first = String.format("%s/%020d.log", DIRECTORY, 0);
        FaultyFileStore flushed = original.copy();
        checkpoint(flushed, 0, 0);
        flushed.flipBit(first, 200, 1);
        assertThatThrownBy(() -> recover(flushed))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining(first)
                .hasMessageContaining("position");
    }

    @Test
    void aSealedSegmentThatWasNeverFlushedIsCutLikeATornTail() throws IOException {
        FaultyFileStore store = original.copy();
        checkpoint(store, 0, 0);
        for (String name : store.list(DIRECTORY)) {
            if (name.endsWith(".snapshot")) {
                store.delete(DIRECTORY + "/" + name);
            }
        }
        store.flipBit(String.format("%s/%020d.log", DIRECTORY, 0), 200, 1);
        LogHarness harness = recover(store);
        assertThat(harness.log.segments()).hasSize(1);
        assertThat(harness.log.logEndOffset()).isLessThan(lastBase);
        harness.abandon();
    }

    @Test
    void everySideFileMayBeLostTornOrEmptyAfterAnUncleanStop() throws IOException {
        everySideFileMayBeDamaged(original);
    }

    @Test
    void everySideFileMayBeLostTornOrEmptyAfterACleanStop() throws IOException {
        LogHarness harness = recover(original);
        harness.closeCleanly(0);
        everySideFileMayBeDamaged(original);
    }

    private void everySideFileMayBeDamaged(FaultyFileStore base) throws IOException {
        for (String name : base.list(DIRECTORY)) {
            if (name.endsWith(".log") || name.equals("partition.metadata")) {
                continue;
            }
            String path = DIRECTORY + "/" + name;
            FaultyFileStore lost = base.copy();
            lost.delete(path);
            checkWhole(lost, path + " lost");
            for (int cut = 0; cut < base.sizeBytes(path); cut++) {
                FaultyFileStore torn = base.copy();
                torn.cut(path, cut);
                checkWhole(torn, path + " cut at " + cut);
            }
        }
    }

    private void checkWhole(FaultyFileStore store, String what) throws IOException {
        LogHarness harness = recover(store);
        assertThat(harness.readFrom(0, 300)).as(what).isEqualTo(content);
        assertThat(harness.log.epochs()).as(what).extracting("epoch").containsExactly(3, 4, 5);
        var retry = Batches.ofProducer(71, 0, 2, "a9", "b9");
        assertThat(harness.log.checkSequence(BatchHeader.read(retry, 0)))
                .as(what)
                .isInstanceOf(SequenceCheck.Duplicate.class);
        assertThat(harness.log.offsetForTime(1013, Long.MAX_VALUE)).as(what).isPresent();
        harness.abandon();
    }

    @Test
    void withoutItsMetadataTheReplicaIsLost() throws IOException {
        String path = DIRECTORY + "/partition.metadata";
        int size = (int) original.sizeBytes(path);
        for (int position = 0; position < size; position++) {
            FaultyFileStore cut = original.copy();
            cut.cut(path, position);
            assertThatThrownBy(() -> recover(cut)).as("cut at %d", position).isInstanceOf(CorruptLogException.class);
            for (int bit = 0; bit < 8; bit++) {
                FaultyFileStore flipped = original.copy();
                flipped.flipBit(path, position, bit);
                assertThatThrownBy(() -> recover(flipped))
                        .as("bit %d of byte %d flipped", bit, position)
                        .isInstanceOf(CorruptLogException.class);
            }
        }
    }

    @Test
    void zerosBehindTheLastBatchAreCutOff() throws IOException {
        FaultyFileStore store = original.copy();
        try (var file = store.open(lastSegment, io.lograft.broker.log.io.FileStore.OpenMode.WRITE)) {
            file.write(file.sizeBytes(), ByteBuffer.allocate(500));
        }
        checkContent(recover(store), content.length);
    }
}
