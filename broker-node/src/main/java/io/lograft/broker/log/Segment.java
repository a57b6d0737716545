package io.lograft.broker.log;

import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.log.io.FileStore.OpenMode;
import io.lograft.broker.log.io.LogFile;
import io.lograft.broker.log.retention.RetainedSegment;
import io.lograft.broker.log.state.SegmentSummary;
import io.lograft.record.BatchHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One segment: a file of batches with its two indexes. Owned by the partition loop; other threads read through a
 * {@link View}. Entries of the offset index name the last offset of a batch and the batch's position; entries of the
 * time index the greatest timestamp so far and the last offset of the batch that has it.
 */
final class Segment {
    private static final List<String> KINDS =
            List.of(PartitionFiles.LOG_SUFFIX, PartitionFiles.INDEX_SUFFIX, PartitionFiles.TIME_INDEX_SUFFIX);

    private static final long MAX_OFFSET = Long.MAX_VALUE;

    private final PartitionFiles files;
    private final long baseOffset;
    private final LogFile log;
    private final IndexFile offsets;
    private final IndexFile times;
    private int sizeBytes;
    private long nextOffset;
    private long firstAppendMs = -1;
    private long lastAppendMs = -1;
    private long maxTimestampMs = -1;
    private long maxTimestampOffset;
    private long indexedTimestampMs = -1;
    private int unindexedBytes;
    private boolean isIndexSpillPostponed;
    private boolean hasRemains;

    private Segment(PartitionFiles files, long baseOffset, LogFile log, IndexFile offsets, IndexFile times) {
        this.files = files;
        this.baseOffset = baseOffset;
        this.nextOffset = baseOffset;
        this.maxTimestampOffset = baseOffset;
        this.log = log;
        this.offsets = offsets;
        this.times = times;
    }

    /** Makes an empty segment; the names of its files are not durable yet. */
    static Segment create(PartitionFiles files, long baseOffset) throws IOException {
        return open(files, baseOffset, OpenMode.REPLACE, "");
    }

    /** Makes an empty segment that is not part of the log yet: its files have this suffix, too. */
    static Segment createAside(PartitionFiles files, long baseOffset, String suffix) throws IOException {
        return open(files, baseOffset, OpenMode.REPLACE, suffix);
    }

    /** Makes the first segment of an emptied log. There is no way back, so a full disk counts as one that failed. */
    static Segment createFirst(PartitionFiles files, long baseOffset) throws IOException {
        try {
            return create(files, baseOffset);
        } catch (DiskFullException full) {
            throw new IOException(files.directory() + ": no room for an empty log that replaces a deleted one", full);
        }
    }

    /** Opens the files of a segment, with its contents still to be taken note of. Missing index files are made. */
    static Segment open(PartitionFiles files, long baseOffset) throws IOException {
        return open(files, baseOffset, OpenMode.WRITE, "");
    }

    private static Segment open(PartitionFiles files, long baseOffset, OpenMode mode, String aside) throws IOException {
        boolean isNew = mode == OpenMode.REPLACE;
        List<LogFile> opened = new ArrayList<>();
        try {
            for (String suffix : KINDS) {
                String path = files.path(baseOffset, suffix + aside);
                boolean isThere = !isNew && files.store().exists(path);
                opened.add(files.store().open(path, isThere ? mode : OpenMode.REPLACE));
            }
            IndexFile offsets = index(opened.get(1), IndexFile.OFFSET_ENTRY_BYTES);
            IndexFile times = index(opened.get(2), IndexFile.TIME_ENTRY_BYTES);
            Segment segment = new Segment(files, baseOffset, opened.get(0), offsets, times);
            if (!isNew) {
                segment.lastAppendAt(files.store().lastModifiedMs(segment.log.path()));
            }
            return segment;
        } catch (IOException e) {
            for (LogFile file : opened) {
                file.close();
                if (isNew) {
                    files.store().delete(file.path());
                }
            }
            throw e;
        }
    }

    private static IndexFile index(LogFile file, int entryBytes) throws IOException {
        return new IndexFile(file, entryBytes, (int) (file.sizeBytes() / entryBytes));
    }

    long baseOffset() {
        return baseOffset;
    }

    long nextOffset() {
        return nextOffset;
    }

