package io.lograft.record;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Builds batches of format version 2, one after the other, with the same growing array. Offsets of the records are
 * dense from 0 unless {@link #appendAt} says otherwise; the leader gives the batch its place. Not for use by several threads at once.
 */
public final class BatchBuilder {

    /** The greatest size of one record's key, value and headers together, in bytes. */
    public static final int RECORD_BYTES_MAX = 1 << 30;

    /** The greatest size of a record's fields besides key, value and headers: 4 varints, a varlong, attributes. */
    private static final int RECORD_OVERHEAD_BYTES_MAX = 5 * 5 + 10 + 1;

    private final int targetBytes;
    private byte[] bytes;
    private int position = BatchHeader.SIZE_BYTES;
    private int recordCount;
    private int lastOffsetDelta;
    private long baseTimestampMs;
    private long maxTimestampMs;

    /**
     * Starts the first batch.
     *
     * @param targetBytes size that a batch does not pass before compression, unless by its first record
     */
    public BatchBuilder(int targetBytes) {
        if (targetBytes < BatchHeader.SIZE_BYTES) {
            throw new IllegalArgumentException("a batch has at least " + BatchHeader.SIZE_BYTES + " bytes, so "
                    + targetBytes + " is too small a target");
        }
        this.targetBytes = targetBytes;
        this.bytes = new byte[Math.min(targetBytes, 4 * 1024)];
    }

    /**
     * Adds a record without headers, as {@link #append(long, byte[], byte[], List)} does.
     *
     * @param key key, or null
     * @param value value, or null
     */
    public boolean append(long timestampMs, byte[] key, byte[] value) {
        return append(timestampMs, key, value, List.of());
    }

    /**
     * Adds a record, unless the batch has some already and would pass its target size: then nothing changes and the
     * answer is false. Throws IllegalArgumentException for a record above {@link #RECORD_BYTES_MAX}.
     *
     * @param timestampMs milliseconds since the epoch, -1 for none
     * @param key key, or null
     * @param value value, or null
     */
    public boolean append(long timestampMs, byte[] key, byte[] value, List<RecordHeader> headers) {
        return appendAt(recordCount == 0 ? 0 : lastOffsetDelta + 1, timestampMs, key, value, headers);
    }

    /**
     * The same for a record whose place among the batch's offsets is told: there may be gaps, as compaction leaves them.
     *
     * @param offsetDelta of the record to the batch's base offset; above that of the record before
     */
    public boolean appendAt(int offsetDelta, long timestampMs, byte[] key, byte[] value, List<RecordHeader> headers) {
        if (offsetDelta < 0 || (recordCount > 0 && offsetDelta <= lastOffsetDelta)) {
            throw new IllegalArgumentException("offset delta " + offsetDelta + " of record " + recordCount
                    + " does not follow " + lastOffsetDelta);
        }
        long timestampDelta = recordCount == 0 ? 0 : timestampMs - baseTimestampMs;
        int size = recordSize(timestampDelta, offsetDelta, key, value, headers);
        int total = Varints.sizeOf(size) + size;
        if (recordCount > 0 && total > targetBytes - position) {
            return false;
        }
        reserve(total);
        if (recordCount == 0) {
            baseTimestampMs = timestampMs;
            maxTimestampMs = timestampMs;
        }
        int at = Varints.write(bytes, position, size);
        bytes[at++] = 0; // attributes, all bits unused
        at = Varints.writeLong(bytes, at, timestampDelta);
        at = Varints.write(bytes, at, offsetDelta);
        at = writeBytes(at, key);
        at = writeBytes(at, value);
        at = Varints.write(bytes, at, headers.size());
        for (int i = 0; i < headers.size(); i++) {
            at = writeBytes(at, headers.get(i).key().getBytes(StandardCharsets.UTF_8));
            at = writeBytes(at, headers.get(i).value());
        }
        if (at != position + total) {
            throw new IllegalStateException("record of " + (at - position) + " bytes was reckoned as " + total);
        }
        position = at;
        recordCount++;
        lastOffsetDelta = offsetDelta;
        maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
        return true;
    }

    /** The most bytes that a record with this much key, value and headers (names and values) can take in a batch. */
    public static long recordSizeBytesMax(long keyAndValueBytes, long headerBytes, int headerCount) {
        return RECORD_OVERHEAD_BYTES_MAX + keyAndValueBytes + headerBytes + 10L * headerCount;
    }

    public boolean isEmpty() {
        return recordCount == 0;
    }

    public int recordCount() {
        return recordCount;
    }

    /** Size of the batch so far, before compression, its header included. */
    public int sizeBytes() {
        return position;
    }

    /**
     * The batch, in an array of its own: base offset 0, leader epoch -1. The builder keeps its records until
     * {@link #reset}. Throws IllegalStateException for a batch without records.
     */
    public byte[] build(BatchOptions options) {
        if (recordCount == 0) {
            throw new IllegalStateException("a batch has at least one record");
        }
        byte[] batch;
        if (options.compression() == Compression.NONE) {
            batch = Arrays.copyOf(bytes, position);
        } else {
            ByteArrayOutputStream sink = new ByteArrayOutputStream(BatchHeader.SIZE_BYTES + position / 2);
            sink.write(bytes, 0, BatchHeader.SIZE_BYTES);
            int size = position - BatchHeader.SIZE_BYTES;
            compress(options.compression(), options.level(), bytes, BatchHeader.SIZE_BYTES, size, sink);
            batch = sink.toByteArray();
        }
        writeHeader(batch, options);
        return batch;
    }

    static void compress(
            Compression compression, int level, byte[] bytes, int position, int size, ByteArrayOutputStream sink) {
        try {
            compression.codec().compress(bytes, position, size, level, sink);
        } catch (IOException e) {
            throw new UncheckedIOException("compressing in memory cannot fail", e);
        }
    }

    /** Drops the records and starts the next batch. */
    public void reset() {
        position = BatchHeader.SIZE_BYTES;
        recordCount = 0;
    }

    private void writeHeader(byte[] array, BatchOptions options) {
        ByteBuffer batch = ByteBuffer.wrap(array);
        boolean appendTime = options.logAppendTimeMs() != BatchOptions.CREATE_TIME;
        batch.putLong(BatchHeader.BASE_OFFSET_POSITION, 0);
        batch.putInt(BatchHeader.LENGTH_POSITION, array.length - BatchHeader.LOG_OVERHEAD_BYTES);
        batch.putInt(BatchHeader.LEADER_EPOCH_POSITION, -1);
        batch.put(BatchHeader.MAGIC_POSITION, BatchHeader.MAGIC);
        batch.putShort(BatchHeader.ATTRIBUTES_POSITION, options.attributes());
        batch.putInt(BatchHeader.LAST_OFFSET_DELTA_POSITION, lastOffsetDelta);
        batch.putLong(BatchHeader.BASE_TIMESTAMP_POSITION, baseTimestampMs);
        batch.putLong(BatchHeader.MAX_TIMESTAMP_POSITION, appendTime ? options.logAppendTimeMs() : maxTimestampMs);
        batch.putLong(BatchHeader.PRODUCER_ID_POSITION, options.producerId());
        batch.putShort(BatchHeader.PRODUCER_EPOCH_POSITION, options.producerEpoch());
        batch.putInt(BatchHeader.BASE_SEQUENCE_POSITION, options.baseSequence());
        batch.putInt(BatchHeader.RECORD_COUNT_POSITION, recordCount);
        CRC32C crc = new CRC32C();
        crc.update(array, BatchHeader.ATTRIBUTES_POSITION, array.length - BatchHeader.ATTRIBUTES_POSITION);
        batch.putInt(BatchHeader.CRC_POSITION, (int) crc.getValue());
    }

    private static int recordSize(
            long timestampDelta, int offsetDelta, byte[] key, byte[] value, List<RecordHeader> headers) {
        long size = 1L
                + Varints.sizeOfLong(timestampDelta)
                + Varints.sizeOf(offsetDelta)
                + fieldSize(key)
                + fieldSize(value)
                + Varints.sizeOf(headers.size());
        for (int i = 0; i < headers.size(); i++) {
            int nameSize = Varints.utf8Size(headers.get(i).key());
            size += (long) Varints.sizeOf(nameSize)
                    + nameSize
                    + fieldSize(headers.get(i).value());
        }
        if (size > RECORD_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "a record of " + size + " bytes is above the format's bound of " + RECORD_BYTES_MAX);
        }
        return (int) size;
    }

    private static long fieldSize(byte[] field) {
        return field == null ? 1 : (long) Varints.sizeOf(field.length) + field.length;
    }

    private int writeBytes(int at, byte[] field) {
        if (field == null) {
            return Varints.write(bytes, at, -1);
        }
        int from = Varints.write(bytes, at, field.length);
        System.arraycopy(field, 0, bytes, from, field.length);
        return from + field.length;
    }

    private void reserve(int size) {
        long needed = (long) position + size;
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.max(needed, Math.min(2L * bytes.length, Integer.MAX_VALUE - 8)));
        }
    }
}
