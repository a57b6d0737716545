package io.lograft.broker.dump;

import io.lograft.broker.log.io.ReadOnlyFiles;
import io.lograft.broker.log.io.ReadOnlyFiles.ReadOnlyFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Walks the entries of an offset index or a time index, in pieces. Kafka makes the index of the segment that it appends to
 * larger than its entries; zeros at the end are none. For one thread.
 */
final class IndexCursor implements Closeable {
    static final int OFFSET_ENTRY_BYTES = 8;
    static final int TIME_ENTRY_BYTES = 12;

    private static final int WINDOW_ENTRIES = 5_000;

    private final ReadOnlyFile file;
    private final int entryBytes;
    private final long sizeBytes;
    private final ByteBuffer window;
    private long readEntries;
    private long index = -1;
    private long key;
    private int value;

    private IndexCursor(ReadOnlyFile file, int entryBytes, long sizeBytes) {
        this.file = file;
        this.entryBytes = entryBytes;
        this.sizeBytes = sizeBytes;
        this.window = ByteBuffer.allocate(WINDOW_ENTRIES * entryBytes).limit(0);
    }

    /** Opens an index as it is now; entries added later are not seen. Empty where there is no file. */
    static Optional<IndexCursor> open(String path, int entryBytes) throws IOException {
        Optional<ReadOnlyFile> file = ReadOnlyFiles.open(path);
        return file.isEmpty()
                ? Optional.empty()
                : Optional.of(new IndexCursor(file.get(), entryBytes, file.get().sizeBytes()));
    }

    /** Goes to the next entry; false at the end. */
    boolean next() throws IOException {
        if (window.remaining() < entryBytes && !fill()) {
            return false;
        }
        index++;
        key = entryBytes == TIME_ENTRY_BYTES ? window.getLong() : window.getInt();
        value = window.getInt();
        return !(index > 0 && key == 0 && value == 0 && isRestZero());
    }

    private boolean fill() throws IOException {
        long left = sizeBytes / entryBytes - readEntries;
        int count = (int) Math.min(WINDOW_ENTRIES, left);
        window.clear().limit(count * entryBytes);
        int read = file.read(window, readEntries * entryBytes);
        window.flip();
        readEntries += read / entryBytes;
        return read >= entryBytes;
    }

    private boolean isRestZero() throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(WINDOW_ENTRIES * entryBytes);
        for (long at = index * entryBytes; at < sizeBytes; at += piece.limit()) {
            piece.clear().limit((int) Math.min(piece.capacity(), sizeBytes - at));
            if (file.read(piece, at) == 0) {
                break;
            }
            for (int i = 0; i < piece.position(); i++) {
                if (piece.get(i) != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Number of the entry, from 0. */
    long index() {
        return index;
    }

    /** Relative offset in an offset index, timestamp in a time index. */
    long key() {
        return key;
    }

    /** Position in an offset index, relative offset in a time index. */
    int value() {
        return value;
    }

    /** Where the entry begins in the file. */
    long position() {
        return index * entryBytes;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /** Bytes at the end that are no whole entry. */
    int surplusBytes() {
        return (int) (sizeBytes % entryBytes);
    }

    String path() {
        return file.path();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