    int sizeBytes() {
        return sizeBytes;
    }

    boolean isEmpty() {
        return sizeBytes == 0;
    }

    long maxTimestampMs() {
        return maxTimestampMs;
    }

    LogFile log() {
        return log;
    }

    boolean isOlderThan(long ageMs, long nowMs) {
        return !isEmpty() && nowMs - firstAppendMs >= ageMs;
    }

    void firstAppendAt(long ms) {
        firstAppendMs = ms;
    }

    /** What retention looks at. */
    RetainedSegment retained() {
        return new RetainedSegment(baseOffset, nextOffset, sizeBytes, maxTimestampMs, lastAppendMs);
    }

    void lastAppendAt(long ms) {
        lastAppendMs = ms;
    }

    /** A time that lies ahead is that of a clock which was wrong. */
    void notAppendedAfter(long nowMs) {
        lastAppendMs = Math.min(lastAppendMs, nowMs);
    }

    /** True if a batch of this size that ends at this offset may be appended before the segment is full. */
    boolean hasRoomFor(int batchBytes, long lastOffset, int segmentBytes) {
        boolean fits = (long) sizeBytes + batchBytes <= segmentBytes && lastOffset - baseOffset <= Integer.MAX_VALUE;
        return isEmpty() || fits;
    }

    /**
     * Writes batches at the end. {@link #note} has to follow for each of them. After a failure the segment is as before;
     * a part may be in the file beyond its end, which nothing reads and {@link #cutRemainsOfFailure} or a recovery cuts off.
     */
    void write(ByteBuffer batches, long nowMs) throws IOException {
        hasRemains = true;
        log.write(sizeBytes, batches);
        hasRemains = false;
        if (isEmpty()) {
            firstAppendMs = nowMs;
        }
        lastAppendMs = nowMs;
    }

    void cutRemainsOfFailure() throws IOException {
        if (hasRemains) {
            cutRemains();
            hasRemains = false;
        }
    }

    /** Moves index entries from memory to their files if there are many; before an append, as it may fail. */
    void spillIndexes() throws IOException {
        offsets.writeIfMany();
        times.writeIfMany();
        isIndexSpillPostponed = false;
    }

    /** The same in the middle of other work, which a full disk must not stop: what has no room waits in memory. */
    private void spillIndexesIfRoom() throws IOException {
        if (isIndexSpillPostponed) {
            return;
        }
        try {
            spillIndexes();
        } catch (DiskFullException full) {
            isIndexSpillPostponed = true;
        }
    }

    /** Takes note of a batch that lies at the end of the file: size, offsets, indexes. */
    void note(BatchHeader batch, int indexIntervalBytes) {
        if (batch.maxTimestampMs() > maxTimestampMs) {
            maxTimestampMs = batch.maxTimestampMs();
            maxTimestampOffset = batch.lastOffset();
        }
        if (unindexedBytes > indexIntervalBytes) {
            offsets.append((int) (batch.lastOffset() - baseOffset), sizeBytes);
            indexTime();
            unindexedBytes = 0;
        }
        unindexedBytes += batch.sizeBytes();
        sizeBytes += batch.sizeBytes();
        nextOffset = batch.nextOffset();
    }

    private void indexTime() {
        if (maxTimestampMs > indexedTimestampMs) {
            times.append(maxTimestampMs, (int) (maxTimestampOffset - baseOffset));
            indexedTimestampMs = maxTimestampMs;
        }
    }

    /** Writes the indexes out, with a last entry in the time index; before the segment is closed or a new one begun. */
    void seal() throws IOException {
        indexTime();
        offsets.write();
        times.write();
    }

    /** What is known now, after {@link #seal}. */
    SegmentSummary summary(int lastEpoch) {
        return new SegmentSummary(
                baseOffset,
                nextOffset,
                lastEpoch,
                sizeBytes,
                new SegmentSummary.Entries(offsets.count(), times.count()),
                new SegmentSummary.Times(maxTimestampMs, maxTimestampOffset, firstAppendMs));
    }

    /** Takes the state from a summary of the whole segment, and reads nothing. False if the files are not as it says. */
    boolean restore(SegmentSummary summary) throws IOException {
        return summary.baseOffset() == baseOffset
                && log.sizeBytes() == summary.sizeBytes()
                && offsets.hasExactly(summary.entries().offsets())
                && times.hasExactly(summary.entries().times())
                && take(summary);
    }

