package io.lograft.record;

import io.lograft.model.ErrorCode;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Walks the batches that follow each other in a buffer, without copying: {@code while (reader.advance())
 * use(reader.batch());}, then {@link #fault()} tells whether the end was reached or something that is no batch. Checks
 * the frame of each batch (size, magic) and nothing else: {@link RecordBatch#verifyCrc} and {@link BatchValidator} do
 * the rest. Never throws for bad bytes. Not for use by several threads at once.
 */
public final class BatchReader {

    private final ByteBuffer buffer;
    private final int end;
    private int position;
    private RecordBatch current;
    private BatchFault fault;

    private BatchReader(ByteBuffer buffer, int position, int end) {
        this.buffer = buffer;
        this.position = position;
        this.end = end;
    }

    /** Reads between the buffer's position and its limit, neither of which is moved. */
    public static BatchReader over(ByteBuffer buffer) {
        // A duplicate is big-endian, whatever the order of the original.
        return new BatchReader(buffer.duplicate(), buffer.position(), buffer.limit());
    }

    /** Moves to the next batch; false at the end, and where no whole batch follows. */
    public boolean advance() {
        current = null;
        if (fault != null || position == end) {
            return false;
        }
        fault = frameFault(buffer, position, end);
        if (fault != null) {
            return false;
        }
        current = RecordBatch.at(buffer, position);
        position += current.sizeBytes();
        return true;
    }

    /** The batch that {@link #advance} moved to. */
    public RecordBatch batch() {
        if (current == null) {
            throw new IllegalStateException("no batch: advance() has not returned true");
        }
        return current;
    }

    /** Position in the buffer that follows the last whole batch. */
    public int position() {
        return position;
    }

    /** Why {@link #advance} stopped before the end; empty if it did not. */
    public Optional<BatchFault> fault() {
        return Optional.ofNullable(fault);
    }

    /** What is wrong with the frame of the batch at {@code position} of a big-endian buffer, or null. */
    static BatchFault frameFault(ByteBuffer buffer, int position, int end) {
        int available = end - position;
        // The magic byte is at the same place in all formats, and an older format's batch may be shorter.
        if (available > BatchHeader.MAGIC_POSITION) {
            byte magic = buffer.get(position + BatchHeader.MAGIC_POSITION);
            if (magic != BatchHeader.MAGIC) {
                return new BatchFault(
                        ErrorCode.UNSUPPORTED_FORMAT,
                        "batch at position " + position + " has magic " + magic + ", not " + BatchHeader.MAGIC);
            }
        }
        if (available < BatchHeader.SIZE_BYTES) {
            return BatchFault.corrupt("batch at position " + position + " has " + available
                    + " bytes, less than a header of " + BatchHeader.SIZE_BYTES);
        }
        int length = buffer.getInt(position + BatchHeader.LENGTH_POSITION);
        if (length < BatchHeader.SIZE_BYTES - BatchHeader.LOG_OVERHEAD_BYTES) {
            return BatchFault.corrupt("batch at position " + position + " has the impossible length " + length);
        }
        if (length > available - BatchHeader.LOG_OVERHEAD_BYTES) {
            return BatchFault.corrupt("batch at position " + position + " has length " + length + ", but only "
                    + (available - BatchHeader.LOG_OVERHEAD_BYTES) + " bytes follow");
        }
        return null;
    }
}
