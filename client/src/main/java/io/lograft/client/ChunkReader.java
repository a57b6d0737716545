package io.lograft.client;

import io.lograft.client.core.Failure;
import io.lograft.client.transport.FetchedChunk;
import io.lograft.model.ErrorCode;
import io.lograft.record.BatchFault;
import io.lograft.record.BatchReader;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import java.util.List;
import java.util.Optional;

/** Decodes a chunk of batches, as far as there is room for records, and later goes on. Owned by: the consumer's thread. */
final class ChunkReader {
    private final FetchedChunk chunk;
    private final boolean verifiesChecksums;
    private final BatchReader batches;
    private RecordBatch batch;
    private RecordCursor cursor;
    private Failure failure;

    ChunkReader(FetchedChunk chunk, boolean verifiesChecksums) {
        this.chunk = chunk;
        this.verifiesChecksums = verifiesChecksums;
        this.batches = chunk.records() == null ? null : BatchReader.over(chunk.records());
    }

    FetchedChunk chunk() {
        return chunk;
    }

    /** Why {@link #read} cannot go on; null if nothing is wrong. */
    Failure failure() {
        return failure;
    }

    /**
     * Adds records until {@code out} has {@code max}; answers true once the chunk has no more. At damage answers false,
     * each time anew, and {@link #failure} says what it is.
     */
    boolean read(ConsumerPartition partition, List<ConsumerRecord> out, int max) {
        while (failure == null) {
            if (cursor == null && !nextBatch(partition)) {
                return failure == null;
            }
            while (cursor != null && failure == null) {
                if (out.size() >= max) {
                    return false;
                }
                readRecord(partition, out);
            }
        }
        return false;
    }

    private void readRecord(ConsumerPartition partition, List<ConsumerRecord> out) {
        if (cursor.advance()) {
            long offset = cursor.record().offset();
            if (offset >= partition.position()) {
                out.add(new ConsumerRecord(chunk.partition(), cursor.record()));
                partition.advanceTo(offset + 1, batch.leaderEpoch());
            }
        } else if (cursor.fault().isPresent()) {
            damaged(cursor.fault());
        } else {
            if (partition.position() < batch.nextOffset()) {
                partition.advanceTo(batch.nextOffset(), batch.leaderEpoch());
            }
            cursor = null;
        }
    }

    private boolean nextBatch(ConsumerPartition partition) {
        while (batches.advance()) {
            batch = batches.batch();
            if (batch.lastOffset() < partition.position()) {
                continue;
            }
            if (verifiesChecksums && !batch.verifyCrc()) {
                failure = new Failure(
                        ErrorCode.CORRUPT_BATCH,
                        "the batch at offset " + batch.baseOffset() + " of partition " + chunk.partition()
                                + " fails its checksum");
                return false;
            }
            if (batch.header().isControl()) {
                partition.advanceTo(batch.nextOffset(), batch.leaderEpoch());
                continue;
            }
            cursor = batch.records();
            return true;
        }
        damaged(batches.fault());
        return false;
    }

    private void damaged(Optional<BatchFault> fault) {
        fault.ifPresent(found ->
                failure = new Failure(found.code(), "partition " + chunk.partition() + ": " + found.message()));
    }
}
