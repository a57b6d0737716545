package io.lograft.broker.log;

import io.lograft.broker.log.compact.BatchCleaner;
import io.lograft.broker.log.compact.CompactionCheckpoint;
import io.lograft.broker.log.compact.CompactionPolicy;
import io.lograft.broker.log.compact.KeyHasher;
import io.lograft.broker.log.compact.OffsetMap;
import io.lograft.broker.log.compact.SegmentGroups;
import io.lograft.broker.log.compact.SegmentShape;
import io.lograft.broker.log.config.CleanupConfig;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.Deletion;
import io.lograft.broker.log.state.ProducerStates;
import io.lograft.record.BatchHeader;
import io.lograft.record.DecodedRecord;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One compaction of one log: takes note of the newest offset of each key in the dirty part, as far as memory goes, and
 * writes the closed segments anew without what is superseded. Made on the partition's loop by {@link
 * PartitionLog#beginCompaction}, {@link #run} on a thread that may block. What is written takes its place on the loop again
 * ({@link PartitionLog#replace}), one group of segments after the other, the oldest first. For one use.
 *
 * <p>Memory: the map of offsets, one buffer for what is written, one for what is read, and one batch with its records.
 */
public final class Compaction {
    private static final int OPAQUE_ATTRIBUTES = BatchHeader.TRANSACTIONAL_ATTRIBUTE | BatchHeader.CONTROL_ATTRIBUTE;

    /**
     * What it works with.
     *
     * @param mapBytesMax size of the map of offsets at most
     * @param bufferBytes size of the buffer for what is written
     */
    public record Means(long mapBytesMax, int bufferBytes, Host host, KeyHasher hasher) {}

    /** What the compaction asks of its surroundings. */
    public interface Host {
        /** Bytes were read or written; pauses as long as it has to. False if the compaction is to be given up. */
        boolean moved(long bytes);

        /** Has a replacement made on the partition's loop ({@link PartitionLog#replace}), and waits for it. */
        boolean replace(Replacement replacement) throws IOException;
    }

    /**
     * What came of it.
     *
     * @param isDone false if it was given up
     * @param cleanedTo up to where the log is compacted now
     */
    public record Result(
            boolean isDone,
            long cleanedTo,
            long bytesRead,
            long bytesWritten,
            long recordsRead,
            long recordsKept,
            long opaqueBatches) {}

    /** A closed segment, and what was to be seen of it when the compaction began. */
    record Source(Segment segment, Segment.View view) {
        SegmentShape shape() {
            return shapeOf(view);
        }
    }

    /** What the loop tells of the log. */
    record Input(
            PartitionFiles files,
            LogConfig config,
            List<Source> sources,
            CompactionPolicy.Plan plan,
            ProducerStates.Needed headers,
            long nowMs) {

        /** When tombstones may go that are compacted now for the first time. */
        long deleteHorizonMs() {
            long tombstoneMs = config.cleanup().compaction().tombstoneMs();
            return tombstoneMs > Long.MAX_VALUE - nowMs ? Long.MAX_VALUE : nowMs + tombstoneMs;
        }
    }

    /** A written segment that is to take the place of others. Its files are on the disk. */
    public static final class Replacement {
        private final PartitionFiles files;
        private final List<Segment> old;
        private final Segment written;
        private final int indexIntervalBytes;
        private final long tombstonesGoneBelow;

        private Replacement(Input input, List<Segment> old, Segment written, long tombstonesGoneBelow) {
            this.files = input.files();
            this.indexIntervalBytes = input.config().indexIntervalBytes();
            this.old = old;
            this.written = written;
            this.tombstonesGoneBelow = tombstonesGoneBelow;
        }

        /**
         * Gives the files their names. The first rename, once durable, is the point of no return: whatever comes then,
         * {@link PartitionFiles#deleteLeftovers} finishes it.
         */
        Segment takePlace(long nowMs) throws IOException {
            long base = old.getFirst().baseOffset();
            String swap = files.swapPath(base, old.getLast().nextOffset());
            files.store().rename(written.log().path(), swap);
            files.store().syncDirectory(files.directory());
            for (Segment segment : old) {
                segment.discard(PartitionFiles.REPLACED_SUFFIX);
            }
            files.store().syncDirectory(files.directory());
            files.store().rename(swap, files.path(base, PartitionFiles.LOG_SUFFIX));
            files.nameIndexes(base, PartitionFiles.CLEANED_SUFFIX);
            return opened(files, base, old.getLast().nextOffset(), nowMs, indexIntervalBytes);
        }
    }

    /** What a log knows of its compactions. Owned by the partition loop. */
    static final class Ledger {
        private final PartitionFiles files;
        private CompactionCheckpoint checkpoint;
        private long truncationsBefore;
        /** Names given to a compacted segment are not durable yet. */
        private boolean isUnsettled;

        /** A damaged checkpoint may have said anything: then no follower that lacks something can be sure. */
        Ledger(PartitionFiles files, long logEndOffset) throws IOException {
            this.files = files;
            this.checkpoint =
                    files.readCompaction().orElse(CompactionCheckpoint.NOTHING.withTombstonesGoneBelow(logEndOffset));
        }

        Optional<CompactionPolicy.Plan> plan(
                List<Segment.View> sealed, long stableEnd, CleanupConfig cleanup, long nowMs) {
            if (!cleanup.compacts()) {
                return Optional.empty();
            }
            List<SegmentShape> shapes = sealed.stream().map(Compaction::shapeOf).toList();
            return Optional.of(
                    CompactionPolicy.plan(shapes, stableEnd, checkpoint.cleanedTo(), cleanup.compaction(), nowMs));
        }

        /** False, and nothing changes, unless the segments to be replaced are still there. */
        boolean place(Replacement replacement, List<Segment> segments, List<Deletion> discarded, long nowMs)
                throws IOException {
            List<Segment> old = replacement.old;
            int first = segments.indexOf(old.getFirst());
            int end = first + old.size();
            if (first < 0
                    || end >= segments.size()
                    || !segments.subList(first, end).equals(old)) {
                return false;
            }
            // That tombstones are gone has to be known before they are.
            remember(checkpoint.withTombstonesGoneBelow(replacement.tombstonesGoneBelow));
            Segment placed = replacement.takePlace(nowMs);
            placed.lastAppendAt(old.getLast().retained().lastAppendMs());
            isUnsettled = true;
            for (Segment segment : old) {
                discarded.add(() -> segment.deleteDiscarded(PartitionFiles.REPLACED_SUFFIX));
            }
            segments.subList(first, end).clear();
            segments.add(first, placed);
            return true;
        }

        /** A compaction begins; so many truncations came before. */
        void begin(long truncations) {
            truncationsBefore = truncations;
        }

        /** It came to its end; where the log was truncated meanwhile it may have to be done again. */
        void compacted(long cleanedTo, long truncations) throws IOException {
            remember(checkpoint.cleanedTo(truncations == truncationsBefore ? cleanedTo : 0));
        }

        CompactionCheckpoint checkpoint() {
            return checkpoint;
        }

        /** To be called before other segments come or go: until then a recovery may still put a compacted one in place. */
        void settle() throws IOException {
            if (isUnsettled) {
                files.store().syncDirectory(files.directory());
                isUnsettled = false;
            }
        }

        void beginTruncation(long endOffset) throws IOException {
            beginTruncation(endOffset, 0);
        }

        /** The log will end here, and go on with batches of a leader that has lost tombstones below an offset. */
        void beginTruncation(long endOffset, long tombstonesGoneBelow) throws IOException {
            settle();
            remember(checkpoint.truncatedTo(endOffset).withTombstonesGoneBelow(tombstonesGoneBelow));
        }

        private void remember(CompactionCheckpoint next) throws IOException {
            if (!next.equals(checkpoint)) {
                files.writeCompaction(next);
                checkpoint = next;
            }
        }
    }

    private final Input input;
    private final Means means;
    private final Host host;
    private final KeyHasher hasher;
    private long bytesRead;
    private long bytesWritten;
    private boolean isGivenUp;

    Compaction(Input input, Means means) {
        this.input = input;
        this.means = means;
        this.host = means.host();
        this.hasher = means.hasher();
    }

    /** The closed segments up to an offset. */
    static List<Source> sources(List<Segment> segments, List<Segment.View> sealed, long endOffset) {
        List<Source> sources = new ArrayList<>();
        for (int i = 0; i < sealed.size() && sealed.get(i).nextOffset() <= endOffset; i++) {
            sources.add(new Source(segments.get(i), sealed.get(i)));
        }
        return sources;
    }

    static SegmentShape shapeOf(Segment.View view) {
        return new SegmentShape(
                view.baseOffset(), view.nextOffset(), view.sizeBytes(), view.maxTimestampMs(), view.firstAppendMs());
    }

    /** Opens a segment that was written whole, and aside, once its files have their names. */
    static Segment opened(PartitionFiles files, long base, long end, long nowMs, int indexIntervalBytes)
            throws IOException {
        Segment placed = Segment.open(files, base);
        if (!placed.loadIndexed(nowMs, indexIntervalBytes)) {
            // So few timestamps are left that the indexes look torn.
            placed.reset();
            placed.loadIndexed(nowMs, indexIntervalBytes);
            placed.seal();
            placed.forceAll();
        }
        Check.that(
                placed.nextOffset() == end,
                placed.log().path() + " ends at " + placed.nextOffset() + " in its place, and at " + end + " before");
        return placed;
    }

    /**
     * Does it. Nothing of the log has changed where it was given up or failed, but for groups of segments that were
     * replaced before.
     *
     * @throws java.nio.channels.ClosedChannelException if a segment left the log meanwhile
     * @throws CorruptLogException if a segment is damaged
     */
    public Result run() throws IOException {
        long dirtyOffsets = input.plan().end() - input.plan().dirtyFrom();
        OffsetMap newest = new OffsetMap(Math.min(means.mapBytesMax(), OffsetMap.bytesFor(dirtyOffsets)));
        long end = takeNote(newest);
        BatchCleaner cleaner = new BatchCleaner(
                new BatchCleaner.Terms(newest, end, input.headers(), hasher, input.nowMs(), input.deleteHorizonMs()));
        List<Source> concerned = input.sources().stream()
                .filter(source -> source.view().baseOffset() < end)
                .toList();
        int from = 0;
        for (List<SegmentShape> group : SegmentGroups.of(
                concerned.stream().map(Source::shape).toList(), input.config().segmentBytes())) {
            List<Source> sources = concerned.subList(from, from + group.size());
            from += group.size();
            if (isGivenUp || !rewrite(sources, cleaner)) {
                isGivenUp = true;
                break;
            }
        }
        return new Result(
                !isGivenUp,
                end,
                bytesRead,
                bytesWritten,
                cleaner.recordsRead(),
                cleaner.recordsKept(),
                cleaner.opaqueBatches());
    }

    /** Fills the map; returns the offset up to where it has all keys. */
    private long takeNote(OffsetMap newest) throws IOException {
        long from = input.plan().dirtyFrom();
        for (Source source : input.sources()) {
            if (source.view().nextOffset() <= from) {
                continue;
            }
            BatchScanner scanner =
                    source.view().seek(Math.max(from, source.view().baseOffset()));
            long position = scanner.position();
            scanner = new BatchScanner(
                    source.view().log(), position, source.view().sizeBytes(), -1);
            while (!isGivenUp && scanner.nextVerified()) {
                long full = takeNote(newest, scanner.header(), scanner.bytes(), from);
                if (full >= 0) {
                    return full;
                }
                read(scanner.header().sizeBytes());
            }
            if (scanner.damage() != null) {
                throw scanner.corruption();
            }
        }
        return input.plan().end();
    }

    /** Returns the offset of the first record that there is no room for; -1 if all have some. */
    private long takeNote(OffsetMap newest, BatchHeader header, ByteBuffer bytes, long from) {
        if ((header.attributes() & OPAQUE_ATTRIBUTES) != 0 || header.recordCount() == 0) {
            return -1;
        }
        RecordCursor records = RecordBatch.at(bytes, bytes.position()).records();
        while (records.advance()) {
            DecodedRecord record = records.record();
            if (record.offset() >= from && record.hasKey()) {
                hasher.hash(record.array(), record.keyPosition(), record.keySizeBytes());
                if (!newest.put(hasher, record.offset())) {
                    return record.offset();
                }
            }
        }
        return -1;
    }

    /** False if it is to be given up. */
    private boolean rewrite(List<Source> sources, BatchCleaner cleaner) throws IOException {
        Segment written = Segment.createAside(
                input.files(), sources.getFirst().view().baseOffset(), PartitionFiles.CLEANED_SUFFIX);
        boolean isKept = false;
        long changesBefore = cleaner.changes();
        try {
            Writer writer = new Writer(written);
            for (Source source : sources) {
                copy(source.view(), cleaner, writer);
            }
            cleaner.endGap(writer);
            writer.finish();
            if (isGivenUp) {
                return false;
            }
            boolean isSame = sources.size() == 1
                    && cleaner.changes() == changesBefore
                    && written.sizeBytes() == sources.getFirst().view().sizeBytes();
            if (isSame) {
                return true;
            }
            List<Segment> old = sources.stream().map(Source::segment).toList();
            written.close();
            isKept = host.replace(new Replacement(input, old, written, cleaner.tombstonesGoneBelow()));
            return isKept;
        } finally {
            if (!isKept) {
                written.delete();
            }
        }
    }

    private void copy(Segment.View view, BatchCleaner cleaner, Writer writer) throws IOException {
        BatchScanner scanner = new BatchScanner(view.log(), 0, view.sizeBytes(), view.baseOffset());
        while (!isGivenUp && scanner.nextVerified()) {
            ByteBuffer bytes = scanner.bytes();
            cleaner.take(scanner.header(), bytes, writer);
            read(scanner.header().sizeBytes());
        }
        if (scanner.damage() != null) {
            throw scanner.corruption();
        }
    }

    private void read(int bytes) {
        bytesRead += bytes;
        isGivenUp |= !host.moved(bytes);
    }

    /** Collects batches and appends them to the new segment. */
    private final class Writer implements BatchCleaner.Sink<IOException> {
        private final Segment segment;
        private final List<BatchHeader> headers = new ArrayList<>();
        private ByteBuffer buffer = ByteBuffer.allocate(means.bufferBytes());

        Writer(Segment segment) {
            this.segment = segment;
        }

        @Override
        public void batch(BatchHeader header, ByteBuffer bytes) throws IOException {
            if (buffer.remaining() < bytes.remaining()) {
                write();
            }
            if (buffer.capacity() < bytes.remaining()) {
                buffer = ByteBuffer.allocate(bytes.remaining());
            }
            buffer.put(bytes.duplicate());
            headers.add(header);
        }

        private void write() throws IOException {
            buffer.flip();
            if ((long) segment.sizeBytes() + buffer.remaining() > Integer.MAX_VALUE) {
                throw new IOException(segment.log().path() + ": a compacted segment would be too large: "
                        + segment.sizeBytes() + " bytes and " + buffer.remaining() + " more");
            }
            bytesWritten += buffer.remaining();
            isGivenUp |= !host.moved(buffer.remaining());
            segment.write(buffer, input.nowMs());
            for (BatchHeader header : headers) {
                segment.note(header, input.config().indexIntervalBytes());
            }
            segment.spillIndexes();
            headers.clear();
            buffer.clear();
        }

        void finish() throws IOException {
            write();
            segment.seal();
            segment.forceAll();
        }
    }
}
