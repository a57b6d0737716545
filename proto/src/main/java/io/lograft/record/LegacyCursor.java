package io.lograft.record;

import io.lograft.model.ErrorCode;
import io.lograft.record.codec.Decompressed;
import io.lograft.record.codec.Lz4Codec;
import io.lograft.record.codec.TooLargeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads message sets of formats 0 and 1, forward, as records; compressed sets are read through their wrappers, so a
 * caller sees plain records only. Use as {@link RecordCursor}: never throws for bad bytes, {@link #fault()} tells why it
 * stopped. Checksums are always verified. Not for use by several threads at once.
 */
public final class LegacyCursor {

    private final int decompressedBytesMax;
    private final byte[] bytes;
    private final int arrayOffset;
    private final int end;
    private int position;
    private LegacyMessage outer;
    private DecodedRecord current;
    private BatchFault fault;

    // The decompressed set of the wrapper that is being read, if any.
    private byte[] inner = new byte[0];
    private int innerPosition;
    private int innerEnd;
    private long innerBaseOffset;

    private LegacyCursor(byte[] bytes, int arrayOffset, int position, int end, int decompressedBytesMax) {
        this.bytes = bytes;
        this.arrayOffset = arrayOffset;
        this.position = position;
        this.end = end;
        this.decompressedBytesMax = decompressedBytesMax;
    }

    /**
     * Reads between the buffer's position and its limit, neither of which is moved; what is not in an array is copied.
     *
     * @param decompressedBytesMax bound on what one compressed set may expand to
     */
    public static LegacyCursor over(ByteBuffer buffer, int decompressedBytesMax) {
        if (buffer.hasArray()) {
            int shift = buffer.arrayOffset();
            return new LegacyCursor(
                    buffer.array(), shift, shift + buffer.position(), shift + buffer.limit(), decompressedBytesMax);
        }
        byte[] copy = new byte[buffer.limit()];
        buffer.get(0, copy);
        return new LegacyCursor(copy, 0, buffer.position(), buffer.limit(), decompressedBytesMax);
    }

    /** Moves to the next record; false at the end, and at damage. */
    public boolean advance() {
        current = null;
        if (fault != null) {
            return false;
        }
        if (innerPosition < innerEnd) {
            return readInner();
        }
        if (position == end) {
            return false;
        }
        fault = LegacyMessage.faultAt(bytes, position, end);
        if (fault != null) {
            return false;
        }
        outer = LegacyMessage.at(bytes, position);
        if (outer.isCompressed()) {
            return unwrap() && readInner();
        }
        position += outer.sizeBytes();
        current = outer.toRecord(outer.offset(), outer.timestampMs());
        return true;
    }

    /** The record that {@link #advance} moved to. */
    public DecodedRecord record() {
        if (current == null) {
            throw new IllegalStateException("no record: advance() has not returned true");
        }
        return current;
    }

    /** The message that holds the record: itself, or its compressed wrapper. */
    public LegacyMessage message() {
        if (outer == null) {
            throw new IllegalStateException("no message: advance() has not returned true");
        }
        return outer;
    }

    /** Position in the buffer behind the last message, or wrapper, from which a record was read. */
    public int position() {
        return position - arrayOffset;
    }

    /** Why {@link #advance} stopped before the end; empty if it did not. */
    public Optional<BatchFault> fault() {
        return Optional.ofNullable(fault);
    }

    private boolean readInner() {
        LegacyMessage message = LegacyMessage.at(inner, innerPosition);
        innerPosition += message.sizeBytes();
        long timestampMs = outer.isLogAppendTime() ? outer.timestampMs() : message.timestampMs();
        current = message.toRecord(innerBaseOffset + message.offset(), timestampMs);
        return true;
    }

    /** Decompresses the wrapper's set and checks all of it, so that reading it cannot fail. */
    private boolean unwrap() {
        Optional<Compression> codec = Compression.forBits(outer.codecBits());
        if (codec.isEmpty() || codec.get() == Compression.ZSTD) {
            fault = new BatchFault(
                    ErrorCode.UNSUPPORTED_COMPRESSION,
                    where() + "has codec " + outer.codecBits() + ", unknown in format " + outer.magic());
            return false;
        }
        ByteBuffer packed = outer.wrapped();
        if (packed == null) {
            return damaged("is compressed but has no value");
        }
        try {
            Decompressed plain = Decompressed.of(reader(codec.get(), packed), packed.remaining(), decompressedBytesMax);
            inner = plain.bytes();
            innerPosition = 0;
            innerEnd = plain.size();
        } catch (TooLargeException e) {
            fault = new BatchFault(ErrorCode.RECORD_TOO_LARGE, where() + e.getMessage());
            return false;
        } catch (IOException e) {
            return damaged("cannot be decompressed with " + codec.get().label() + ": " + e.getMessage());
        }
        boolean sound = checkInner();
        position += sound ? outer.sizeBytes() : 0;
        innerEnd = sound ? innerEnd : innerPosition;
        return sound;
    }

    private InputStream reader(Compression codec, ByteBuffer packed) throws IOException {
        int from = packed.arrayOffset() + packed.position();
        return codec == Compression.LZ4 && outer.magic() == 0
                ? Lz4Codec.readerOfFormat0(packed.array(), from, packed.remaining())
                : codec.codec().reader(packed.array(), from, packed.remaining());
    }

    private boolean checkInner() {
        long lastOffset = -1;
        for (int at = innerPosition; at < innerEnd; ) {
            BatchFault innerFault = LegacyMessage.faultAt(inner, at, innerEnd);
            if (innerFault != null) {
                return damaged("wraps a bad message: " + innerFault.message());
            }
            LegacyMessage message = LegacyMessage.at(inner, at);
            if (message.magic() != outer.magic() || message.isCompressed()) {
                return damaged("of format " + outer.magic() + " wraps a message of format " + message.magic()
                        + " with attributes " + message.attributes());
            }
            lastOffset = message.offset();
            at += message.sizeBytes();
        }
        if (lastOffset < 0) {
            return damaged("wraps no message");
        }
        // Format 0 wraps absolute offsets, format 1 relative ones. Some old producers left 0 in the wrapper.
        boolean relative = outer.magic() == 1 && outer.offset() != 0;
        innerBaseOffset = relative ? outer.offset() - lastOffset : 0;
        return innerBaseOffset >= 0 || damaged("wraps the relative offset " + lastOffset);
    }

    private boolean damaged(String what) {
        fault = BatchFault.corrupt(where() + what);
        return false;
    }

    private String where() {
        return "message at offset " + outer.offset() + " ";
    }
}
