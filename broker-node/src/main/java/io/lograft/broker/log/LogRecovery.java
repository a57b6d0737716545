package io.lograft.broker.log;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.log.io.FileStore.OpenMode;
import io.lograft.broker.log.io.LogFile;
import io.lograft.broker.log.io.WholeFile;
import io.lograft.broker.log.state.EpochHistory;
import io.lograft.broker.log.state.ProducerSnapshot;
import io.lograft.broker.log.state.ProducerStates;
import io.lograft.broker.log.state.SegmentSummary;
import io.lograft.record.BatchHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * Opens the files of a partition and makes everything fit the {@code .log} files again. Segments that were flushed whole
 * are taken as the summary in the snapshot at their end says, with no look into them. After an unclean stop it verifies all
 * batches from the last snapshot below the recovery point on, cuts a torn tail, and fsyncs the rest. Runs once per log, on
 * any thread.
 *
 * <p>Where the bytes end that may be torn: not below the recovery point, nor below the known high watermark; and not in
 * a segment that was flushed when the next one had begun, of which a producer snapshot at the next one's start is the
 * proof (see {@link FlushLedger}). Damage there means that the replica is lost.
 */
final class LogRecovery {

    /**
     * What the log directory knows of the partition.
     *
     * @param isClean true if the last process closed all logs and everything was flushed
     * @param logStartOffset -1 if it is not known
     */
    record Known(boolean isClean, long recoveryPoint, long highWatermark, long logStartOffset) {

        /** The log was truncated to this offset after the checkpoints had been written. */
        private Known below(long offset) {
            return new Known(
                    isClean,
                    Math.min(recoveryPoint, offset),
                    Math.min(highWatermark, offset),
                    isClean ? logStartOffset : Math.min(logStartOffset, offset));
        }
    }

    /** An opened log. */
    record Opened(
            List<Segment> segments,
            long logStartOffset,
            long recordedLogStart,
            EpochHistory epochs,
            EpochHistory writtenEpochs,
            ProducerStates producers,
            PartitionFiles.Metadata metadata,
            boolean hasTruncationPoint) {}

    private final PartitionFiles files;
    private final LogConfig config;
    private final long nowMs;
    private final Known known;
    private final OptionalLong truncationPoint;
    private final List<Segment> segments = new ArrayList<>();
    private final Snapshots snapshots;
    /** Segments whose indexes were made anew. */
    private final Set<Segment> rebuilt = new HashSet<>();

    private boolean isChanged;
    /** Epoch of the last batch, where a summary tells it. */
    private OptionalInt lastEpoch = OptionalInt.empty();

    private LogRecovery(PartitionFiles files, LogConfig config, Known known, long nowMs) throws IOException {
        this.files = files;
        this.config = config;
        this.nowMs = nowMs;
        this.truncationPoint = files.readTruncationPoint();
        this.known = truncationPoint.isPresent() ? known.below(truncationPoint.getAsLong()) : known;
        this.snapshots = Snapshots.list(files);
    }

    /** The log in a directory that was just made, with an empty segment at offset 0. */
    static Opened empty(PartitionFiles files, PartitionFiles.Metadata metadata, boolean hasTruncationPoint)
            throws IOException {
        return new Opened(
                List.of(Segment.open(files, 0)),
                0,
                0,
                EpochHistory.EMPTY,
                EpochHistory.EMPTY,
                new ProducerStates(),
                metadata,
                hasTruncationPoint);
    }

    static Opened open(PartitionFiles files, LogConfig config, Known known, long nowMs) throws IOException {
        PartitionFiles.Metadata metadata = files.readMetadata()
                .orElseThrow(() -> new CorruptLogException(files.directory(), 0, 0, "partition.metadata is no good"));
        files.deleteLeftovers();
        LogRecovery recovery = new LogRecovery(files, config, known, nowMs);
        try {
            return recovery.run(metadata);
        } catch (IOException | RuntimeException e) {
            for (Segment segment : recovery.segments) {
                segment.close();
            }
            throw e;
        }
    }

