package io.lograft.record;

import io.lograft.model.ErrorCode;
import io.lograft.record.codec.TooLargeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Passes over all records of a batch and checks their layout, without making objects of them and without holding more
 * than a buffer of what is decompressed. For one batch, and one thread.
 */
final class RecordWalk {
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int TIMESTAMP_NONE = -1;

    private final BatchHeader header;
    private final boolean isDense;
    private final int plainBytesMax;
    /** Null where all is in the buffer from the start. */
    private InputStream rest;

    private byte[] buffer;
    private int position;
    private int limit;
    /** Bytes that were in the buffer before its present content, and where the present record must end. */
    private long passedBytes;

    private long recordEnd;

    private int lastDelta = -1;
    private long maxTimestampMs = Long.MIN_VALUE;
    private long minTimestampMs = Long.MAX_VALUE;

    /**
     * Makes a walk for a batch.
     *
     * @param isDense offsets must have no gaps
     * @param plainBytesMax bound on what the records may expand to
     */
    RecordWalk(BatchHeader header, boolean isDense, int plainBytesMax) {
        this.header = header;
        this.isDense = isDense;
        this.plainBytesMax = plainBytesMax;
    }

    /** Walks; answers with what is wrong, or null. */
    BatchFault run(RecordBatch batch) {
        Optional<Compression> codec = Compression.forBits(header.codecBits());
        if (codec.isEmpty()) {
            return BatchValidator.unknownCodec(header);
        }
        try (InputStream opened = open(batch.bytes(), codec.get())) {
            rest = opened;
            for (int i = 0; i < header.recordCount(); i++) {
                passRecord(i);
            }
            if (position < limit || fill()) {
                throw new LayoutException("has bytes after its last record");
            }
            return null;
        } catch (TooLargeException e) {
            return new BatchFault(ErrorCode.RECORD_TOO_LARGE, where() + e.getMessage());
        } catch (LayoutException e) {
            return BatchFault.corrupt(where() + e.getMessage());
        } catch (IOException e) {
            return BatchFault.corrupt(
                    where() + "cannot be decompressed with " + codec.get().label() + ": " + e.getMessage());
        }
    }

    /** The greatest timestamp of the records; the least long where there are none. */
    long maxTimestampMs() {
        return maxTimestampMs;
    }

    /** The least timestamp of the records that have one; the greatest long where none has. */
    long minTimestampMs() {
        return minTimestampMs;
    }

    private InputStream open(ByteBuffer batch, Compression codec) throws IOException {
        byte[] bytes;
        int start = BatchHeader.SIZE_BYTES;
        if (batch.hasArray()) {
            bytes = batch.array();
            start += batch.arrayOffset();
        } else {
            bytes = new byte[batch.capacity()];
            batch.get(0, bytes);
        }
        int size = batch.capacity() - BatchHeader.SIZE_BYTES;
        if (codec == Compression.NONE) {
            buffer = bytes;
            position = start;
            limit = start + size;
            passedBytes = -start;
            return null;
        }
        buffer = new byte[BUFFER_BYTES];
        return codec.codec().reader(bytes, start, size);
    }

    private void passRecord(int index) throws IOException {
        recordEnd = Long.MAX_VALUE;
        long size = varint(index);
        if (size < 0) {
            throw new LayoutException("has size " + size + " for record " + index);
        }
        recordEnd = passedBytes + position + size;
        skip(1, index); // Attributes, all bits unused.
        long timestampDelta = varlong(index);
        int offsetDelta = varint(index);
        skipField(varint(index), -1, index);
        skipField(varint(index), -1, index);
        int headerCount = varint(index);
        if (headerCount < 0) {
            throw new LayoutException("has " + headerCount + " headers in record " + index);
        }
        for (int i = 0; i < headerCount; i++) {
            skipField(varint(index), 0, index);
            skipField(varint(index), -1, index);
        }
        if (passedBytes + position != recordEnd) {
            throw new LayoutException("has a record " + index + " of " + size + " bytes, of which "
                    + (recordEnd - passedBytes - position) + " are left over");
        }
        checkOffset(index, offsetDelta);
        passTimestamp(header.baseTimestampMs() + timestampDelta);
    }

    private void checkOffset(int index, int offsetDelta) throws LayoutException {
        boolean isInPlace = isDense ? offsetDelta == index : offsetDelta > lastDelta;
        if (!isInPlace || offsetDelta > header.lastOffsetDelta()) {
            throw new LayoutException("has offset delta " + offsetDelta + " in record " + index + " after " + lastDelta
                    + ", and ends at " + header.lastOffsetDelta());
        }
        lastDelta = offsetDelta;
    }

    private void passTimestamp(long ownMs) {
        long timestampMs = header.isLogAppendTime() ? header.maxTimestampMs() : ownMs;
        maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
        if (timestampMs != TIMESTAMP_NONE) {
            minTimestampMs = Math.min(minTimestampMs, timestampMs);
        }
    }

    private void skipField(int size, int sizeMin, int index) throws IOException {
        if (size < sizeMin) {
            throw new LayoutException("has a field of size " + size + " in record " + index);
        }
        skip(Math.max(0, size), index);
    }

    private void skip(int size, int index) throws IOException {
        if (size > recordEnd - passedBytes - position) {
            throw new LayoutException("has a field of " + size + " bytes beyond the end of record " + index);
        }
        int left = size;
        while (left > limit - position) {
            left -= limit - position;
            position = limit;
            if (!fill()) {
                throw new LayoutException("ends within record " + index + " of " + header.recordCount());
            }
        }
        position += left;
    }

    private int varint(int index) throws IOException {
        // Nearly all numbers of a record take one byte.
        if (position < limit && buffer[position] >= 0) {
            int one = buffer[position++];
            return (one >>> 1) ^ -(one & 1);
        }
        long raw = raw(28, index);
        if (raw >>> 32 != 0) {
            throw new LayoutException("has a number of more than 32 bits in record " + index);
        }
        int low = (int) raw;
        return (low >>> 1) ^ -(low & 1);
    }

    private long varlong(int index) throws IOException {
        long raw = raw(63, index);
        return (raw >>> 1) ^ -(raw & 1);
    }

    private long raw(int shiftMax, int index) throws IOException {
        long value = 0;
        for (int shift = 0; shift <= shiftMax; shift += 7) {
            if (position == limit && !fill()) {
                throw new LayoutException("ends within record " + index + " of " + header.recordCount());
            }
            byte next = buffer[position++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new LayoutException("has a number that does not end in record " + index);
    }

    /** Gets more bytes into the buffer, which is used up; false at the end. */
    private boolean fill() throws IOException {
        if (rest == null) {
            return false;
        }
        passedBytes += limit;
        position = 0;
        limit = Math.max(0, rest.read(buffer, 0, buffer.length));
        if (passedBytes + limit > plainBytesMax) {
            throw new TooLargeException("expands to more than the bound of " + plainBytesMax + " bytes");
        }
        return limit > 0;
    }

    private String where() {
        return "batch at offset " + header.baseOffset() + " ";
    }

    /** The records are not laid out as they should be. */
    private static final class LayoutException extends IOException {
        private static final long serialVersionUID = 1;

        private LayoutException(String message) {
            super(message, null);
        }
    }
}
