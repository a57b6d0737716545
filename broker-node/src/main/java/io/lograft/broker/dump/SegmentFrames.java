package io.lograft.broker.dump;

import io.lograft.broker.log.io.ReadOnlyFiles.ReadOnlyFile;
import io.lograft.record.BatchFault;
import io.lograft.record.BatchHeader;
import io.lograft.record.DecodedRecord;
import io.lograft.record.LegacyCursor;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * Walks the batches of a segment file of any format, one after the other. Checksums are computed piece by piece, so a
 * batch is in memory only where its records are wanted, and only up to a limit. A wrong checksum does not stop the walk, as
 * the next batch may be found all the same; what is no batch at all does. For one thread.
 */
final class SegmentFrames {
    /** Batches above this are checked by their checksum, but their records are not looked into. */
    static final int RECORDS_BYTES_MAX = 32 << 20;

    private static final int WINDOW_BYTES = 64 << 10;
    private static final int LEGACY_LENGTH_MIN = 14;

    /** Whether the checksums are computed on the way. */
    enum Depth {
        HEADERS,
        CHECKSUMS,
        RECORDS
    }

    private final ReadOnlyFile file;
    private final long end;
    private final Depth depth;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES);
    private long windowPosition = -1;
    private long nextPosition;
    private Frame frame;
    private String damage;

    SegmentFrames(ReadOnlyFile file, long position, long end, Depth depth) {
        this.file = file;
        this.nextPosition = position;
        this.end = end;
        this.depth = depth;
    }

    /** Goes to the next one; false at the end, and where there is no batch. */
    boolean next() throws IOException {
        if (damage != null || nextPosition >= end) {
            return false;
        }
        long left = end - nextPosition;
        if (left <= BatchHeader.MAGIC_POSITION || !load(nextPosition, BatchHeader.MAGIC_POSITION + 1)) {
            return stop("the file ends within a batch header, " + left + " bytes of it are there");
        }
        int at = (int) (nextPosition - windowPosition);
        byte magic = window.get(at + BatchHeader.MAGIC_POSITION);
        if (magic < 0 || magic > BatchHeader.MAGIC) {
            return stop("magic " + magic + " is none of 0, 1 and 2");
        }
        long size = (long) window.getInt(at + BatchHeader.LENGTH_POSITION) + BatchHeader.LOG_OVERHEAD_BYTES;
        long smallest = magic == BatchHeader.MAGIC
                ? BatchHeader.SIZE_BYTES
                : BatchHeader.LOG_OVERHEAD_BYTES + LEGACY_LENGTH_MIN;
        if (size < smallest || size > Integer.MAX_VALUE) {
            return stop("a batch cannot have " + size + " bytes");
        }
        if (size > left) {
            return stop("a batch of " + size + " bytes reaches beyond the end, " + left + " bytes of it are there");
        }
        boolean isWhole = magic == BatchHeader.MAGIC ? read((int) size) : readLegacy((int) size);
        if (isWhole) {
            nextPosition += size;
        }
        return isWhole;
    }

    private boolean read(int size) throws IOException {
        if (!load(nextPosition, BatchHeader.SIZE_BYTES)) {
            return stop("the file ended while it was read");
        }
        BatchHeader header = BatchHeader.read(window, (int) (nextPosition - windowPosition));
        ByteBuffer bytes = depth == Depth.RECORDS && size <= RECORDS_BYTES_MAX ? whole(size) : null;
        boolean isValid =
                depth == Depth.HEADERS || (bytes == null ? crcOf(nextPosition, size) : crcOf(bytes)) == header.crc();
        frame = new Batch(nextPosition, header, isValid, bytes);
        return true;
    }

    private boolean readLegacy(int size) throws IOException {
        if (size > RECORDS_BYTES_MAX) {
            return stop("a message of " + size + " bytes is more than " + RECORDS_BYTES_MAX);
        }
        frame = new Message(nextPosition, whole(size));
        return true;
    }

    private ByteBuffer whole(int size) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(size);
        file.read(bytes, nextPosition);
        return bytes.flip().limit(size);
    }

    private int crcOf(ByteBuffer bytes) {
        crc.reset();
        crc.update(bytes.duplicate().position(BatchHeader.ATTRIBUTES_POSITION));
        return (int) crc.getValue();
    }

    private int crcOf(long position, int size) throws IOException {
        crc.reset();
        long at = position + BatchHeader.ATTRIBUTES_POSITION;
        long batchEnd = position + size;
        while (at < batchEnd && load(at, 1)) {
            int from = (int) (at - windowPosition);
            int count = (int) Math.min(batchEnd - at, window.limit() - from);
            crc.update(window.slice(from, count));
            at += count;
        }
        // The next header is read anew, from where the window is.
        return (int) crc.getValue();
    }

    /** Has so many bytes from the position on in the window; false where the file ends before. */
    private boolean load(long position, int bytes) throws IOException {
        boolean isLoaded = windowPosition >= 0
                && position >= windowPosition
                && position + bytes <= windowPosition + window.limit();
        if (!isLoaded) {
            window.clear();
            window.limit((int) Math.min(WINDOW_BYTES, Math.max(0, end - position)));
            file.read(window, position);
            window.flip();
            windowPosition = position;
        }
        return bytes <= window.limit() - (int) (position - windowPosition);
    }

    private boolean stop(String text) {
        damage = text;
        frame = null;
        return false;
    }

    Frame frame() {
        return frame;
    }

    /** Where the frame found last ends. */
    long nextPosition() {
        return nextPosition;
    }

    /** What is there instead of a batch; null at the end. */
    String damage() {
        return damage;
    }

    /** A batch of format 2. */
    private record Batch(long position, BatchHeader header, boolean isValid, ByteBuffer bytes) implements Frame {
        @Override
        public int sizeBytes() {
            return header.sizeBytes();
        }

        @Override
        public long baseOffset() {
            return header.baseOffset();
        }

        @Override
        public long lastOffset() {
            return header.lastOffset();
        }

        @Override
        public long maxTimestampMs() {
            return header.maxTimestampMs();
        }

        @Override
        public int recordCount() {
            return header.recordCount();
        }

        @Override
        public BatchFault forEachRecord(Consumer<DecodedRecord> consumer) {
            RecordCursor records = RecordBatch.at(bytes, 0).records();
            while (records.advance()) {
                consumer.accept(records.record());
            }
            return records.fault().orElse(null);
        }
    }

    /** A message of format 0 or 1, or a wrapper of some. */
    private static final class Message implements Frame {
        private final long position;
        private final ByteBuffer bytes;
        private final long offset;
        private final BatchFault fault;
        private long baseOffset;
        private long maxTimestampMs = -1;
        private int recordCount;

        Message(long position, ByteBuffer bytes) {
            this.position = position;
            this.bytes = bytes;
            this.offset = bytes.getLong(0);
            this.baseOffset = offset;
            this.fault = forEachRecord(record -> {
                baseOffset = Math.min(baseOffset, record.offset());
                maxTimestampMs = Math.max(maxTimestampMs, record.timestampMs());
                recordCount++;
            });
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public int sizeBytes() {
            return bytes.limit();
        }

        @Override
        public long baseOffset() {
            return baseOffset;
        }

        @Override
        public long lastOffset() {
            return offset;
        }

        @Override
        public long maxTimestampMs() {
            return maxTimestampMs;
        }

        @Override
        public int recordCount() {
            return recordCount;
        }

        @Override
        public boolean isValid() {
            return fault == null;
        }

        @Override
        public BatchHeader header() {
            return null;
        }

        @Override
        public ByteBuffer bytes() {
            return bytes;
        }

        @Override
        public BatchFault forEachRecord(Consumer<DecodedRecord> consumer) {
            LegacyCursor records = LegacyCursor.over(bytes, RecordCursor.DECOMPRESSED_BYTES_MAX);
            while (records.advance()) {
                consumer.accept(records.record());
            }
            return records.fault().orElse(null);
        }
    }
}