    private Opened run(PartitionFiles.Metadata metadata) throws IOException {
        List<Long> bases = files.offsets(PartitionFiles.LOG_SUFFIX);
        if (bases.isEmpty()) {
            long start = truncationPoint.orElse(Math.max(known.logStartOffset(), 0));
            segments.add(Segment.create(files, start));
            isChanged = true;
        }
        // After any other stop the first segment may have been deleted as the log start moved on.
        if (known.isClean() && known.logStartOffset() >= 0 && segmentsBegin(bases) > known.logStartOffset()) {
            String path = files.path(segmentsBegin(bases), PartitionFiles.LOG_SUFFIX);
            throw new CorruptLogException(path, 0, known.logStartOffset(), "the segments before it are missing");
        }
        for (int i = 0; i < bases.size(); i++) {
            segments.add(Segment.open(files, bases.get(i)));
            long nextBase = i + 1 < bases.size() ? bases.get(i + 1) : -1;
            if (!load(segments.getLast(), nextBase)) {
                dropAfter(bases, i);
                break;
            }
        }
        long end = segments.getLast().nextOffset();
        long kept = Math.max(known.recoveryPoint(), known.highWatermark());
        if (end < kept) {
            Segment last = segments.getLast();
            throw new CorruptLogException(
                    last.log().path(), last.sizeBytes(), end, "all below " + kept + " had been flushed or committed");
        }
        if (!known.isClean() && end < known.logStartOffset()) {
            return startOver(end);
        }
        if (!known.isClean() || isChanged || !rebuilt.isEmpty()) {
            makeDurable(end);
        }
        return state(metadata, end);
    }

    /** What lay up to the log start was not flushed, and is lost; the log is empty, and nobody may use its offsets again. */
    private Opened startOver(long end) throws IOException {
        ProducerStates producers = rebuildProducers(files, segments, end, nowMs);
        files.recordLostProducers();
        files.beginStartOver(known.logStartOffset(), producers.entries());
        files.finishStartOver(known.logStartOffset(), segments);
        segments.removeLast().close();
        return open(files, config, known, nowMs);
    }

    private long segmentsBegin(List<Long> bases) {
        return bases.isEmpty() ? segments.getFirst().baseOffset() : bases.getFirst();
    }

    /** False if the segment was cut and what follows it does not count. */
    private boolean load(Segment segment, long nextBase) throws IOException {
        boolean isTrusted = known.isClean() || (nextBase >= 0 && nextBase <= known.recoveryPoint());
        if (isTrusted && restore(segment, nextBase)) {
            requireEnd(segment, nextBase, null);
            return true;
        }
        String damage = scan(segment, nextBase, isTrusted);
        boolean isWhole = damage == null && (nextBase < 0 || segment.nextOffset() == nextBase);
        if (isWhole) {
            summarizeAnew(segment, nextBase);
            return true;
        }
        boolean wasFlushed = isTrusted
                || segment.nextOffset() < Math.max(known.recoveryPoint(), known.highWatermark())
                || (nextBase >= 0 && hasProofOfFlush(nextBase));
        if (wasFlushed) {
            requireEnd(segment, nextBase, damage);
        }
        segment.cutRemains();
        isChanged = true;
        return false;
    }

    /**
     * Takes the state of a segment that was flushed with its indexes from the summary at its end. One without a summary, or
     * with another size since (which it has after a compaction), is taken as its indexes say.
     */
    private boolean restore(Segment segment, long nextBase) throws IOException {
        Optional<SegmentSummary> summary = nextBase >= 0
                ? snapshots.summaryAt(nextBase)
                : snapshots.newestSummary(segment.baseOffset(), Long.MAX_VALUE);
        boolean isOfThese = summary.isPresent()
                && summary.get().baseOffset() == segment.baseOffset()
                && summary.get().sizeBytes() == segment.log().sizeBytes();
        if (!isOfThese) {
            lastEpoch = OptionalInt.empty();
            return segment.loadIndexed(nowMs, config.indexIntervalBytes());
        }
        if (!segment.restore(summary.get())) {
            return false;
        }
        lastEpoch = segment.isEmpty() ? lastEpoch : OptionalInt.of(summary.get().lastEpoch());
        return true;
    }