    /** Takes the state from a summary of the segment's first part; what follows has to be noted. False as above. */
    boolean resumeBehind(SegmentSummary summary) throws IOException {
        long end = summary.nextOffset() - baseOffset;
        boolean fits = summary.baseOffset() == baseOffset
                && log.sizeBytes() >= summary.sizeBytes()
                && offsets.view().splits(summary.entries().offsets(), end)
                && times.view().splits(summary.entries().times(), end);
        if (fits) {
            offsets.truncate(summary.entries().offsets());
            times.truncate(summary.entries().times());
        }
        return fits && take(summary);
    }

    private boolean take(SegmentSummary summary) {
        sizeBytes = summary.sizeBytes();
        nextOffset = summary.nextOffset();
        maxTimestampMs = summary.times().maxMs();
        maxTimestampOffset = summary.times().maxOffset();
        firstAppendMs = summary.times().firstAppendMs();
        indexedTimestampMs = maxTimestampMs;
        unindexedBytes = 0;
        return true;
    }

    /** Cuts off bytes that an append which failed left behind. */
    void cutRemains() throws IOException {
        log.truncate(sizeBytes);
    }

    void force() throws IOException {
        log.force();
    }

    void forceAll() throws IOException {
        for (LogFile file : allFiles()) {
            file.force();
        }
    }

    /** The files that have to be forced once the segment is sealed. */
    List<LogFile> allFiles() {
        return List.of(log, offsets.file(), times.file());
    }

    /** Forgets all contents and both indexes, in memory and in the index files; the log file stays as it is. */
    void reset() throws IOException {
        offsets.truncate(0);
        times.truncate(0);
        offsets.file().truncate(0);
        times.file().truncate(0);
        firstAppendMs = -1;
        forget();
    }

    private void forget() {
        sizeBytes = 0;
        nextOffset = baseOffset;
        maxTimestampMs = -1;
        maxTimestampOffset = baseOffset;
        indexedTimestampMs = -1;
        unindexedBytes = 0;
    }

    /** Cuts the log file to the batches that lie wholly below the offset and makes both indexes fit, durably. */
    void truncateTo(long offset, int indexIntervalBytes) throws IOException {
        int end = sizeBytes;
        offsets.truncate(offsets.view().floor(offset - 1 - baseOffset) + 1);
        times.truncate(timeEntriesBelow(offset));
        if (!resume(end, offset, indexIntervalBytes)) {
            reset();
            Check.that(resume(end, offset, indexIntervalBytes), log.path() + " cannot be read below " + offset);
        }
        log.truncate(sizeBytes);
        log.force();
        hasRemains = false;
        if (isEmpty()) {
            firstAppendMs = -1;
        }
    }

    private int timeEntriesBelow(long offset) throws IOException {
        int count = times.count();
        while (count > 0 && baseOffset + times.view().value(count - 1) >= offset) {
            count--;
        }
        return count;
    }

    /**
     * Takes note of a sealed or cleanly closed segment from its index files, and reads only the headers that follow the
     * last index entry. False if the files do not fit each other: {@link #reset} and note each batch instead.
     */
    boolean loadIndexed(long nowMs, int indexIntervalBytes) throws IOException {
        long fileBytes = log.sizeBytes();
        if (fileBytes > Integer.MAX_VALUE
                || !indexesLookWhole()
                || !resume(fileBytes, MAX_OFFSET, indexIntervalBytes)) {
            return false;
        }
        firstAppendMs = firstTimestamp(nowMs);
        return true;
    }

    /** Takes the state from the last index entries, and then notes the batches that follow, up to an offset. */
    private boolean resume(long endPosition, long belowOffset, int indexIntervalBytes) throws IOException {
        forget();
        int last = offsets.count() - 1;
        BatchScanner scanner;
        if (last < 0) {
            times.truncate(0);
            scanner = new BatchScanner(log, 0, endPosition, baseOffset);
        } else {
            int position = offsets.view().value(last);
            scanner = new BatchScanner(log, Math.max(position, 0), endPosition, -1);
            boolean fits = position >= 0
                    && scanner.nextHeader()
                    && scanner.header().lastOffset()
                            == baseOffset + offsets.view().key(last);
            if (!fits) {
                return false;
            }
            noteIndexed(scanner.header(), position);
        }
        while (scanner.nextHeader() && scanner.header().lastOffset() < belowOffset) {
            note(scanner.header(), indexIntervalBytes);
            spillIndexesIfRoom();
        }
        return scanner.damage() == null;
    }

