package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.FileStore;
import io.lograft.model.FlushMode;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/** One partition in one log directory, opened, closed and recovered as the broker does it. */
final class LogHarness {
    static final TopicPartition NAME = new TopicPartition("orders", 0);
    static final TopicId ID = new TopicId(7, 9);
    static final String BOOT = "boot-1";
    static final LogConfig SMALL = LogConfig.DEFAULTS
            .withSegmentBytes(1024)
            .withIndexIntervalBytes(100)
            .withTailBytesMax(600);

    final FileStore store;
    final LogConfig config;
    LogDirectory directory;
    PartitionLog log;

    LogHarness(FileStore store, LogConfig config) {
        this.store = store;
        this.config = config;
    }

    static LogHarness created(FileStore store, LogConfig config) throws IOException {
        LogHarness harness = new LogHarness(store, config);
        harness.openDirectory();
        harness.log = harness.directory.createPartition(NAME, ID, FlushMode.COMMIT, config);
        return harness;
    }

    private void openDirectory() throws IOException {
        directory = LogDirectory.open(store, BOOT);
        directory.beginWriting();
    }

    void open(long nowMs) throws IOException {
        openDirectory();
        log = directory.openPartition(NAME, config, nowMs);
    }

    void flush() throws IOException {
        FlushRound round = log.beginFlush();
        round.run();
        assertThat(log.completeFlush(round)).isTrue();
    }

    void checkpoint(long highWatermark) throws IOException {
        LogDirectory.RecoveryPoint point = log.recoveryPoint();
        directory.checkpoint(Map.of(NAME, new LogDirectory.Checkpoint(point, highWatermark, log.logStartOffset())));
        log.recorded(point, log.logStartOffset());
    }

    void closeCleanly(long highWatermark) throws IOException {
        log.closeCleanly();
        checkpoint(highWatermark);
        directory.closeCleanly();
    }

    /** As when the process is killed. */
    void abandon() throws IOException {
        log.abandon();
        directory.close();
    }

    AppendResult.Appended append(ByteBuffer batch, int epoch, long nowMs) throws IOException {
        return log.appendAsLeader(batch, epoch, nowMs);
    }

    /** All batches from an offset to the end, read in steps of so many bytes. */
    byte[] readFrom(long offset, int maxBytes) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        long next = offset;
        while (next < log.logEndOffset()) {
            var read = (LogRead.Batches) log.read(next, maxBytes, log.logEndOffset());
            assertThat(read.nextOffset()).isGreaterThan(next);
            int size = 0;
            for (ByteBuffer slice : read.slices()) {
                all.writeBytes(Batches.bytes(slice));
                size += slice.remaining();
            }
            assertThat(read.sizeBytes()).isEqualTo(size);
            next = read.nextOffset();
        }
        return all.toByteArray();
    }
}
