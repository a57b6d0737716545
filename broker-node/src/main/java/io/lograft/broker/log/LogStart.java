package io.lograft.broker.log;

import io.lograft.broker.log.io.Deletion;
import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.log.state.BatchFrames;
import io.lograft.broker.log.state.EpochHistory;
import io.lograft.broker.log.state.ProducerSnapshot;
import io.lograft.broker.log.state.ProducerStates;
import io.lograft.model.ErrorCode;
import io.lograft.record.BatchHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a log starts, and how much of that a restart would find again. After a truncation the checkpoints of the log
 * directory count only up to the truncation point, until they are written anew. Owned by the partition loop.
 */
final class LogStart {
    private final PartitionFiles files;
    private long offset;
    private long recorded;
    private boolean hasTruncationPoint;
    /** The file is deleted, but a power cut might bring it back. */
    private boolean isDeletionUnsynced;

    private boolean hasLostProducers;

    LogStart(PartitionFiles files, LogRecovery.Opened opened) throws IOException {
        this.files = files;
        this.offset = opened.logStartOffset();
        this.recorded = opened.recordedLogStart();
        this.hasTruncationPoint = opened.hasTruncationPoint();
        this.hasLostProducers = files.hasLostProducers();
    }

    /** True where the log is empty and starts within the first batch: some of its records were deleted. */
    static boolean isWithinFirst(PartitionLog log, ByteBuffer batches) {
        return log.sizeBytes() == 0
                && log.logStartOffset() == log.logEndOffset()
                && BatchFrames.isFirstAround(batches, log.logStartOffset());
    }

    /**
     * Batches are kept whole: the files begin with the one in which the log starts. What is known to be committed reaches up
     * to the log start, so the log never ends before it, whatever becomes of the batch.
     */
    AppendResult appendAround(PartitionLog log, ByteBuffer batches, int indexIntervalBytes, long nowMs)
            throws IOException {
        int at = batches.position();
        List<BatchHeader> headers = new ArrayList<>();
        long base = BatchHeader.read(batches, at).baseOffset();
        String damage = BatchFrames.readAll(batches, base, log.lastEpoch(), headers);
        if (damage != null) {
            return new AppendResult.Refused(ErrorCode.CORRUPT_BATCH, log.name() + ": " + damage);
        }
        BatchHeader first = headers.getFirst();
        files.writeSnapshot(base, ProducerSnapshot.encode(log.producersBelow(Long.MAX_VALUE)));
        Segment written = write(first, batches.slice(at, first.sizeBytes()), indexIntervalBytes, nowMs);
        EpochHistory epoch =
                EpochHistory.EMPTY.appended(first.leaderEpoch(), base).startingAt(offset, first.nextOffset());
        log.startWithin(place(written, indexIntervalBytes, nowMs), epoch, first, nowMs);
        if (headers.size() > 1) {
            int rest = at + first.sizeBytes();
            log.appendAsFollower(batches.slice(rest, batches.limit() - rest), nowMs);
        }
        return AppendResult.Appended.of(headers, batches.remaining());
    }

    /** Writes a segment of one batch, durably, that is about to take its place in the log; where that fails it is gone. */
    private Segment write(BatchHeader header, ByteBuffer batch, int indexIntervalBytes, long nowMs) throws IOException {
        Segment written = Segment.createAside(files, header.baseOffset(), PartitionFiles.FIRST_SUFFIX);
        boolean isWritten = false;
        try {
            written.write(batch, nowMs);
            written.note(header, indexIntervalBytes);
            written.seal();
            written.forceAll();
            written.close();
            // Durable with what follows; from there on a recovery finishes it.
            files.store().rename(written.log().path(), files.swapPath(header.baseOffset(), offset + 1));
            isWritten = true;
        } finally {
            if (!isWritten) {
                written.delete();
            }
        }
        return written;
    }

    /** Puts it in the place of the empty one that begins at the log start. */
    private Segment place(Segment written, int indexIntervalBytes, long nowMs) throws IOException {
        long base = written.baseOffset();
        try {
            files.store().syncDirectory(files.directory());
            files.finishSwaps();
            files.nameIndexes(base, PartitionFiles.FIRST_SUFFIX);
            Segment placed = Compaction.opened(files, base, written.nextOffset(), nowMs, indexIntervalBytes);
            placed.firstAppendAt(nowMs);
            return placed;
        } catch (DiskFullException full) {
            throw new IOException(files.directory() + ": no room for the batch in which the log starts", full);
        }
    }

    long offset() {
        return offset;
    }

    void moveTo(long newOffset) {
        offset = newOffset;
    }

    boolean hasLostProducers() {
        return hasLostProducers;
    }

    /** The log starts over here, with what its leader knows of producers below. */
    void startedOver(long newOffset) throws IOException {
        offset = newOffset;
        if (hasLostProducers) {
            files.deleteLostProducers();
            hasLostProducers = false;
        }
    }

    /**
     * Takes the segments that lie wholly below out of the log: only what is flushed, and once what it tells of producers is
     * kept; else it is to be tried again later. False if nothing was taken out.
     */
    boolean drop(List<Segment> segments, FlushLedger ledger, List<Deletion> discarded) throws IOException {
        int kept = segments.size() - 1;
        while (kept > 0 && segments.get(kept).baseOffset() > offset) {
            kept--;
        }
        long base = segments.get(kept).baseOffset();
        if (kept == 0 || ledger.flushedOffset() < base || !keepProducers(ledger, segments, base)) {
            return false;
        }
        for (int i = 0; i < kept; i++) {
            Segment dropped = segments.removeFirst();
            ledger.forget(dropped);
            dropped.discard(PartitionFiles.DISCARDED_SUFFIX);
            discarded.add(new Dropped(dropped));
        }
        ledger.startsAt(base);
        return true;
    }

    /** The files of a segment that retention or somebody who deletes records no longer wants. */
    private record Dropped(Segment segment) implements Deletion {
        @Override
        public void run() throws IOException {
            segment.deleteDiscarded(PartitionFiles.DISCARDED_SUFFIX);
        }

        @Override
        public long recordBytes() {
            return segment.sizeBytes();
        }
    }

    /** Sees to it that a restart knows of producers what the records below the base offset of a segment tell. */
    private boolean keepProducers(FlushLedger ledger, List<Segment> segments, long base) throws IOException {
        try {
            if (!ledger.keepSnapshot(base)) {
                long nowMs = segments.getFirst().retained().lastAppendMs();
                ProducerStates known = LogRecovery.rebuildProducers(files, segments, base, nowMs);
                files.writeSnapshot(base, ProducerSnapshot.encode(known.entries()));
            }
            return true;
        } catch (DiskFullException full) {
            return false;
        }
    }

    /** A restart finds this log start, or a greater one. */
    long recorded() {
        return recorded;
    }

    /** Records durably that the checkpoints do not count beyond this offset. */
    void beginTruncation(long point) throws IOException {
        files.writeTruncationPoint(point);
        hasTruncationPoint = true;
        recorded = Math.min(recorded, point);
    }

    /** A checkpoint was written durably since the last truncation, with this log start. */
    void checkpointed(long startOffset) throws IOException {
        if (hasTruncationPoint) {
            files.deleteTruncationPoint();
            hasTruncationPoint = false;
            isDeletionUnsynced = true;
        }
        if (startOffset > recorded && isDeletionUnsynced) {
            files.store().syncDirectory(files.directory());
            isDeletionUnsynced = false;
        }
        recorded = Math.max(recorded, startOffset);
    }
}
