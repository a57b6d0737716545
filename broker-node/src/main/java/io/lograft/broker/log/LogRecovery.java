package io.lograft.broker.log;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.WholeFile;
import io.lograft.broker.log.state.EpochHistory;
import io.lograft.broker.log.state.ProducerSnapshot;
import io.lograft.broker.log.state.ProducerStates;
import io.lograft.record.BatchHeader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Opens the files of a partition and makes everything fit the {@code .log} files again. After a clean stop it reads the
 * ends of the segments only. Otherwise it verifies all checksums from the recovery point on, cuts a torn tail, and
 * fsyncs the rest. Runs once per log, on any thread.
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

    private LogRecovery(PartitionFiles files, LogConfig config, Known known, long nowMs) throws IOException {
        this.files = files;
        this.config = config;
        this.nowMs = nowMs;
        this.truncationPoint = files.readTruncationPoint();
        this.known = truncationPoint.isPresent() ? known.below(truncationPoint.getAsLong()) : known;
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
            long start = truncationPoint.orElse(known.logStartOffset());
            segments.add(Segment.create(files, start));
            files.store().syncDirectory(files.directory());
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
        if (!known.isClean()) {
            makeDurable(end);
        }
        return state(metadata, end);
    }

    /** False if the segment was cut and what follows it does not count. */
    private boolean load(Segment segment, long nextBase) throws IOException {
        boolean isTrusted = known.isClean() || (nextBase >= 0 && nextBase <= known.recoveryPoint());
        if (isTrusted && segment.loadIndexed(nowMs, config.indexIntervalBytes())) {
            requireEnd(segment, nextBase, null);
            return true;
        }
        String damage = scan(segment, isTrusted);
        boolean isWhole = damage == null && (nextBase < 0 || segment.nextOffset() == nextBase);
        if (isWhole) {
            return true;
        }
        boolean wasFlushed = isTrusted
                || segment.nextOffset() < Math.max(known.recoveryPoint(), known.highWatermark())
                || (nextBase >= 0 && hasProofOfFlush(nextBase));
        if (wasFlushed) {
            requireEnd(segment, nextBase, damage);
        }
        segment.cutRemains();
        return false;
    }

    /** Beyond the last truncation proofs do not count: they may be remains of what was to be deleted. */
    private boolean hasProofOfFlush(long offset) throws IOException {
        return offset <= truncationPoint.orElse(Long.MAX_VALUE)
                && readSnapshot(files, offset).isPresent();
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

    /** Reads all batches, and builds the indexes anew. Returns what stopped it, null if it came to the end. */
    private String scan(Segment segment, boolean isTrusted) throws IOException {
        segment.reset();
        BatchScanner scanner = new BatchScanner(segment.log(), 0, segment.log().sizeBytes(), segment.baseOffset());
        while (true) {
            boolean isHeaderEnough = isTrusted || scanner.nextOffset() < known.recoveryPoint();
            if (!(isHeaderEnough ? scanner.nextHeader() : scanner.nextVerified())) {
                return scanner.damage();
            }
            BatchHeader batch = scanner.header();
            if (segment.isEmpty()) {
                segment.firstAppendAt(Math.min(nowMs, Math.max(0, batch.maxTimestampMs())));
            }
            segment.note(batch, config.indexIntervalBytes());
            segment.spillIndexes();
        }
    }

    /** Deletes the segments after the one at this index, the newest first. */
    private void dropAfter(List<Long> bases, int index) throws IOException {
        for (int i = bases.size() - 1; i > index; i--) {
            Segment.open(files, bases.get(i)).delete();
        }
    }

    private void makeDurable(long end) throws IOException {
        for (Segment segment : segments) {
            if (segment.nextOffset() >= known.recoveryPoint()) {
                boolean isSealed = segment != segments.getLast();
                if (isSealed) {
                    segment.seal();
                }
                for (var file : segment.allFiles()) {
                    file.force();
                }
            }
        }
        for (long offset : files.offsets(PartitionFiles.SNAPSHOT_SUFFIX)) {
            if (offset > end) {
                files.store().delete(files.path(offset, PartitionFiles.SNAPSHOT_SUFFIX));
            }
        }
        files.store().syncDirectory(files.directory());
    }

    private Opened state(PartitionFiles.Metadata metadata, long end) throws IOException {
        long start =
                Math.min(Math.max(known.logStartOffset(), segments.getFirst().baseOffset()), end);
        Optional<EpochHistory> written = files.readEpochs();
        long trustedTo = known.isClean() ? end : Math.min(known.recoveryPoint(), end);
        EpochHistory epochs = epochs(written, trustedTo, end);
        epochs = epochs.startingAt(start, end);
        EpochHistory inFile = written.orElse(EpochHistory.EMPTY);
        if (!known.isClean() && !epochs.equals(inFile)) {
            files.writeEpochs(epochs);
            inFile = epochs;
        }
        ProducerStates producers = rebuildProducers(files, segments, end, nowMs);
        producers.expire(nowMs - config.producerExpiry().toMillis());
        long recorded = Math.min(start, known.logStartOffset());
        return new Opened(segments, start, recorded, epochs, inFile, producers, metadata, truncationPoint.isPresent());
    }

    /** The history from its file as far as that is trusted, then from the batches; all from them if it does not fit. */
    private EpochHistory epochs(Optional<EpochHistory> written, long trustedTo, long end) throws IOException {
        if (written.isPresent()) {
            EpochHistory trusted = written.get().truncatedTo(trustedTo);
            boolean fits = lastEpochBelow(trustedTo) == trusted.lastEpoch();
            if (fits) {
                return replayEpochs(trusted, trustedTo, end);
            }
        }
        return replayEpochs(EpochHistory.EMPTY, segments.getFirst().baseOffset(), end);
    }

    private int lastEpochBelow(long offset) throws IOException {
        if (offset <= segments.getFirst().baseOffset()) {
            return -1;
        }
        Segment.View segment = viewOf(segments, offset - 1);
        return segment.seek(offset - 1).header().leaderEpoch();
    }

    private EpochHistory replayEpochs(EpochHistory history, long from, long end) throws IOException {
        EpochHistory[] result = {history};
        forEachBatch(segments, from, end, batch -> {
            int epoch = batch.leaderEpoch();
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
        List<Long> offsets = files.offsets(PartitionFiles.SNAPSHOT_SUFFIX);
        long from = segments.getFirst().baseOffset();
        for (int i = offsets.size() - 1; i >= 0; i--) {
            long offset = offsets.get(i);
            Optional<List<ProducerStates.Entry>> entries =
                    offset < from || offset > end ? Optional.empty() : readSnapshot(files, offset);
            if (entries.isPresent()) {
                entries.get().forEach(producers::restore);
                from = offset;
                break;
            }
        }
        forEachBatch(segments, from, end, batch -> producers.appended(batch, nowMs));
        return producers;
    }

    private static Optional<List<ProducerStates.Entry>> readSnapshot(PartitionFiles files, long offset)
            throws IOException {
        String path = files.path(offset, PartitionFiles.SNAPSHOT_SUFFIX);
        return files.store().exists(path)
                ? ProducerSnapshot.decode(WholeFile.read(files.store(), path))
                : Optional.empty();
    }

    private interface BatchVisitor {
        void visit(BatchHeader batch);
    }

    private static void forEachBatch(List<Segment> segments, long from, long end, BatchVisitor visitor)
            throws IOException {
        long next = Math.max(from, segments.getFirst().baseOffset());
        while (next < end) {
            Segment.View segment = viewOf(segments, next);
            BatchScanner scanner = segment.seek(next);
            boolean hasMore = true;
            while (hasMore && scanner.header().baseOffset() < end) {
                if (scanner.header().baseOffset() >= from) {
                    visitor.visit(scanner.header());
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
}