    /** What was read again need not be read again at the next start. */
    private void summarizeAnew(Segment segment, long nextBase) throws IOException {
        if (nextBase < 0 || !rebuilt.contains(segment)) {
            return;
        }
        try {
            writeSummary(segment, nextBase);
        } catch (DiskFullException notNeeded) {
            // It only saves work; the next start does this work again.
            isChanged = true;
        }
    }

    private void writeSummary(Segment segment, long nextBase) throws IOException {
        segment.seal();
        Optional<List<ProducerStates.Entry>> producers = snapshots.producersAt(nextBase);
        if (producers.isPresent() && lastEpoch.isPresent()) {
            segment.forceAll();
            byte[] content =
                    ProducerSnapshot.encode(producers.get(), Optional.of(segment.summary(lastEpoch.getAsInt())));
            WholeFile.replace(files.store(), files.path(nextBase, PartitionFiles.SNAPSHOT_SUFFIX), content);
        }
    }

    /** Beyond the last truncation proofs do not count: they may be remains of what was to be deleted. */
    private boolean hasProofOfFlush(long offset) throws IOException {
        return offset <= truncationPoint.orElse(Long.MAX_VALUE)
                && snapshots.producersAt(offset).isPresent();
    }

    private void requireEnd(Segment segment, long nextBase, String damage) throws CorruptLogException {
        boolean fits = damage == null && (nextBase < 0 || segment.nextOffset() == nextBase);
        if (!fits) {
            throw new CorruptLogException(
                    segment.log().path(),
                    segment.sizeBytes(),
                    segment.nextOffset(),
                    damage != null ? damage : "the next segment begins at offset " + nextBase);
        }
    }

    /**
     * Reads and verifies the batches behind the last snapshot below the recovery point, all of them where there is none,
     * and makes the indexes anew from there. Returns what stopped it, null if it came to the end.
     */
    private String scan(Segment segment, long nextBase, boolean isTrusted) throws IOException {
        Optional<SegmentSummary> begin =
                isTrusted ? Optional.empty() : snapshots.newestSummary(segment.baseOffset(), known.recoveryPoint());
        if (begin.isPresent() && segment.resumeBehind(begin.get())) {
            lastEpoch = OptionalInt.of(begin.get().lastEpoch());
            String damage = scanOn(segment);
            boolean isWhole = damage == null && (nextBase < 0 || segment.nextOffset() == nextBase);
            if (isWhole || segment.nextOffset() > begin.get().nextOffset()) {
                return damage;
            }
            // Where not one batch follows, the summary may be of a time before a compaction.
        }
        segment.reset();
        rebuilt.add(segment);
        return scanOn(segment);
    }

    private String scanOn(Segment segment) throws IOException {
        BatchScanner scanner = new BatchScanner(
                segment.log(), segment.sizeBytes(), segment.log().sizeBytes(), segment.nextOffset());
        while (scanner.nextVerified()) {
            BatchHeader batch = scanner.header();
            if (segment.isEmpty()) {
                segment.firstAppendAt(Math.min(nowMs, Math.max(0, batch.maxTimestampMs())));
            }
            segment.note(batch, config.indexIntervalBytes());
            segment.spillIndexes();
            lastEpoch = OptionalInt.of(batch.leaderEpoch());
        }
        return scanner.damage();
    }

    /** Deletes the segments after the one at this index, the newest first. */
    private void dropAfter(List<Long> bases, int index) throws IOException {
        for (int i = bases.size() - 1; i > index; i--) {
            Segment.open(files, bases.get(i)).delete();
        }
    }

    /** Forces what may not be on the disk. Where nothing lies beyond the recovery point nothing is to be forced. */
    private void makeDurable(long end) throws IOException {
        for (Segment segment : segments) {
            if (segment.nextOffset() > known.recoveryPoint() || rebuilt.contains(segment)) {
                boolean isSealed = segment != segments.getLast();
                if (isSealed) {
                    segment.seal();
                }
                segment.forceAll();
                isChanged = true;
            }
        }
        isChanged |= snapshots.deleteAbove(end);
        if (isChanged) {
            files.store().syncDirectory(files.directory());
        }
    }

