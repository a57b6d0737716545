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
            long timestampMs = timestampMs(partition.read(offset, 1, committed.highWatermark()), offset);
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

    /** Of the first record at or behind the offset, -1 where there is none in what was read. */
    private static long timestampMs(LogRead read, long offset) {
        if (read instanceof LogRead.Batches batches) {
            for (ByteBuffer slice : batches.slices()) {
                BatchReader reader = BatchReader.over(slice);
                while (reader.advance()) {
                    RecordCursor records = reader.batch().records();
                    while (records.advance()) {
                        if (records.record().offset() >= offset) {
                            return records.record().timestampMs();
                        }
                    }
                }
            }
        }
        return -1;
    }
}
