package io.lograft.broker.dump;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/**
 * Finds where to begin in a segment file, by its offset index: before the batch that holds an offset. An index that is
 * missing means the start of the file. For one segment.
 */
final class IndexSeek implements Closeable {
    private final Optional<IndexCursor> index;

    private IndexSeek(Optional<IndexCursor> index) {
        this.index = index;
    }

    static IndexSeek open(String logPath) throws IOException {
        String stem = FileNames.stem(logPath);
        return new IndexSeek(IndexCursor.open(stem + FileNames.OFFSET_INDEX, IndexCursor.OFFSET_ENTRY_BYTES));
    }

    /** Position of a batch that ends at or before the offset, by the index; 0 where it says nothing. */
    long positionOf(long offset, long base) throws IOException {
        long position = 0;
        while (index.isPresent()
                && offset > base
                && index.get().next()
                && base + index.get().key() <= offset) {
            position = Integer.toUnsignedLong(index.get().value());
        }
        return position;
    }

    @Override
    public void close() throws IOException {
        if (index.isPresent()) {
            index.get().close();
        }
    }
}
