package io.lograft.broker.fuzz;

import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.LogRead;
import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.log.io.FileStore.OpenMode;
import io.lograft.broker.log.io.LogFile;
import io.lograft.model.FlushMode;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * One file of a stopped broker is replaced by the input; the first byte says which, and whether the stop was clean. Opening
 * the log either fails as a lost replica or a damaged directory does, or what it reads is what was appended: only segment
 * files are truth, and even these may only lose their end.
 */
public final class LogFilesFuzz {
    private static final TopicPartition NAME = new TopicPartition("orders", 0);
    private static final LogConfig CONFIG =
            LogConfig.DEFAULTS.withSegmentBytes(1024).withIndexIntervalBytes(60);
    private static final int BATCHES = 24;
    private static final List<String> FILES = List.of(
            "orders-0/00000000000000000000.index",
            "orders-0/00000000000000000000.timeindex",
            "orders-0/00000000000000000000.log",
            "orders-0/leader-epoch-checkpoint",
            "orders-0/partition.metadata",
            "orders-0/truncation-point",
            "orders-0/00000000000000000012.snapshot",
            "orders-0/00000000000000000012.index",
            "orders-0/compaction-checkpoint",
            "meta.properties",
            "boot-id",
            "recovery-point-offset-checkpoint",
            "replication-offset-checkpoint",
            "log-start-offset-checkpoint");

    private LogFilesFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        String path = FILES.get((input[0] & 0x3f) % FILES.size());
        boolean isClean = (input[0] & 0x40) == 0;
        byte[] content = java.util.Arrays.copyOfRange(input, 1, input.length);
        FuzzChecks.withinMemory(input.length, 1 << 20, () -> {
            try {
                FaultyFileStore store = written(isClean);
                replace(store, path, content);
                readAll(store);
            } catch (IOException refused) {
                // The replica is lost, or the directory cannot be used: both are answers.
                return;
            }
        });
    }

    private static FaultyFileStore written(boolean isClean) throws IOException {
        FaultyFileStore store = new FaultyFileStore();
        LogDirectory directory = LogDirectory.open(store, "boot-1");
        directory.recordIdentity(new LogDirectory.Identity("c", "d", 1, 1));
        directory.beginWriting();
        PartitionLog log = directory.createPartition(NAME, new TopicId(7, 9), FlushMode.COMMIT, CONFIG);
        for (int i = 0; i < BATCHES; i++) {
            BatchBuilder builder = new BatchBuilder(1 << 10);
            builder.append(1000 + i, null, value(i));
            log.appendAsLeader(
                    ByteBuffer.wrap(builder.build(BatchOptions.idempotent(Compression.NONE, 5, (short) 0, i))),
                    1 + i / 5,
                    900);
        }
        if (isClean) {
            log.closeCleanly();
            checkpoint(directory, log);
            directory.closeCleanly();
        } else {
            var round = log.beginFlush();
            round.run();
            FuzzChecks.check(log.completeFlush(round), "the flush counts");
            checkpoint(directory, log);
            log.abandon();
            directory.close();
        }
        return store;
    }

    private static void checkpoint(LogDirectory directory, PartitionLog log) throws IOException {
        directory.checkpoint(Map.of(
                NAME, new LogDirectory.Checkpoint(log.recoveryPoint(), log.logEndOffset(), log.logStartOffset())));
        log.recorded(log.recoveryPoint(), log.logStartOffset());
    }

    private static byte[] value(int i) {
        return ("value " + i).getBytes(StandardCharsets.UTF_8);
    }

    private static void replace(FaultyFileStore store, String path, byte[] content) throws IOException {
        try (LogFile file = store.open(path, OpenMode.REPLACE)) {
            file.write(0, ByteBuffer.wrap(content));
            file.force();
        }
    }

    private static void readAll(FaultyFileStore store) throws IOException {
        LogDirectory directory = LogDirectory.open(store, "boot-1");
        directory.beginWriting();
        if (!directory.partitions().containsKey(NAME)) {
            return;
        }
        PartitionLog log = directory.openPartition(NAME, CONFIG, 2000);
        long offset = log.logStartOffset();
        FuzzChecks.check(log.logEndOffset() <= BATCHES || offset > 0, "the log ends at " + log.logEndOffset());
        while (offset < log.logEndOffset()) {
            LogRead read = log.read(offset, 100, Long.MAX_VALUE);
            FuzzChecks.check(read instanceof LogRead.Batches, "a read at " + offset + " gives " + read);
            long next = ((LogRead.Batches) read).nextOffset();
            FuzzChecks.check(next > offset, "a read at " + offset + " ends at " + next);
            offset = next;
        }
        log.offsetForTime(1005, log.logEndOffset());
        log.abandon();
        directory.close();
    }
}
