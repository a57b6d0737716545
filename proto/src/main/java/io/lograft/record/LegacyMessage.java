package io.lograft.record;

import io.lograft.model.ErrorCode;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * One message of format 0 or 1, in place. A compressed one wraps a message set: its value. {@link LegacyCursor} makes
 * these and reads what is in them. Immutable as long as nobody writes to the bytes.
 */
public final class LegacyMessage {

    private static final int LENGTH_POSITION = 8;
    private static final int CRC_POSITION = 12;
    private static final int MAGIC_POSITION = 16;
    private static final int ATTRIBUTES_POSITION = 17;
    private static final int TIMESTAMP_POSITION = 18;
    private static final int LOG_OVERHEAD_BYTES = 12;

    /** Checksum, magic, attributes, and two sizes; format 1 has a timestamp too. */
    private static final int LENGTH_MIN = 4 + 1 + 1 + 4 + 4;

    private final byte[] bytes;
    private final ByteBuffer buffer;
    private final DecodedRecord.Layout layout = new DecodedRecord.Layout();

    private LegacyMessage(byte[] bytes, int position) {
        this.bytes = bytes;
        int size = ByteBuffer.wrap(bytes).getInt(position + LENGTH_POSITION) + LOG_OVERHEAD_BYTES;
        this.buffer = ByteBuffer.wrap(bytes, position, size).slice();
        int keyStart = keySizePosition(magic()) + Integer.BYTES;
        layout.keySize = buffer.getInt(keyStart - Integer.BYTES);
        layout.keyPosition = position + keyStart;
        int valueStart = keyStart + Math.max(0, layout.keySize) + Integer.BYTES;
        layout.valueSize = buffer.getInt(valueStart - Integer.BYTES);
        layout.valuePosition = position + valueStart;
    }

    /** The message at {@code position}, in which {@link #faultAt} found nothing wrong. */
    static LegacyMessage at(byte[] bytes, int position) {
        return new LegacyMessage(bytes, position);
    }

    /** What is wrong with the message at {@code position}, which must not reach beyond {@code end}, or null. */
    static BatchFault faultAt(byte[] bytes, int position, int end) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, position, end - position).slice();
        String where = "message at position " + position + " ";
        if (buffer.capacity() > MAGIC_POSITION && (buffer.get(MAGIC_POSITION) & ~1) != 0) {
            return new BatchFault(
                    ErrorCode.UNSUPPORTED_FORMAT, where + "has magic " + buffer.get(MAGIC_POSITION) + ", not 0 or 1");
        }
        if (buffer.capacity() < LOG_OVERHEAD_BYTES + LENGTH_MIN) {
            return BatchFault.corrupt(where + "has only " + buffer.capacity() + " bytes");
        }
        int length = buffer.getInt(LENGTH_POSITION);
        int fieldsStart = keySizePosition(buffer.get(MAGIC_POSITION));
        if (length < fieldsStart + 2 * Integer.BYTES - LOG_OVERHEAD_BYTES
                || length > buffer.capacity() - LOG_OVERHEAD_BYTES) {
            return BatchFault.corrupt(where + "has length " + length + ", but "
                    + (buffer.capacity() - LOG_OVERHEAD_BYTES) + " bytes follow");
        }
        CRC32 crc = new CRC32();
        crc.update(bytes, position + MAGIC_POSITION, length - Integer.BYTES);
        if ((int) crc.getValue() != buffer.getInt(CRC_POSITION)) {
            return BatchFault.corrupt(where + "has checksum " + Long.toHexString(crc.getValue()) + ", it says "
                    + Integer.toHexString(buffer.getInt(CRC_POSITION)));
        }
        int keySize = buffer.getInt(fieldsStart);
        long valueSizeAt = (long) fieldsStart + Integer.BYTES + Math.max(0, keySize);
        long size = (long) length + LOG_OVERHEAD_BYTES;
        if (keySize < -1 || valueSizeAt + Integer.BYTES > size) {
            return BatchFault.corrupt(where + "of " + size + " bytes has a key of " + keySize);
        }
        int valueSize = buffer.getInt((int) valueSizeAt);
        return valueSize < -1 || valueSizeAt + Integer.BYTES + Math.max(0, valueSize) != size
                ? BatchFault.corrupt(where + "of " + size + " bytes has a value of " + valueSize)
                : null;
    }

    /** The offset written in the message; in a wrapper that of its last message, within one of format 1 relative. */
    public long offset() {
        return buffer.getLong(0);
    }

    /** Size with the two leading fields (offset and length). */
    public int sizeBytes() {
        return buffer.capacity();
    }

    /** Format version, 0 or 1. */
    public byte magic() {
        return buffer.get(MAGIC_POSITION);
    }

    /** Codec (bits 0 to 2) and, in format 1, timestamp type (bit 3). */
    public byte attributes() {
        return buffer.get(ATTRIBUTES_POSITION);
    }

    public int crc() {
        return buffer.getInt(CRC_POSITION);
    }

    /** Milliseconds since the epoch, -1 in format 0. */
    public long timestampMs() {
        return magic() == 0 ? -1 : buffer.getLong(TIMESTAMP_POSITION);
    }

    public boolean isLogAppendTime() {
        return magic() == 1 && (attributes() & BatchHeader.LOG_APPEND_TIME_ATTRIBUTE) != 0;
    }

    public boolean isCompressed() {
        return codecBits() != 0;
    }

    int codecBits() {
        return attributes() & BatchHeader.CODEC_ATTRIBUTES;
    }

    /** The compressed message set of a wrapper, or null. */
    ByteBuffer wrapped() {
        return layout.valueSize < 0 ? null : ByteBuffer.wrap(bytes, layout.valuePosition, layout.valueSize);
    }

    DecodedRecord toRecord(long offset, long timestampMs) {
        return new DecodedRecord(bytes, offset, timestampMs, layout);
    }

    private static int keySizePosition(byte magic) {
        return magic == 0 ? TIMESTAMP_POSITION : TIMESTAMP_POSITION + Long.BYTES;
    }
}
