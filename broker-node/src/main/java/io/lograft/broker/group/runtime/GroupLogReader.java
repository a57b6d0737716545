package io.lograft.broker.group.runtime;

import com.google.protobuf.ByteString;
import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.log.LogRead;
import io.lograft.record.BatchFault;
import io.lograft.record.BatchReader;
import io.lograft.record.DecodedRecord;
import io.lograft.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads all committed records of a partition of {@code __consumer_offsets} up to an end. Owned by: a group loop. */
final class GroupLogReader {
    private static final int STEP_BYTES = 1 << 20;

    private final GroupPartition partition;
    private final long endOffset;
    private final Consumer<GroupRecord> sink;
    private long nextOffset = -1;
    private long recordCount;

    /** How far it got. */
    enum Progress {
        /** There is more to be read at once. */
        MORE,
        /** What comes next is not committed yet. */
        WAITING,
        DONE
    }

    GroupLogReader(GroupPartition partition, long endOffset, Consumer<GroupRecord> sink) {
        this.partition = partition;
        this.endOffset = endOffset;
        this.sink = sink;
    }

    /** Reads the next piece; may wait for the disk. */
    Progress readOn() throws IOException {
        long committed = partition.view().highWatermark();
        if (nextOffset < 0) {
            nextOffset = partition.view().logStartOffset();
        }
        if (nextOffset >= endOffset) {
            return Progress.DONE;
        }
        if (nextOffset >= committed) {
            return Progress.WAITING;
        }
        switch (partition.read(nextOffset, STEP_BYTES, Math.min(committed, endOffset))) {
            case LogRead.Batches batches -> {
                if (batches.sizeBytes() == 0) {
                    return Progress.WAITING;
                }
                for (ByteBuffer slice : batches.slices()) {
                    readAll(slice);
                }
                nextOffset = batches.nextOffset();
            }
            case LogRead.OutOfRange outside -> nextOffset = Math.max(nextOffset, outside.logStartOffset());
        }
        return nextOffset >= endOffset ? Progress.DONE : Progress.MORE;
    }

    private void readAll(ByteBuffer slice) throws IOException {
        BatchReader reader = BatchReader.over(slice);
        while (reader.advance()) {
            RecordCursor records = reader.batch().records();
            while (records.advance()) {
                read(records.record());
            }
            check(records.fault());
        }
        check(reader.fault());
    }

    private void check(Optional<BatchFault> fault) throws IOException {
        if (fault.isPresent()) {
            throw new IOException(partition.name() + ": " + fault.get().message());
        }
    }

    private void read(DecodedRecord record) throws IOException {
        if (record.offset() < nextOffset || !record.hasKey()) {
            return;
        }
        ByteString key = ByteString.copyFrom(record.keyBuffer());
        Optional<ByteString> value =
                record.hasValue() ? Optional.of(ByteString.copyFrom(record.valueBuffer())) : Optional.empty();
        try {
            GroupRecordCodec.decode(key, value).ifPresent(sink);
        } catch (IOException | IllegalArgumentException malformed) {
            throw new IOException(
                    partition.name() + ": the record at offset " + record.offset() + " is no record of a group",
                    malformed);
        }
        recordCount++;
    }

    long recordCount() {
        return recordCount;
    }
}