    /** Takes note of the batch that the last index entry names, and of the last entry of the time index. */
    private void noteIndexed(BatchHeader batch, int position) throws IOException {
        int last = times.count() - 1;
        if (last >= 0) {
            maxTimestampMs = times.view().key(last);
            maxTimestampOffset = baseOffset + times.view().value(last);
            indexedTimestampMs = maxTimestampMs;
        }
        if (batch.maxTimestampMs() > maxTimestampMs) {
            maxTimestampMs = batch.maxTimestampMs();
            maxTimestampOffset = batch.lastOffset();
        }
        unindexedBytes = batch.sizeBytes();
        sizeBytes = position + batch.sizeBytes();
        nextOffset = batch.nextOffset();
    }

    private boolean indexesLookWhole() throws IOException {
        boolean lacksTimes = times.count() == 0 && offsets.count() > 0;
        return !lacksTimes && offsets.looksWhole() && times.looksWhole();
    }

    /** The first batch's own time, which stands for the time of its append after a restart. */
    private long firstTimestamp(long nowMs) throws IOException {
        BatchScanner scanner = new BatchScanner(log, 0, sizeBytes, baseOffset);
        if (!scanner.nextHeader()) {
            return -1;
        }
        long timestampMs = scanner.header().maxTimestampMs();
        return timestampMs < 0 ? nowMs : Math.min(nowMs, timestampMs);
    }

    void close() throws IOException {
        for (LogFile file : allFiles()) {
            file.close();
        }
    }

    /** Closes and deletes all files, the log file first. */
    void delete() throws IOException {
        close();
        for (LogFile file : allFiles()) {
            files.store().delete(file.path());
        }
    }

    /** Renames all files out of the log, by a suffix; they stay open for readers that still use them. */
    void discard(String suffix) throws IOException {
        for (LogFile file : allFiles()) {
            files.store().rename(file.path(), file.path() + suffix);
        }
    }

    /**
     * Closes and deletes the files after {@link #discard}, by their names. The renaming of this segment and of those before it is made
     * durable first, so that a power cut cannot leave a gap between segments.
     */
    void deleteDiscarded(String suffix) throws IOException {
        close();
        files.store().syncDirectory(files.directory());
        for (String kind : KINDS) {
            files.store().delete(files.path(baseOffset, kind) + suffix);
        }
    }

    View view() {
        return new View(
                baseOffset, nextOffset, log, sizeBytes, offsets.view(), times.view(), maxTimestampMs, firstAppendMs);
    }

    /** What readers see of a segment at one moment. */
    record View(
            long baseOffset,
            long nextOffset,
            LogFile log,
            int sizeBytes,
            IndexFile.View offsets,
            IndexFile.View times,
            long maxTimestampMs,
            long firstAppendMs) {

        /** A scanner that stands on the batch that holds the offset, which lies in the segment. */
        BatchScanner seek(long offset) throws IOException {
            return near(offset).seek(offset);
        }

        /** Where the last batch that lies wholly below the offset ends. */
        long endBelow(long offset) throws IOException {
            return near(offset - 1).endBelow(offset);
        }

        /**
         * A scanner at or before the batch that holds the offset. An index entry that leads astray costs a scan from the
         * segment's start, nothing else.
         */
        private BatchScanner near(long offset) throws IOException {
            int entry = offsets.floor(offset - baseOffset);
            if (entry >= 0) {
                int position = offsets.value(entry);
                long lastOffset = baseOffset + offsets.key(entry);
                BatchScanner scanner = new BatchScanner(log, Math.max(position, 0), sizeBytes, -1);
                if (position >= 0 && scanner.nextHeader() && scanner.header().lastOffset() == lastOffset) {
                    return scanner;
                }
            }
            return new BatchScanner(log, 0, sizeBytes, baseOffset);
        }
    }
}
