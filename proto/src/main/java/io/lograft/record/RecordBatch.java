package io.lograft.record;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * One record batch of format version 2, in place: a view over a region of a buffer, nothing is copied. Writing through
 * it changes the buffer; over a read-only one it throws ReadOnlyBufferException. Not for use by several threads at once
 * while one of them writes.
 */
public final class RecordBatch {

    private final ByteBuffer buffer;

    private RecordBatch(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    /**
     * The batch at {@code position}, as long as its length field says; the buffer's own position is neither used nor
     * moved. Its structure is not checked here (see {@link BatchReader} and {@link BatchValidator}); throws
     * IllegalArgumentException when it does not lie within the buffer's capacity or is shorter than a header.
     */
    public static RecordBatch at(ByteBuffer buffer, int position) {
        ByteBuffer rest = buffer.duplicate().clear().position(position).slice();
        int size = rest.remaining() < BatchHeader.SIZE_BYTES
                ? -1
                : rest.getInt(BatchHeader.LENGTH_POSITION) + BatchHeader.LOG_OVERHEAD_BYTES;
        if (size < BatchHeader.SIZE_BYTES || size > rest.remaining()) {
            throw new IllegalArgumentException("no batch of " + size + " bytes at position " + position
                    + " of a buffer of " + buffer.capacity() + " bytes");
        }
        return new RecordBatch(rest.slice(0, size));
    }

    /** The batch that fills the array. */
    public static RecordBatch of(byte[] bytes) {
        return at(ByteBuffer.wrap(bytes), 0);
    }

    /** The fixed part, decoded anew at each call. */
    public BatchHeader header() {
        return BatchHeader.read(buffer, 0);
    }

    public int sizeBytes() {
        return buffer.capacity();
    }

    public long baseOffset() {
        return buffer.getLong(BatchHeader.BASE_OFFSET_POSITION);
    }

    public long lastOffset() {
        return baseOffset() + buffer.getInt(BatchHeader.LAST_OFFSET_DELTA_POSITION);
    }

    /** Offset that follows the batch. */
    public long nextOffset() {
        return lastOffset() + 1;
    }

    public int leaderEpoch() {
        return buffer.getInt(BatchHeader.LEADER_EPOCH_POSITION);
    }

    public int recordCount() {
        return buffer.getInt(BatchHeader.RECORD_COUNT_POSITION);
    }

    /** All bytes of the batch, position 0, shared with this view. */
    public ByteBuffer bytes() {
        return buffer.duplicate();
    }

    /** The records, read forward; {@code decompressedBytesMax} bounds what compressed ones may expand to. */
    public RecordCursor records(int decompressedBytesMax) {
        return RecordCursor.over(this, decompressedBytesMax);
    }

    /** The records, with the usual bound on decompression. */
    public RecordCursor records() {
        return records(RecordCursor.DECOMPRESSED_BYTES_MAX);
    }

    /** True if the checksum in the header is that of the bytes it covers. */
    public boolean verifyCrc() {
        return buffer.getInt(BatchHeader.CRC_POSITION) == crcOfContent();
    }

    /** The checksum that the batch should have: CRC-32C from the attributes to the end. */
    int crcOfContent() {
        CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().position(BatchHeader.ATTRIBUTES_POSITION));
        return (int) crc.getValue();
    }

    /** Gives the batch its place in the log. Both fields lie outside the checksum, so nothing else changes. */
    public void assign(long baseOffset, int leaderEpoch) {
        buffer.putLong(BatchHeader.BASE_OFFSET_POSITION, baseOffset);
        buffer.putInt(BatchHeader.LEADER_EPOCH_POSITION, leaderEpoch);
    }

    /** Gives all records the time of their appending, in milliseconds since the epoch, and renews the checksum. */
    public void assignLogAppendTime(long appendTimeMs) {
        short attributes = buffer.getShort(BatchHeader.ATTRIBUTES_POSITION);
        buffer.putShort(BatchHeader.ATTRIBUTES_POSITION, (short) (attributes | BatchHeader.LOG_APPEND_TIME_ATTRIBUTE));
        buffer.putLong(BatchHeader.MAX_TIMESTAMP_POSITION, appendTimeMs);
        buffer.putInt(BatchHeader.CRC_POSITION, crcOfContent());
    }
}
