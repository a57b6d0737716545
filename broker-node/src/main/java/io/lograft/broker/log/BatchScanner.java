package io.lograft.broker.log;

import io.lograft.broker.log.io.LogFile;
import io.lograft.broker.log.state.BatchFrames;
import io.lograft.record.BatchHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Walks over the batches of a segment file, by their headers alone or with their checksums, and stops at the end or at
 * the first thing that is not a batch that continues the log. For one thread, for one walk.
 */
final class BatchScanner {
    private static final int WINDOW_BYTES = 64 << 10;
    private static final int SMALL_WINDOW_BYTES = 4 << 10;

    private final LogFile file;
    private final long endPosition;
    private final CRC32C crc = new CRC32C();
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long windowPosition;
    private long expectedOffset;
    private int lastEpoch = -1;
    private long nextPosition;
    private long position = -1;
    private BatchHeader header;
    private String damage;

    /**
     * Makes a scanner.
     *
     * @param position where a batch begins
     * @param endPosition where the scan ends
     * @param expectedOffset offset of the first batch, -1 where it is not known
     */
    BatchScanner(LogFile file, long position, long endPosition, long expectedOffset) {
        this.file = file;
        this.nextPosition = position;
        this.endPosition = endPosition;
        this.expectedOffset = expectedOffset;
    }

    /** Goes to the next batch, and looks at its header only. False at the end or at a damage. */
    boolean nextHeader() throws IOException {
        return next(false);
    }

    /** Goes to the next batch and verifies its checksum. False at the end or at a damage. */
    boolean nextVerified() throws IOException {
        return next(true);
    }

    /**
     * Goes on, if need be, to the first batch that does not lie wholly below the offset.
     *
     * @throws CorruptLogException if the scan ends before, or something that is no batch stands there
     */
    BatchScanner seek(long offset) throws IOException {
        while (header == null || header.lastOffset() < offset) {
            if (!nextHeader()) {
                throw damage != null
                        ? corruption()
                        : new CorruptLogException(file.path(), nextPosition, offset, "the segment ends before");
            }
        }
        return this;
    }

    /** Goes on while batches lie wholly below the offset; returns where the last of them ends. */
    long endBelow(long offset) throws IOException {
        long end = expectedOffset;
        while (header == null || header.lastOffset() < offset) {
            end = expectedOffset;
            if (!nextHeader()) {
                break;
            }
        }
        return end;
    }

    private boolean next(boolean isVerified) throws IOException {
        if (damage != null || nextPosition >= endPosition) {
            return false;
        }
        if (!load(BatchHeader.SIZE_BYTES)) {
            damage = "the file ends within a batch header";
            return false;
        }
        int at = (int) (nextPosition - windowPosition);
        BatchHeader found = BatchHeader.read(window, at);
        damage = BatchFrames.damageOf(found, window.get(at + BatchHeader.MAGIC_POSITION), expectedOffset, lastEpoch);
        if (damage == null && found.sizeBytes() > endPosition - nextPosition) {
            damage = "a batch of " + found.sizeBytes() + " bytes reaches beyond the end of the file";
        }
        if (damage == null && isVerified) {
            damage = checksumDamage(found);
        }
        if (damage != null) {
            return false;
        }
        header = found;
        position = nextPosition;
        nextPosition += found.sizeBytes();
        expectedOffset = found.nextOffset();
        lastEpoch = found.leaderEpoch();
        return true;
    }

    private String checksumDamage(BatchHeader found) throws IOException {
        if (!load(found.sizeBytes())) {
            return "the file ends within a batch";
        }
        int at = (int) (nextPosition - windowPosition);
        return BatchFrames.hasValidChecksum(window, at, found, crc) ? null : "the checksum does not match";
    }

    /** Verifies the checksum of the batch found last, after {@link #nextHeader}. */
    void requireChecksum() throws IOException {
        nextPosition = position;
        String fault = checksumDamage(header);
        if (fault != null) {
            throw new CorruptLogException(file.path(), position, header.baseOffset(), fault);
        }
        nextPosition = position + header.sizeBytes();
    }

    /** Has at least so many bytes from the next position on in the window. False if the file ends before. */
    private boolean load(int bytes) throws IOException {
        long offsetInWindow = nextPosition - windowPosition;
        if (offsetInWindow >= 0 && offsetInWindow + bytes <= window.limit()) {
            return true;
        }
        boolean isSparse = header != null && header.sizeBytes() > SMALL_WINDOW_BYTES && bytes <= SMALL_WINDOW_BYTES;
        int wanted = Math.max(bytes, isSparse ? BatchHeader.SIZE_BYTES : WINDOW_BYTES);
        int readable = (int) Math.min(wanted, endPosition - nextPosition);
        if (window.capacity() < readable) {
            window = ByteBuffer.allocate(Math.max(readable, SMALL_WINDOW_BYTES));
        }
        window.clear().limit(readable);
        windowPosition = nextPosition;
        window.limit(file.read(window, nextPosition));
        return bytes <= window.limit();
    }

    /** The batch found last. */
    BatchHeader header() {
        return header;
    }

    /** Where the batch found last begins. */
    long position() {
        return position;
    }

    /** Where the batch found last ends; the start of the scan before the first. */
    long nextPosition() {
        return nextPosition;
    }

    /** The offset that follows the batch found last. */
    long nextOffset() {
        return expectedOffset;
    }

    /** The bytes of the batch found last, which must have been verified; valid until the next step. */
    ByteBuffer bytes() {
        return window.slice((int) (position - windowPosition), header.sizeBytes());
    }

    /** What stopped the scan; null if it was the end. */
    String damage() {
        return damage;
    }

    CorruptLogException corruption() {
        return new CorruptLogException(file.path(), nextPosition, expectedOffset, damage);
    }
}
