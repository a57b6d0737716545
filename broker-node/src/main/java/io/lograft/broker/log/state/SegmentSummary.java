package io.lograft.broker.log.state;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What is known of a segment up to an offset, so that it can be opened without a look into it or its indexes, and so that a
 * cut index is noticed. Trails the producer snapshot of that offset, with a checksum of its own.
 *
 * @param baseOffset where the segment begins
 * @param nextOffset the offset up to which this counts
 * @param lastEpoch leader epoch of the last batch
 * @param sizeBytes of the batches in the log file
 * @param entries how many entries the index files have
 */
public record SegmentSummary(
        long baseOffset, long nextOffset, int lastEpoch, int sizeBytes, Entries entries, Times times) {

    /** Counts of index entries up to the offset. */
    public record Entries(int offsets, int times) {}

    /**
     * Times in the segment up to the offset.
     *
     * @param maxMs the greatest timestamp
     * @param maxOffset last offset of the first batch that has it
     * @param firstAppendMs when its first batch was appended, by the clock of this broker
     */
    public record Times(long maxMs, long maxOffset, long firstAppendMs) {}

    /** Size of the encoded form. */
    public static final int SIZE_BYTES = 64;

    /** {@code SEGS}. */
    private static final int TAG = 0x53454753;

    private static final int CRC_POSITION = SIZE_BYTES - 4;

    /** Appends the encoded form to a buffer. */
    void encode(ByteBuffer target) {
        int from = target.position();
        target.putInt(TAG)
                .putLong(baseOffset)
                .putLong(nextOffset)
                .putInt(lastEpoch)
                .putInt(sizeBytes)
                .putInt(entries.offsets())
                .putInt(entries.times())
                .putLong(times.maxMs())
                .putLong(times.maxOffset())
                .putLong(times.firstAppendMs());
        target.putInt(crc(target.slice(from, CRC_POSITION)));
    }

    /** Reads the encoded form, which ends where the buffer ends; empty if it is not there, or damaged. */
    public static Optional<SegmentSummary> decodeLast(ByteBuffer buffer) {
        if (buffer.remaining() < SIZE_BYTES) {
            return Optional.empty();
        }
        ByteBuffer bytes = buffer.slice(buffer.limit() - SIZE_BYTES, SIZE_BYTES);
        boolean isWhole = bytes.getInt(0) == TAG && bytes.getInt(CRC_POSITION) == crc(bytes.slice(0, CRC_POSITION));
        if (!isWhole) {
            return Optional.empty();
        }
        bytes.getInt();
        return Optional.of(new SegmentSummary(
                bytes.getLong(),
                bytes.getLong(),
                bytes.getInt(),
                bytes.getInt(),
                new Entries(bytes.getInt(), bytes.getInt()),
                new Times(bytes.getLong(), bytes.getLong(), bytes.getLong())));
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }
}
