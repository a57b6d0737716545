package io.lograft.broker.log.state;

import io.lograft.record.BatchHeader;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/** What must be true of every batch in a log, whoever wrote it. Pure. */
public final class BatchFrames {
    private BatchFrames() {}

    /**
     * What is wrong with a header, null if nothing.
     *
     * @param expectedOffset offset it must have, -1 if any
     * @param lastEpoch epoch of the batch before it
     */
    public static String damageOf(BatchHeader header, byte magic, long expectedOffset, int lastEpoch) {
        if (header.sizeBytes() < BatchHeader.SIZE_BYTES) {
            return "a batch cannot have " + header.sizeBytes() + " bytes";
        }
        if (magic != BatchHeader.MAGIC) {
            return "the batch format is " + magic + ", not " + BatchHeader.MAGIC;
        }
        if (header.lastOffsetDelta() < 0 || header.recordCount() < 0) {
            return "last offset delta " + header.lastOffsetDelta() + ", record count " + header.recordCount();
        }
        if (expectedOffset >= 0 && header.baseOffset() != expectedOffset) {
            return "the batch begins at offset " + header.baseOffset() + ", not " + expectedOffset;
        }
        if (header.baseOffset() < 0 || header.leaderEpoch() < lastEpoch) {
            return "offset " + header.baseOffset() + ", leader epoch " + header.leaderEpoch() + " after " + lastEpoch;
        }
        if (header.nextOffset() < 0) {
            return "the batch at offset " + header.baseOffset() + " reaches beyond the last offset there is";
        }
        return null;
    }

    /** Compares the checksum in the header with that of the bytes; the whole batch lies in the buffer. */
    public static boolean hasValidChecksum(ByteBuffer buffer, int position, BatchHeader header, CRC32C crc) {
        crc.reset();
        int covered = header.sizeBytes() - BatchHeader.ATTRIBUTES_POSITION;
        crc.update(buffer.slice(position + BatchHeader.ATTRIBUTES_POSITION, covered));
        return (int) crc.getValue() == header.crc();
    }

    /** As many of the first batches as a segment with this base offset has room for; at least one. */
    public static List<BatchHeader> firstThatFit(List<BatchHeader> batches, int roomBytes, long segmentBase) {
        long sizeBytes = batches.getFirst().sizeBytes();
        int count = 1;
        while (count < batches.size()
                && sizeBytes + batches.get(count).sizeBytes() <= roomBytes
                && batches.get(count).lastOffset() - segmentBase <= Integer.MAX_VALUE) {
            sizeBytes += batches.get(count).sizeBytes();
            count++;
        }
        return batches.subList(0, count);
    }

    /** Size of all together, which lie in one buffer. */
    public static int sizeBytes(List<BatchHeader> batches) {
        return batches.stream().mapToInt(BatchHeader::sizeBytes).sum();
    }

    /** True where the first batch in the buffer begins below the offset and reaches it. */
    public static boolean isFirstAround(ByteBuffer batches, long offset) {
        if (batches.remaining() < BatchHeader.SIZE_BYTES) {
            return false;
        }
        BatchHeader first = BatchHeader.read(batches, batches.position());
        return first.baseOffset() >= 0 && first.baseOffset() < offset && first.lastOffset() >= offset;
    }

    /**
     * Reads and verifies all batches in a buffer, which have to continue a log. Returns what is wrong with the first bad
     * one, null if nothing; leaves the buffer's position.
     *
     * @param expectedOffset offset of the first one
     * @param lastEpoch epoch of the last batch of the log
     * @param headers the headers found are added to it
     */
    public static String readAll(ByteBuffer batches, long expectedOffset, int lastEpoch, List<BatchHeader> headers) {
        CRC32C crc = new CRC32C();
        long expected = expectedOffset;
        int epoch = Math.max(lastEpoch, 0);
        int at = batches.position();
        while (batches.limit() - at >= BatchHeader.SIZE_BYTES) {
            BatchHeader header = BatchHeader.read(batches, at);
            String damage = damageOf(header, batches.get(at + BatchHeader.MAGIC_POSITION), expected, epoch);
            if (damage != null) {
                return damage;
            }
            if (header.sizeBytes() > batches.limit() - at) {
                return "the batch at offset " + expected + " is cut";
            }
            if (!hasValidChecksum(batches, at, header, crc)) {
                return "the checksum of the batch at offset " + expected + " does not match";
            }
            headers.add(header);
            expected = header.nextOffset();
            epoch = header.leaderEpoch();
            at += header.sizeBytes();
        }
        return at == batches.limit() && !headers.isEmpty() ? null : "a batch is cut at offset " + expected;
    }
}
