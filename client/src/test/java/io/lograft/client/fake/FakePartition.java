package io.lograft.client.fake;

import io.lograft.model.ErrorCode;
import io.lograft.record.BatchHeader;
import io.lograft.record.DecodedRecord;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One partition's log with the checks of a leader: whole batches, checksums, sequences. Guarded by the cluster's lock. */
public final class FakePartition {
    private static final int REMEMBERED = 5;

    private final List<byte[]> batches = new ArrayList<>();
    private final Map<Long, ArrayDeque<Appended>> producers = new HashMap<>();
    int leader;
    int leaderEpoch;
    long logEnd;
    long logStart;

    /** A batch of a producer that was appended. */
    private record Appended(int firstSequence, int lastSequence, long baseOffset) {}

    /** What became of a batch. */
    public record Outcome(ErrorCode code, long baseOffset, boolean isDuplicate) {}

    public FakePartition(int leader) {
        this.leader = leader;
    }

    public Outcome append(byte[] bytes) {
        RecordBatch batch = RecordBatch.of(bytes);
        BatchHeader header = batch.header();
        if (!batch.verifyCrc()) {
            return new Outcome(ErrorCode.CORRUPT_BATCH, -1, false);
        }
        if (header.hasProducer()) {
            ArrayDeque<Appended> last = producers.computeIfAbsent(header.producerId(), id -> new ArrayDeque<>());
            for (Appended known : last) {
                if (known.firstSequence() == header.baseSequence() && known.lastSequence() == header.lastSequence()) {
                    return new Outcome(ErrorCode.NONE, known.baseOffset(), true);
                }
            }
            int expected = last.isEmpty() ? 0 : last.peekLast().lastSequence() + 1;
            if (header.baseSequence() != expected) {
                return new Outcome(
                        last.isEmpty() ? ErrorCode.UNKNOWN_PRODUCER : ErrorCode.OUT_OF_ORDER_SEQUENCE, -1, false);
            }
            last.add(new Appended(header.baseSequence(), header.lastSequence(), logEnd));
            if (last.size() > REMEMBERED) {
                last.removeFirst();
            }
        }
        long baseOffset = logEnd;
        byte[] stored = bytes.clone();
        RecordBatch.of(stored).assign(baseOffset, leaderEpoch);
        batches.add(stored);
        logEnd = baseOffset + header.lastOffsetDelta() + 1;
        return new Outcome(ErrorCode.NONE, baseOffset, false);
    }

    /** Whole batches from an offset on, at least one if there is any, up to a size. */
    ByteBuffer read(long offset, long bytesMax) {
        List<byte[]> found = new ArrayList<>();
        int size = 0;
        for (byte[] batch : batches) {
            if (RecordBatch.of(batch).lastOffset() >= offset) {
                if (size > 0 && size + batch.length > bytesMax) {
                    break;
                }
                found.add(batch);
                size += batch.length;
            }
        }
        ByteBuffer all = ByteBuffer.allocate(size);
        found.forEach(all::put);
        return all.flip();
    }

    /** Forgets producers, as after their state expired. */
    void forgetProducers() {
        producers.clear();
    }

    public List<DecodedRecord> records() {
        List<DecodedRecord> records = new ArrayList<>();
        for (byte[] batch : batches) {
            RecordCursor cursor = RecordBatch.of(batch).records();
            while (cursor.advance()) {
                records.add(cursor.record());
            }
        }
        return records;
    }
}
