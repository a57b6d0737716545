package io.lograft.broker.log;

import io.lograft.broker.log.io.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A file of entries of one size, sorted by their leading number: the offset index (relative offset, position) and the
 * time index (timestamp, relative offset). The last entries wait in memory until there are enough for a write. Owned by
 * the partition loop; other threads search a {@link View}.
 */
final class IndexFile {
    /** Size of an offset index entry. */
    static final int OFFSET_ENTRY_BYTES = 8;

    /** Size of a time index entry. */
    static final int TIME_ENTRY_BYTES = 12;

    private static final int PENDING_ENTRIES_FIRST = 32;
    private static final int PENDING_ENTRIES_MAX = 512;

    private final LogFile file;
    private final int entryBytes;
    private int writtenCount;
    private byte[] pending = new byte[0];
    private int pendingCount;
    /** A write failed: the file may have bytes beyond its entries, which the next write covers. */
    private boolean hasRemains;

    IndexFile(LogFile file, int entryBytes, int writtenCount) {
        this.file = file;
        this.entryBytes = entryBytes;
        this.writtenCount = writtenCount;
    }

    LogFile file() {
        return file;
    }

    int count() {
        return writtenCount + pendingCount;
    }

    /** Whether the file has so many entries, and nothing else. */
    boolean hasExactly(int entries) throws IOException {
        return file.sizeBytes() == (long) entries * entryBytes;
    }

    /** Whether the file has whole entries only, and the last is above the first. */
    boolean looksWhole() throws IOException {
        return hasExactly(count()) && (count() < 2 || view().key(count() - 1) > view().key(0));
    }

    /** Appends an offset index entry, in memory. */
    void append(int relativeOffset, int position) {
        makeRoom();
        ByteBuffer.wrap(pending)
                .putInt(pendingCount * entryBytes, relativeOffset)
                .putInt(pendingCount * entryBytes + 4, position);
        pendingCount++;
    }

    /** Appends a time index entry, in memory. */
    void append(long timestampMs, int relativeOffset) {
        makeRoom();
        ByteBuffer.wrap(pending)
                .putLong(pendingCount * entryBytes, timestampMs)
                .putInt(pendingCount * entryBytes + 8, relativeOffset);
        pendingCount++;
    }

    private void makeRoom() {
        if (pendingCount * entryBytes == pending.length) {
            pending = Arrays.copyOf(pending, Math.max(PENDING_ENTRIES_FIRST, pendingCount * 2) * entryBytes);
        }
    }

    /** Writes to the file if enough waits in memory. */
    void writeIfMany() throws IOException {
        if (pendingCount >= PENDING_ENTRIES_MAX) {
            write();
        }
    }

    /** Writes what waits in memory to the file. */
    void write() throws IOException {
        if (pendingCount == 0) {
            return;
        }
        hasRemains = true;
        file.write((long) writtenCount * entryBytes, ByteBuffer.wrap(pending, 0, pendingCount * entryBytes));
        hasRemains = false;
        writtenCount += pendingCount;
        // Readers of older views go on with the old array.
        pending = new byte[0];
        pendingCount = 0;
    }

    /** Keeps only the first entries. */
    void truncate(int count) throws IOException {
        if (count >= this.count()) {
            return;
        }
        if (hasRemains) {
            // There will be fewer entries than the next write would need to cover them.
            file.truncate((long) writtenCount * entryBytes);
            hasRemains = false;
        }
        if (count < writtenCount) {
            file.truncate((long) count * entryBytes);
            writtenCount = count;
            pending = new byte[0];
            pendingCount = 0;
        } else {
            pending = pending.clone();
            pendingCount = count - writtenCount;
        }
    }

    View view() {
        return new View(file, entryBytes, writtenCount, pending, pendingCount);
    }

    /** What readers see of the index at one moment. */
    static final class View {
        private final LogFile file;
        private final int entryBytes;
        private final int writtenCount;
        private final byte[] pending;
        private final int pendingCount;

        private View(LogFile file, int entryBytes, int writtenCount, byte[] pending, int pendingCount) {
            this.file = file;
            this.entryBytes = entryBytes;
            this.writtenCount = writtenCount;
            this.pending = pending;
            this.pendingCount = pendingCount;
        }

        int count() {
            return writtenCount + pendingCount;
        }

        /** The leading number of an entry: relative offset or timestamp. */
        long key(int entry) throws IOException {
            ByteBuffer bytes = entry(entry);
            return entryBytes == TIME_ENTRY_BYTES ? bytes.getLong(bytes.position()) : bytes.getInt(bytes.position());
        }

        /** The number that follows it: position or relative offset. */
        int value(int entry) throws IOException {
            ByteBuffer bytes = entry(entry);
            return bytes.getInt(bytes.limit() - 4);
        }

        /** Whether so many entries are of offsets below this relative one. */
        boolean splits(int entries, long relativeOffset) throws IOException {
            return count() >= entries
                    && (entries == 0 || relativeOffset(entries - 1) < relativeOffset)
                    && (entries == count() || relativeOffset(entries) >= relativeOffset);
        }

        /** The relative offset in an entry, whichever kind of index it is. */
        private int relativeOffset(int entry) throws IOException {
            return entryBytes == TIME_ENTRY_BYTES ? value(entry) : (int) key(entry);
        }

        private ByteBuffer entry(int entry) throws IOException {
            if (entry >= writtenCount) {
                return ByteBuffer.wrap(pending, (entry - writtenCount) * entryBytes, entryBytes);
            }
            ByteBuffer bytes = ByteBuffer.allocate(entryBytes);
            int count = file.read(bytes, (long) entry * entryBytes);
            if (count < entryBytes) {
                throw new CorruptLogException(file.path(), (long) entry * entryBytes, -1, "the index ends early");
            }
            return bytes.flip();
        }

        /** The last entry whose key is not above the one given, -1 if there is none. */
        int floor(long key) throws IOException {
            int low = 0;
            int high = count() - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                if (key(middle) <= key) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return high;
        }
    }
}
