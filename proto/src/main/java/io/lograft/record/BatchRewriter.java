package io.lograft.record;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Makes a batch with fewer records out of another, for compaction: each record keeps its offset, the batch its two ends,
 * its leader epoch, its producer and its codec. One after the other, with the same growing array. Not for use by several
 * threads at once.
 */
public final class BatchRewriter {
    /** Keeps the base timestamp, and with it a delete horizon, as it is. */
    public static final long SAME_HORIZON = -1;

    private static final int NO_TIMESTAMP = -1;
    private static final int PREFIX_BYTES_MAX = 5 + 1 + 10 + 5;

    private byte[] bytes = new byte[4 * 1024];
    private int position;
    private int recordCount;
    private long baseTimestampMs;
    private long maxTimestampMs;
    private BatchHeader source;
    private boolean isHorizonNew;

    /**
     * Starts a batch.
     *
     * @param from header of the batch whose records are to be kept
     * @param deleteHorizonMs when its tombstones may go, or {@link #SAME_HORIZON}
     */
    public void begin(BatchHeader from, long deleteHorizonMs) {
        source = from;
        isHorizonNew = deleteHorizonMs != SAME_HORIZON;
        baseTimestampMs = isHorizonNew ? deleteHorizonMs : from.baseTimestampMs();
        maxTimestampMs = NO_TIMESTAMP;
        position = BatchHeader.SIZE_BYTES;
        recordCount = 0;
    }

    /** Keeps a record of the batch; in the order of their offsets. */
    public void keep(DecodedRecord record) {
        int contentSize = record.endPosition() - record.contentPosition();
        // With the time of appending the records' own says nothing.
        long timestampDelta = source.isLogAppendTime() ? 0 : record.timestampMs() - baseTimestampMs;
        int offsetDelta = (int) (record.offset() - source.baseOffset());
        int size = 1 + Varints.sizeOfLong(timestampDelta) + Varints.sizeOf(offsetDelta) + contentSize;
        reserve(PREFIX_BYTES_MAX + contentSize);
        int at = Varints.write(bytes, position, size);
        bytes[at++] = 0; // attributes, all bits unused
        at = Varints.writeLong(bytes, at, timestampDelta);
        at = Varints.write(bytes, at, offsetDelta);
        System.arraycopy(record.array(), record.contentPosition(), bytes, at, contentSize);
        position = at + contentSize;
        recordCount++;
        maxTimestampMs = Math.max(maxTimestampMs, record.timestampMs());
    }

    /** The batch, in a buffer of its own; without records it is as {@link #empty} has it. */
    public ByteBuffer finish() {
        if (recordCount == 0) {
            return empty(source);
        }
        Compression codec = Compression.forBits(source.codecBits())
                .orElseThrow(() -> new IllegalArgumentException("codec " + source.codecBits() + " is not known"));
        byte[] batch;
        if (codec == Compression.NONE) {
            batch = Arrays.copyOf(bytes, position);
        } else {
            ByteArrayOutputStream sink = new ByteArrayOutputStream(BatchHeader.SIZE_BYTES + position / 2);
            sink.write(bytes, 0, BatchHeader.SIZE_BYTES);
            int size = position - BatchHeader.SIZE_BYTES;
            BatchBuilder.compress(codec, codec.levelDefault(), bytes, BatchHeader.SIZE_BYTES, size, sink);
            batch = sink.toByteArray();
        }
        int attributes = source.attributes() | (isHorizonNew ? BatchHeader.DELETE_HORIZON_ATTRIBUTE : 0);
        return withHeader(batch, source, attributes, baseTimestampMs, maxTimestampMs, recordCount);
    }

    /** What is left of a batch without its records: its ends, and its producer with the sequences, but no timestamp. */
    public static ByteBuffer empty(BatchHeader source) {
        int attributes = source.attributes()
                & (BatchHeader.LOG_APPEND_TIME_ATTRIBUTE
                        | BatchHeader.TRANSACTIONAL_ATTRIBUTE
                        | BatchHeader.CONTROL_ATTRIBUTE);
        byte[] batch = new byte[BatchHeader.SIZE_BYTES];
        return withHeader(batch, source, attributes, NO_TIMESTAMP, NO_TIMESTAMP, 0);
    }

    /** A batch without records and without a producer, which stands for the offsets from the first to the last. */
    public static ByteBuffer filler(long baseOffset, long lastOffset, int leaderEpoch) {
        BatchHeader header = new BatchHeader(
                baseOffset,
                BatchHeader.SIZE_BYTES,
                leaderEpoch,
                0,
                (short) 0,
                Math.toIntExact(lastOffset - baseOffset),
                NO_TIMESTAMP,
                NO_TIMESTAMP,
                -1,
                (short) -1,
                -1,
                0);
        return empty(header);
    }

    private static ByteBuffer withHeader(
            byte[] array, BatchHeader source, int attributes, long baseTimestampMs, long maxTimestampMs, int count) {
        ByteBuffer batch = ByteBuffer.wrap(array);
        batch.putLong(BatchHeader.BASE_OFFSET_POSITION, source.baseOffset());
        batch.putInt(BatchHeader.LENGTH_POSITION, array.length - BatchHeader.LOG_OVERHEAD_BYTES);
        batch.putInt(BatchHeader.LEADER_EPOCH_POSITION, source.leaderEpoch());
        batch.put(BatchHeader.MAGIC_POSITION, BatchHeader.MAGIC);
        batch.putShort(BatchHeader.ATTRIBUTES_POSITION, (short) attributes);
        batch.putInt(BatchHeader.LAST_OFFSET_DELTA_POSITION, source.lastOffsetDelta());
        batch.putLong(BatchHeader.BASE_TIMESTAMP_POSITION, baseTimestampMs);
        batch.putLong(BatchHeader.MAX_TIMESTAMP_POSITION, maxTimestampMs);
        batch.putLong(BatchHeader.PRODUCER_ID_POSITION, source.producerId());
        batch.putShort(BatchHeader.PRODUCER_EPOCH_POSITION, source.producerEpoch());
        batch.putInt(BatchHeader.BASE_SEQUENCE_POSITION, source.baseSequence());
        batch.putInt(BatchHeader.RECORD_COUNT_POSITION, count);
        CRC32C crc = new CRC32C();
        crc.update(array, BatchHeader.ATTRIBUTES_POSITION, array.length - BatchHeader.ATTRIBUTES_POSITION);
        batch.putInt(BatchHeader.CRC_POSITION, (int) crc.getValue());
        return batch;
    }

    private void reserve(int size) {
        long needed = (long) position + size;
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.max(needed, Math.min(2L * bytes.length, Integer.MAX_VALUE - 8)));
        }
    }
}
