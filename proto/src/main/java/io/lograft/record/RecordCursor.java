package io.lograft.record;

import io.lograft.model.ErrorCode;
import io.lograft.record.codec.Decompressed;
import io.lograft.record.codec.TooLargeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads the records of one batch, forward: {@code while (cursor.advance()) use(cursor.record());}, then
 * {@link #fault()} tells whether the end was reached or damage. Never throws for bad bytes. Compressed records are
 * decompressed as a whole at the start, within a bound. A batch in an array of the heap is read in place; from any other
 * buffer its records are first copied to the heap, once. Not for use by several threads at once.
 */
public final class RecordCursor {

    /** The usual bound on what the records of one batch may expand to. */
    public static final int DECOMPRESSED_BYTES_MAX = 64 << 20;

    private final BatchHeader header;
    private final DecodedRecord.Layout layout = new DecodedRecord.Layout();
    private byte[] bytes;
    private VarintInput input;
    private int end;
    private int readCount;
    private int lastDelta = -1;
    private DecodedRecord current;
    private BatchFault fault;

    private RecordCursor(BatchHeader header) {
        this.header = header;
    }

    static RecordCursor over(RecordBatch batch, int decompressedBytesMax) {
        RecordCursor cursor = new RecordCursor(batch.header());
        cursor.open(batch.bytes(), decompressedBytesMax);
        return cursor;
    }

    /** Moves to the next record; false at the end of the batch, and at damage. */
    public boolean advance() {
        current = null;
        if (fault != null) {
            return false;
        }
        if (readCount >= header.recordCount()) {
            if (readCount != header.recordCount() || input.position() != end) {
                damaged("has " + (end - input.position()) + " bytes after its last record");
            }
            return false;
        }
        return readRecord();
    }

    /** The record that {@link #advance} moved to. */
    public DecodedRecord record() {
        if (current == null) {
            throw new IllegalStateException("no record: advance() has not returned true");
        }
        return current;
    }

    /** Why {@link #advance} stopped before the end; empty if it did not. */
    public Optional<BatchFault> fault() {
        return Optional.ofNullable(fault);
    }

    private void open(ByteBuffer batch, int decompressedBytesMax) {
        Optional<Compression> codec = Compression.forBits(header.codecBits());
        if (codec.isEmpty()) {
            fault = BatchValidator.unknownCodec(header);
            return;
        }
        int start = BatchHeader.SIZE_BYTES;
        if (batch.hasArray()) {
            bytes = batch.array();
            start += batch.arrayOffset();
        } else {
            bytes = new byte[batch.capacity()];
            batch.get(0, bytes);
        }
        end = start + batch.capacity() - BatchHeader.SIZE_BYTES;
        if (codec.get() != Compression.NONE) {
            start = decompress(codec.get(), start, decompressedBytesMax);
        }
        input = new VarintInput(bytes, start, end);
    }

    private int decompress(Compression codec, int start, int decompressedBytesMax) {
        try {
            Decompressed plain =
                    Decompressed.of(codec.codec().reader(bytes, start, end - start), end - start, decompressedBytesMax);
            bytes = plain.bytes();
            end = plain.size();
            return 0;
        } catch (TooLargeException e) {
            fault = new BatchFault(ErrorCode.RECORD_TOO_LARGE, where() + e.getMessage());
        } catch (IOException e) {
            damaged("cannot be decompressed with " + codec.label() + ": " + e.getMessage());
        }
        return start;
    }

    private boolean readRecord() {
        input.limit(end);
        int size = input.varint();
        if (input.isBroken() || size < 0 || size > input.remaining()) {
            return damaged("ends within record " + readCount + " of " + header.recordCount());
        }
        int recordEnd = input.position() + size;
        input.limit(recordEnd);
        input.skip(1); // attributes, all bits unused
        long timestampDelta = input.varlong();
        int offsetDelta = input.varint();
        layout.contentPosition = input.position();
        layout.endPosition = recordEnd;
        layout.keySize = input.varint();
        layout.keyPosition = input.position();
        input.skip(layout.keySize);
        layout.valueSize = input.varint();
        layout.valuePosition = input.position();
        input.skip(layout.valueSize);
        layout.headerCount = input.varint();
        layout.headersPosition = input.position();
        passHeaders();
        if (input.isBroken() || input.position() != recordEnd) {
            return damaged("has an impossible layout in record " + readCount + " of " + size + " bytes");
        }
        if (offsetDelta <= lastDelta || offsetDelta > header.lastOffsetDelta()) {
            return damaged("has offset delta " + offsetDelta + " in record " + readCount + " after " + lastDelta
                    + ", and ends at " + header.lastOffsetDelta());
        }
        lastDelta = offsetDelta;
        readCount++;
        long timestampMs =
                header.isLogAppendTime() ? header.maxTimestampMs() : header.baseTimestampMs() + timestampDelta;
        current = new DecodedRecord(bytes, header.baseOffset() + offsetDelta, timestampMs, layout);
        return true;
    }

    /** Checks the layout of the headers, so that they can be decoded later without a chance of failure. */
    private void passHeaders() {
        if (layout.headerCount < 0) {
            input.skip(Integer.MIN_VALUE);
        }
        for (int i = 0; i < layout.headerCount && !input.isBroken(); i++) {
            int nameSize = input.varint();
            // Only a value may be null; a name of -1 is as wrong as one of -2.
            input.skip(nameSize < 0 ? Integer.MIN_VALUE : nameSize);
            input.skip(input.varint());
        }
    }

    private boolean damaged(String what) {
        fault = BatchFault.corrupt(where() + what);
        return false;
    }

    private String where() {
        return "batch at offset " + header.baseOffset() + " ";
    }
}
