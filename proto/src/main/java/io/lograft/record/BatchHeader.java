package io.lograft.record;

import java.nio.ByteBuffer;

/**
 * The fixed part of a record batch of format version 2, decoded. All numbers are big-endian; see
 * {@code docs/format/record-batch.md} for the layout, which is Kafka's published one.
 *
 * @param baseOffset offset of the first record
 * @param sizeBytes size of the whole batch, the two leading fields (offset and length) included
 * @param leaderEpoch epoch of the leader that appended the batch, -1 before that
 * @param crc CRC-32C of everything from the attributes to the end
 * @param attributes codec (bits 0 to 2), timestamp type (3), transactional (4), control (5), delete
 *     horizon (6)
 * @param lastOffsetDelta offset of the last record, relative to {@code baseOffset}
 * @param baseTimestampMs timestamp of the first record
 * @param maxTimestampMs greatest timestamp, or the append time
 * @param producerId id of the idempotent producer, -1 for none
 * @param producerEpoch its epoch, -1 for none
 * @param baseSequence sequence of the first record, -1 for none
 * @param recordCount number of records; after compaction it may be less than the offsets cover
 */
public record BatchHeader(
        long baseOffset,
        int sizeBytes,
        int leaderEpoch,
        int crc,
        short attributes,
        int lastOffsetDelta,
        long baseTimestampMs,
        long maxTimestampMs,
        long producerId,
        short producerEpoch,
        int baseSequence,
        int recordCount) {

    public static final byte MAGIC = 2;
    public static final int BASE_OFFSET_POSITION = 0;
    public static final int LENGTH_POSITION = 8;
    public static final int LEADER_EPOCH_POSITION = 12;
    public static final int MAGIC_POSITION = 16;
    public static final int CRC_POSITION = 17;
    public static final int ATTRIBUTES_POSITION = 21;
    public static final int LAST_OFFSET_DELTA_POSITION = 23;
    public static final int BASE_TIMESTAMP_POSITION = 27;
    public static final int MAX_TIMESTAMP_POSITION = 35;
    public static final int PRODUCER_ID_POSITION = 43;
    public static final int PRODUCER_EPOCH_POSITION = 51;
    public static final int BASE_SEQUENCE_POSITION = 53;
    public static final int RECORD_COUNT_POSITION = 57;

    /** Size of the header, in bytes; records follow. */
    public static final int SIZE_BYTES = 61;

    /** Bytes before the part that the length field counts. */
    public static final int LOG_OVERHEAD_BYTES = 12;

    /** Attribute bits 0 to 2: the codec. */
    public static final int CODEC_ATTRIBUTES = 0x07;

    /** Attribute bit 3: all records have the time of their appending, which is the batch's greatest timestamp. */
    public static final int LOG_APPEND_TIME_ATTRIBUTE = 0x08;

    /** Attribute bit 4: part of a transaction. */
    public static final int TRANSACTIONAL_ATTRIBUTE = 0x10;

    /** Attribute bit 5: a marker of the system, not for applications. */
    public static final int CONTROL_ATTRIBUTE = 0x20;

    /** Attribute bit 6: compaction put the time when tombstones may go into the base timestamp. */
    public static final int DELETE_HORIZON_ATTRIBUTE = 0x40;

    /** Reads the header at {@code position}; the buffer's own position stays. Does not check anything. */
    public static BatchHeader read(ByteBuffer buffer, int position) {
        return new BatchHeader(
                buffer.getLong(position + BASE_OFFSET_POSITION),
                buffer.getInt(position + LENGTH_POSITION) + LOG_OVERHEAD_BYTES,
                buffer.getInt(position + LEADER_EPOCH_POSITION),
                buffer.getInt(position + CRC_POSITION),
                buffer.getShort(position + ATTRIBUTES_POSITION),
                buffer.getInt(position + LAST_OFFSET_DELTA_POSITION),
                buffer.getLong(position + BASE_TIMESTAMP_POSITION),
                buffer.getLong(position + MAX_TIMESTAMP_POSITION),
                buffer.getLong(position + PRODUCER_ID_POSITION),
                buffer.getShort(position + PRODUCER_EPOCH_POSITION),
                buffer.getInt(position + BASE_SEQUENCE_POSITION),
                buffer.getInt(position + RECORD_COUNT_POSITION));
    }

    /** Offset of the last record. */
    public long lastOffset() {
        return baseOffset + lastOffsetDelta;
    }

    /** Offset that follows the batch. */
    public long nextOffset() {
        return baseOffset + lastOffsetDelta + 1;
    }

    /** Sequence of the last record; sequences wrap from the greatest int to 0. */
    public int lastSequence() {
        return baseSequence < 0 ? -1 : (int) (((long) baseSequence + lastOffsetDelta) & Integer.MAX_VALUE);
    }

    public boolean hasProducer() {
        return producerId >= 0;
    }

    public int codecBits() {
        return attributes & CODEC_ATTRIBUTES;
    }

    public boolean isLogAppendTime() {
        return (attributes & LOG_APPEND_TIME_ATTRIBUTE) != 0;
    }

    public boolean isTransactional() {
        return (attributes & TRANSACTIONAL_ATTRIBUTE) != 0;
    }

    /** True if compaction put the time when tombstones may go into the base timestamp. */
    public boolean hasDeleteHorizon() {
        return (attributes & DELETE_HORIZON_ATTRIBUTE) != 0;
    }

    public boolean isControl() {
        return (attributes & CONTROL_ATTRIBUTE) != 0;
    }
}
