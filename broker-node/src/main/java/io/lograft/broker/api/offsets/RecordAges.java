package io.lograft.broker.api.offsets;

import io.lograft.broker.api.Failures;
import io.lograft.broker.log.LogRead;
import io.lograft.broker.replica.FetchVerdict;
import io.lograft.broker.replica.runtime.PartitionRuntime;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.OffsetAnswer;
import io.lograft.proto.v1.OffsetQuery;
import io.lograft.record.BatchReader;
import io.lograft.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;

/** How old the record at an offset is: what lag in seconds is made of. May wait for the disk. */
final class RecordAges {
    /** Batches in a row without a record at or behind the offset are looked at up to this number. */
    private static final int BATCHES_MAX = 100;

    private RecordAges() {}

    /** Fills in an answer to a query for an age; the partition is led here and committed as the verdict says. */
    static OffsetAnswer answer(
            OffsetQuery query,
            PartitionRuntime partition,
            FetchVerdict.Committed committed,
            OffsetAnswer.Builder answer) {
        // An offset below the log start was deleted: the oldest record there is is the next one to read.
        long offset = Math.max(query.getAgeOfOffset(), committed.logStartOffset());
        answer.setOffset(offset).setLeaderEpoch(committed.leaderEpoch());
        if (offset >= committed.highWatermark()) {
            return answer.build();
        }
        try {
            long timestampMs = timestampMs(partition, offset, committed.highWatermark());
            if (timestampMs >= 0) {
                answer.setTimestampMs(timestampMs).setAgeMs(Math.max(0, System.currentTimeMillis() - timestampMs));
            }
            return answer.build();
        } catch (IOException broken) {
            partition.readFailed(broken);
            return answer.setFailure(
                            Failures.of(ErrorCode.STORAGE_ERROR, partition.name() + ": " + broken.getMessage()))
                    .build();
        }
    }

    /** Of the first record at or behind the offset, which may be in a later batch; -1 where there is none near by. */
    private static long timestampMs(PartitionRuntime partition, long offset, long highWatermark) throws IOException {
        long next = offset;
        for (int batches = 0; batches < BATCHES_MAX && next < highWatermark; batches++) {
            if (!(partition.read(next, 1, highWatermark) instanceof LogRead.Batches found)) {
                return -1;
            }
            for (ByteBuffer slice : found.slices()) {
                BatchReader reader = BatchReader.over(slice);
                while (reader.advance()) {
                    RecordCursor records = reader.batch().records();
                    while (records.advance()) {
                        if (records.record().offset() >= offset) {
                            return records.record().timestampMs();
                        }
                    }
                    next = reader.batch().lastOffset() + 1;
                }
            }
        }
        return -1;
    }
}
