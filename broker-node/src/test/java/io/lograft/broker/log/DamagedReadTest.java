package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.record.BatchHeader;
import io.lograft.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bits of a log that runs flip on the disk: what is read is what was written, or the place of the damage. */
class DamagedReadTest {
    private static final String SEGMENT = LogHarness.NAME + "/00000000000000000000.log";

    private final FaultyFileStore store = new FaultyFileStore();
    private final List<BatchHeader> batches = new ArrayList<>();
    private LogHarness harness;

    @BeforeEach
    void fill() throws IOException {
        harness = LogHarness.created(store, LogHarness.SMALL);
        for (int i = 0; i < 40; i++) {
            ByteBuffer batch = Batches.of(500 + i, "first " + i, "second " + i);
            harness.append(batch, 3, 900);
            batches.add(BatchHeader.read(batch, 0));
        }
        harness.flush();
        // Those that follow the first segment are of no interest here.
        while (batches.stream().mapToLong(BatchHeader::sizeBytes).sum() > store.sizeBytes(SEGMENT)) {
            batches.removeLast();
        }
    }

    @Test
    void aDamagedBatchIsNeverReadAndAllOthersAre() throws IOException {
        int batchAt = 0;
        for (BatchHeader batch : batches) {
            for (int i = 0; i < batch.sizeBytes(); i++) {
                // The format's checksum does not cover the leader epoch.
                if (!Batches.isEpochByte(i)) {
                    store.flipBit(SEGMENT, batchAt + i, i % 8);
                    lookAround(batch, batchAt, i);
                    store.flipBit(SEGMENT, batchAt + i, i % 8);
                }
            }
            batchAt += batch.sizeBytes();
        }
        assertThat(batches).hasSizeGreaterThan(5);
    }

    private void lookAround(BatchHeader damaged, int damagedAt, int byteInBatch) throws IOException {
        for (BatchHeader batch : batches) {
            if (batch.baseOffset() == damaged.baseOffset()) {
                Throwable failure = catchThrowable(() -> read(batch.baseOffset(), batch.sizeBytes()));
                assertThat(failure)
                        .as("byte %d of the batch at offset %d", byteInBatch, damaged.baseOffset())
                        .isInstanceOfSatisfying(CorruptLogException.class, damage -> {
                            assertThat(damage.file()).isEqualTo(SEGMENT);
                            assertThat(damage.position()).isEqualTo(damagedAt);
                        });
            } else if (batch.baseOffset() < damaged.baseOffset()) {
                assertThat(read(batch.baseOffset(), batch.sizeBytes())).isEqualTo(batch.nextOffset());
            }
        }
    }

    /** Reads one batch; the offset that follows it. */
    private long read(long offset, int bytesMax) throws IOException {
        LogRead.Batches found = (LogRead.Batches) harness.log.read(offset, bytesMax, Long.MAX_VALUE);
        for (ByteBuffer bytes : found.slices()) {
            assertThat(RecordBatch.at(bytes, bytes.position()).verifyCrc()).isTrue();
        }
        return found.nextOffset();
    }
}
