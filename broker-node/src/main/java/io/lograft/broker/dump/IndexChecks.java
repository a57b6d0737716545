package io.lograft.broker.dump;

import io.lograft.broker.log.io.ReadOnlyFiles;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/**
 * Compares the two indexes of a segment with its batches, which pass by in order: each entry of the offset index has to be
 * the last offset and the position of a batch, each entry of the time index the greatest timestamp up to a batch that has
 * it. In a closed segment the time index has to be complete: at each entry of the offset index, and at the end, its last
 * entry is the greatest timestamp so far. For one segment.
 */
final class IndexChecks implements Closeable {
    private static final long NONE = Long.MIN_VALUE;

    private final DumpOutput out;
    private final long base;
    private final boolean isClosed;
    private final Optional<IndexCursor> offsets;
    private final Optional<IndexCursor> times;
    private boolean hasOffsetEntry;
    private boolean hasTimeEntry;
    private long lastRelativeOffset = -1;
    private long lastTimestampMs = NONE;
    private long maxTimestampMs = NONE;
    private long batches;

    private IndexChecks(
            DumpOutput out, long base, boolean isClosed, Optional<IndexCursor> offsets, Optional<IndexCursor> times) {
        this.out = out;
        this.base = base;
        this.isClosed = isClosed;
        this.offsets = offsets;
        this.times = times;
    }

    /**
     * Opens the indexes; to be called before the size of the log is asked for, so that each entry's batch is there.
     *
     * @param logPath path of the segment's {@code .log} file
     * @param isClosed nothing is appended to the segment any more
     */
    static IndexChecks open(DumpOutput out, String logPath, long base, boolean isClosed) throws IOException {
        String stem = FileNames.stem(logPath);
        IndexChecks checks = new IndexChecks(
                out,
                base,
                isClosed,
                open(out, stem + FileNames.OFFSET_INDEX, base, IndexCursor.OFFSET_ENTRY_BYTES),
                open(out, stem + FileNames.TIME_INDEX, base, IndexCursor.TIME_ENTRY_BYTES));
        checks.nextOffsetEntry();
        checks.nextTimeEntry();
        return checks;
    }

    private static Optional<IndexCursor> open(DumpOutput out, String path, long base, int entryBytes)
            throws IOException {
        Optional<IndexCursor> cursor = IndexCursor.open(path, entryBytes);
        if (cursor.isEmpty()) {
            if (ReadOnlyFiles.exists(FileNames.parent(path) + "/" + FileNames.offsetName(base, FileNames.LOG))) {
                out.notice(path, -1, base, "the index is missing; the broker makes it anew when it opens the log");
            }
            return cursor;
        }
        if (cursor.get().surplusBytes() != 0) {
            String text = "the file has " + cursor.get().sizeBytes() + " bytes, no multiple of " + entryBytes;
            out.problem(path, cursor.get().sizeBytes() - cursor.get().surplusBytes(), -1, text);
        }
        return cursor;
    }

    private void nextOffsetEntry() throws IOException {
        hasOffsetEntry = offsets.isPresent() && offsets.get().next();
        if (!hasOffsetEntry) {
            return;
        }
        long relative = offsets.get().key();
        if (relative <= lastRelativeOffset) {
            problem(
                    offsets.get(),
                    base + relative,
                    "offset " + (base + relative) + " does not lie above the entry before");
        }
        lastRelativeOffset = relative;
    }

    private void nextTimeEntry() throws IOException {
        hasTimeEntry = times.isPresent() && times.get().next();
    }

    /** The next batch of the segment. */
    void frame(Frame frame) throws IOException {
        batches++;
        maxTimestampMs = Math.max(maxTimestampMs, frame.maxTimestampMs());
        boolean isIndexed = false;
        while (hasOffsetEntry && Integer.toUnsignedLong(offsets.get().value()) <= frame.position()) {
            isIndexed |= checkOffsetEntry(frame);
            nextOffsetEntry();
        }
        while (hasTimeEntry && base + times.get().value() <= frame.lastOffset()) {
            checkTimeEntry(frame);
            nextTimeEntry();
        }
        if (isIndexed && isClosed && times.isPresent()) {
            checkComplete(frame.lastOffset());
        }
    }

    private boolean checkOffsetEntry(Frame frame) {
        IndexCursor entry = offsets.get();
        long offset = base + entry.key();
        boolean fits = Integer.toUnsignedLong(entry.value()) == frame.position() && offset == frame.lastOffset();
        if (!fits) {
            problem(entry, offset, "no batch that ends at offset " + offset + " begins at position " + entry.value());
        }
        return fits;
    }

    private void checkTimeEntry(Frame frame) {
        IndexCursor entry = times.get();
        long offset = base + entry.value();
        if (entry.key() <= lastTimestampMs) {
            problem(entry, offset, "timestamp " + entry.key() + " does not lie above the entry before");
        }
        lastTimestampMs = Math.max(lastTimestampMs, entry.key());
        if (offset < frame.baseOffset() || entry.key() != frame.maxTimestampMs()) {
            problem(entry, offset, "no batch with offset " + offset + " has the greatest timestamp " + entry.key());
        } else if (entry.key() != maxTimestampMs) {
            problem(
                    entry,
                    offset,
                    "timestamp " + entry.key() + " is not the greatest so far, which is " + maxTimestampMs);
        }
    }

    private void checkComplete(long offset) {
        if (maxTimestampMs >= 0 && lastTimestampMs < maxTimestampMs) {
            String text = "the greatest timestamp up to offset " + offset + " is " + maxTimestampMs
                    + ", the last entry " + (lastTimestampMs == NONE ? "is missing" : "says " + lastTimestampMs);
            out.problem(times.get().path(), times.get().sizeBytes(), offset, text);
            // Told once; from here on it counts as entered.
            lastTimestampMs = maxTimestampMs;
        }
    }

    /**
     * All batches have passed by.
     *
     * @param isTorn the end of the log is torn, so entries may be about batches that are gone
     */
    void end(long lastOffset, boolean isTorn) throws IOException {
        while (hasOffsetEntry) {
            long offset = base + offsets.get().key();
            beyond(offsets.get(), offset, isTorn);
            nextOffsetEntry();
        }
        while (hasTimeEntry) {
            beyond(times.get(), base + times.get().value(), isTorn);
            nextTimeEntry();
        }
        if (isClosed && batches > 0 && times.isPresent() && !isTorn) {
            checkComplete(lastOffset);
        }
    }

    private void beyond(IndexCursor entry, long offset, boolean isTorn) {
        String text = "entry " + entry.index() + ": offset " + offset + " lies beyond the end of the log";
        if (isTorn) {
            out.notice(entry.path(), entry.position(), offset, text);
        } else {
            out.problem(entry.path(), entry.position(), offset, text);
        }
    }

    private void problem(IndexCursor entry, long offset, String text) {
        out.problem(entry.path(), entry.position(), offset, "entry " + entry.index() + ": " + text);
    }

    @Override
    public void close() throws IOException {
        if (offsets.isPresent()) {
            offsets.get().close();
        }
        if (times.isPresent()) {
            times.get().close();
        }
    }
}