    private Opened state(PartitionFiles.Metadata metadata, long end) throws IOException {
        long trustedTo = known.isClean() ? end : Math.min(known.recoveryPoint(), end);
        Optional<EpochHistory> written = files.readEpochs();
        Optional<EpochHistory> trusted = written.map(history -> history.truncatedTo(trustedTo));
        if (trusted.isPresent() && lastEpochBelow(trustedTo) != trusted.get().lastEpoch()) {
            trusted = Optional.empty();
        }
        long start = Math.min(startOf(trusted), end);
        EpochHistory epochs = trusted.isPresent()
                ? replayEpochs(trusted.get(), trustedTo, end)
                : replayEpochs(EpochHistory.EMPTY, segments.getFirst().baseOffset(), end);
        epochs = epochs.startingAt(start, end);
        EpochHistory inFile = written.orElse(EpochHistory.EMPTY);
        if (!known.isClean() && !epochs.equals(inFile)) {
            files.writeEpochs(epochs);
            inFile = epochs;
        }
        ProducerStates producers = rebuildProducers(files, segments, end, nowMs);
        producers.expire(nowMs - config.producerExpiry().toMillis());
        long recorded = Math.min(Math.min(start, known.logStartOffset()), truncationPoint.orElse(Long.MAX_VALUE));
        return new Opened(segments, start, recorded, epochs, inFile, producers, metadata, truncationPoint.isPresent());
    }

    /** The log start, which the history of epochs knows as well: its first epoch begins nowhere below. */
    private long startOf(Optional<EpochHistory> trusted) {
        long start = Math.max(known.logStartOffset(), segments.getFirst().baseOffset());
        return trusted.filter(history -> !history.starts().isEmpty())
                .map(history -> Math.max(start, history.starts().getFirst().startOffset()))
                .orElse(start);
    }

    private int lastEpochBelow(long offset) throws IOException {
        if (offset <= segments.getFirst().baseOffset()) {
            return -1;
        }
        if (offset == segments.getLast().nextOffset() && lastEpoch.isPresent()) {
            return lastEpoch.getAsInt();
        }
        Segment.View segment = viewOf(segments, offset - 1);
        return segment.seek(offset - 1).header().leaderEpoch();
    }

    private EpochHistory replayEpochs(EpochHistory history, long from, long end) throws IOException {
        EpochHistory[] result = {history};
        forEachBatch(segments, from, end, (batch, where) -> {
            if (batch.baseOffset() < from) {
                return;
            }
            int epoch = batch.leaderEpoch();
            if (epoch < result[0].lastEpoch()) {
                throw new CorruptLogException(
                        where.file(),
                        where.position(),
                        batch.baseOffset(),
                        "leader epoch " + epoch + " after " + result[0].lastEpoch());
            }
            if (epoch != result[0].lastEpoch()) {
                result[0] = result[0].appended(epoch, batch.baseOffset());
            }
        });
        return result[0];
    }

    /** Producer states from the newest snapshot that is whole and the batches that follow it. */
    static ProducerStates rebuildProducers(PartitionFiles files, List<Segment> segments, long end, long nowMs)
            throws IOException {
        ProducerStates producers = new ProducerStates();
        long from = Snapshots.list(files)
                .restoreNewest(producers, segments.getFirst().baseOffset(), end);
        forEachBatch(segments, from, end, (batch, where) -> producers.appended(batch, nowMs));
        return producers;
    }

    /** Where a batch lies. */
    private record Where(String file, long position) {}

    private interface BatchVisitor {
        void visit(BatchHeader batch, Where where) throws CorruptLogException;
    }

