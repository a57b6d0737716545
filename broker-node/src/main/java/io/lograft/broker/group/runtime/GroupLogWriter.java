package io.lograft.broker.group.runtime;

import com.google.protobuf.ByteString;
import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.replica.Acks;
import io.lograft.broker.replica.ProduceOutcome;
import io.lograft.broker.replica.runtime.ProduceWork;
import io.lograft.model.ErrorCode;
import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Appends records to a partition of {@code __consumer_offsets}: one batch is under way at a time, and what is decided
 * meanwhile goes into the next ones. A batch that was surely not appended is sent again; where the outcome is not known,
 * the owner is told, and has to load anew.
 *
 * <p>Owned by: its group loop.
 */
final class GroupLogWriter {
    private static final int BATCH_BYTES = 256 << 10;
    private static final long COMMIT_TIMEOUT_MS = 5_000;
    private static final long AGAIN_AFTER_MS = 50;

    private final GroupPartition partition;
    private final GroupLoop loop;
    private final Runnable committed;
    private final BiConsumer<ErrorCode, String> inDoubt;
    private final BatchBuilder builder = new BatchBuilder(BATCH_BYTES);
    private final Deque<byte[]> closed = new ArrayDeque<>();
    private long closedBytes;
    private long lastBatch;
    private long committedBatches;
    private boolean isUnderWay;
    /** Of the leadership by which the owner decides: under another one, what it decided must not get into the log. */
    private int leaderEpoch = -1;

    /** Counts abandonments: what is still under way from before one concerns nobody. */
    private long era;

    GroupLogWriter(
            GroupPartition partition, GroupLoop loop, Runnable committed, BiConsumer<ErrorCode, String> inDoubt) {
        this.partition = partition;
        this.loop = loop;
        this.committed = committed;
        this.inDoubt = inDoubt;
    }

    /** What is appended from now on is decided by this leadership. */
    void begin(int epoch) {
        leaderEpoch = epoch;
    }

    /** Puts records into the next batch; {@link #send} has it sent. */
    void append(List<GroupRecord> records) {
        long timeMs = loop.clock().wallMs();
        for (GroupRecord record : records) {
            GroupRecordCodec.Encoded encoded = GroupRecordCodec.encode(record);
            byte[] key = encoded.key().toByteArray();
            byte[] value = encoded.value().map(ByteString::toByteArray).orElse(null);
            if (!builder.append(timeMs, key, value)) {
                closeBatch();
                builder.append(timeMs, key, value);
            }
        }
    }

    private void closeBatch() {
        byte[] batch = builder.build(BatchOptions.plain(Compression.NONE));
        closed.addLast(batch);
        closedBytes += batch.length;
        builder.reset();
        lastBatch++;
    }

    /** Number of the batch that the last record is in. */
    long lastBatch() {
        return builder.isEmpty() ? lastBatch : lastBatch + 1;
    }

    /** Batches up to this number are committed. */
    long committedBatches() {
        return committedBatches;
    }

    /** Size of the batches that wait for the one that is under way. */
    long waitingBytes() {
        return closedBytes + (builder.isEmpty() ? 0 : builder.sizeBytes());
    }

    /** Sends the next batch, unless one is under way. */
    void send() {
        if (isUnderWay) {
            return;
        }
        if (closed.isEmpty() && !builder.isEmpty()) {
            closeBatch();
        }
        if (!closed.isEmpty()) {
            isUnderWay = true;
            byte[] batch = closed.pollFirst();
            closedBytes -= batch.length;
            produce(batch);
        }
    }

    private void produce(byte[] batch) {
        long eraOfBatch = era;
        // The partition writes offset and epoch into its bytes; a batch that is sent again needs its own.
        ByteBuffer bytes = ByteBuffer.wrap(batch.clone());
        ProduceWork work = new ProduceWork(
                bytes,
                BatchHeader.read(bytes, 0),
                Acks.ALL,
                System.nanoTime(),
                COMMIT_TIMEOUT_MS,
                leaderEpoch,
                (outcome, timeMs) -> loop.execute(() -> ended(eraOfBatch, batch, outcome)),
                () -> {});
        if (!partition.produce(work)) {
            loop.schedule(AGAIN_AFTER_MS, () -> again(eraOfBatch, batch));
        }
    }

    private void again(long eraOfBatch, byte[] batch) {
        if (era == eraOfBatch) {
            produce(batch);
        }
    }

    private void ended(long eraOfBatch, byte[] batch, ProduceOutcome outcome) {
        if (era != eraOfBatch) {
            return;
        }
        switch (outcome) {
            case ProduceOutcome.Acknowledged acknowledged -> {
                isUnderWay = false;
                committedBatches++;
                committed.run();
            }
            case ProduceOutcome.Refused refused -> {
                if (wasNotAppended(refused.code())) {
                    loop.schedule(AGAIN_AFTER_MS, () -> again(eraOfBatch, batch));
                } else {
                    inDoubt.accept(refused.code(), refused.message());
                }
            }
        }
    }

    private static boolean wasNotAppended(ErrorCode code) {
        return code == ErrorCode.NOT_ENOUGH_REPLICAS || code == ErrorCode.BUSY || code == ErrorCode.DISK_FULL;
    }

    /** Forgets everything that is not committed. */
    void abandon() {
        era++;
        builder.reset();
        closed.clear();
        closedBytes = 0;
        lastBatch = committedBatches;
        isUnderWay = false;
    }
}