    /** Visits also the batch that begins before and reaches over {@code from}, as one does in which a log starts. */
    private static void forEachBatch(List<Segment> segments, long from, long end, BatchVisitor visitor)
            throws IOException {
        long next = Math.max(from, segments.getFirst().baseOffset());
        while (next < end) {
            Segment.View segment = viewOf(segments, next);
            BatchScanner scanner = segment.seek(next);
            boolean hasMore = true;
            while (hasMore && scanner.header().baseOffset() < end) {
                if (scanner.header().nextOffset() > from) {
                    visitor.visit(scanner.header(), new Where(segment.log().path(), scanner.position()));
                }
                hasMore = scanner.nextHeader();
            }
            if (scanner.damage() != null) {
                throw scanner.corruption();
            }
            Check.that(segment.nextOffset() > next, segment.log().path() + " has no batch from " + next);
            next = segment.nextOffset();
        }
    }

    private static Segment.View viewOf(List<Segment> segments, long offset) {
        for (int i = segments.size() - 1; i > 0; i--) {
            if (segments.get(i).baseOffset() <= offset) {
                return segments.get(i).view();
            }
        }
        return segments.getFirst().view();
    }

    /** The producer snapshots of a partition, with the summaries of segments behind them, as a recovery finds them. */
    private static final class Snapshots {
        private final PartitionFiles files;
        private final NavigableSet<Long> offsets;

        private Snapshots(PartitionFiles files, NavigableSet<Long> offsets) {
            this.files = files;
            this.offsets = offsets;
        }

        static Snapshots list(PartitionFiles files) throws IOException {
            return new Snapshots(files, new TreeSet<>(files.offsets(PartitionFiles.SNAPSHOT_SUFFIX)));
        }

        /** The producers at this offset; empty if there is no snapshot that is whole. */
        Optional<List<ProducerStates.Entry>> producersAt(long offset) throws IOException {
            return offsets.contains(offset)
                    ? ProducerSnapshot.decode(WholeFile.read(files.store(), path(offset)))
                    : Optional.empty();
        }

        /** Restores the producers from the newest whole snapshot between two offsets; returns its offset, else the first. */
        long restoreNewest(ProducerStates producers, long from, long to) throws IOException {
            for (Long offset = offsets.floor(to); offset != null && offset >= from; offset = offsets.lower(offset)) {
                Optional<List<ProducerStates.Entry>> entries = producersAt(offset);
                if (entries.isPresent()) {
                    entries.get().forEach(producers::restore);
                    return offset;
                }
            }
            return from;
        }

        /** The summary at this offset of the segment that ends there; reads nothing else of the snapshot. */
        Optional<SegmentSummary> summaryAt(long offset) throws IOException {
            if (!offsets.contains(offset)) {
                return Optional.empty();
            }
            try (LogFile file = files.store().open(path(offset), OpenMode.READ)) {
                ByteBuffer bytes = ByteBuffer.allocate(SegmentSummary.SIZE_BYTES);
                file.read(bytes, Math.max(0, file.sizeBytes() - SegmentSummary.SIZE_BYTES));
                return SegmentSummary.decodeLast(bytes.flip()).filter(summary -> summary.nextOffset() == offset);
            }
        }

        /** The summary of the segment that begins at this offset that goes furthest, but not beyond an offset. */
        Optional<SegmentSummary> newestSummary(long baseOffset, long to) throws IOException {
            for (Long offset = offsets.floor(to);
                    offset != null && offset >= baseOffset;
                    offset = offsets.lower(offset)) {
                Optional<SegmentSummary> summary = summaryAt(offset).filter(known -> known.baseOffset() == baseOffset);
                if (summary.isPresent()) {
                    return summary;
                }
            }
            return Optional.empty();
        }

        /** Deletes those above this offset; true if there were any. */
        boolean deleteAbove(long offset) throws IOException {
            List<Long> above = List.copyOf(offsets.tailSet(offset, false));
            for (long each : above) {
                files.store().delete(path(each));
                offsets.remove(each);
            }
            return !above.isEmpty();
        }

        private String path(long offset) {
            return files.path(offset, PartitionFiles.SNAPSHOT_SUFFIX);
        }
    }
}
