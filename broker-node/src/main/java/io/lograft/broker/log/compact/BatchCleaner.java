package io.lograft.broker.log.compact;

import io.lograft.broker.log.state.ProducerStates;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchRewriter;
import io.lograft.record.DecodedRecord;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides what is left of each batch of a log, in the order of their offsets, and hands it to a {@link Sink}. For one
 * compaction, for one thread.
 *
 * <p>A record stays if its key has none that is newer, among those that the {@link OffsetMap} covers; one without a key
 * goes. A tombstone stays until the delete horizon, which the first compaction that meets it writes into its batch. What is
 * part of a transaction stays untouched, and so does a batch whose records cannot be decoded.
 *
 * <p>Offsets have no gap afterwards either (R6): for each run of batches that are gone there is one batch without
 * records, which stands for their offsets. It never spans leader epochs, so that the history of epochs can be read from the
 * batches still. A batch that a producer may retry leaves its header.
 */
public final class BatchCleaner {
    private static final int OPAQUE_ATTRIBUTES = BatchHeader.TRANSACTIONAL_ATTRIBUTE | BatchHeader.CONTROL_ATTRIBUTE;

    /** Takes what is left. */
    public interface Sink<X extends Exception> {
        /** A whole batch, whose bytes are valid until the call returns. */
        void batch(BatchHeader header, ByteBuffer bytes) throws X;
    }

    /**
     * What to go by.
     *
     * @param newest newest offsets of all keys below {@code end}, but for what was compacted before
     * @param end records from here on stay
     * @param headers batches whose sequences must stay known
     * @param nowMs time that is compared with delete horizons
     * @param deleteHorizonMs the horizon for tombstones that have none yet
     */
    public record Terms(
            OffsetMap newest,
            long end,
            ProducerStates.Needed headers,
            KeyHasher hasher,
            long nowMs,
            long deleteHorizonMs) {}

    private final Terms terms;
    private final BatchRewriter rewriter = new BatchRewriter();
    private final List<DecodedRecord> kept = new ArrayList<>();
    private long recordsRead;
    private long recordsKept;
    private long opaqueBatches;
    private long changes;
    private long tombstonesGoneBelow;
    private long gapBase = -1;
    private long gapLast;
    private int gapEpoch;

    public BatchCleaner(Terms terms) {
        this.terms = terms;
    }

    /** Takes the next batch, which follows the one before without a gap and lies alone in the buffer. */
    public <X extends Exception> void take(BatchHeader header, ByteBuffer bytes, Sink<X> sink) throws X {
        recordsRead += header.recordCount();
        boolean isOpaque = (header.attributes() & OPAQUE_ATTRIBUTES) != 0;
        if (isOpaque || header.baseOffset() >= terms.end()) {
            keep(header, bytes, sink);
            return;
        }
        kept.clear();
        boolean hasTombstones = false;
        long goneBelow = 0;
        RecordCursor records = RecordBatch.at(bytes, bytes.position()).records();
        while (records.advance()) {
            DecodedRecord record = records.record();
            if (isNewest(record)) {
                boolean isDeletion = !record.hasValue() && record.offset() < terms.end();
                if (isDeletion && isPastHorizon(header)) {
                    goneBelow = record.offset() + 1;
                } else {
                    hasTombstones |= isDeletion;
                    kept.add(record);
                }
            }
        }
        if (records.fault().isPresent()) {
            opaqueBatches++;
            keep(header, bytes, sink);
            return;
        }
        tombstonesGoneBelow = Math.max(tombstonesGoneBelow, goneBelow);
        boolean needsHorizon = hasTombstones && !header.hasDeleteHorizon();
        if (kept.isEmpty()) {
            drop(header, sink);
        } else if (kept.size() == header.recordCount() && !needsHorizon) {
            keep(header, bytes, sink);
        } else {
            rewrite(header, needsHorizon, sink);
        }
    }

    private boolean isNewest(DecodedRecord record) {
        if (record.offset() >= terms.end()) {
            return true;
        }
        if (!record.hasKey()) {
            return false;
        }
        terms.hasher().hash(record.array(), record.keyPosition(), record.keySizeBytes());
        return record.offset() >= terms.newest().get(terms.hasher());
    }

    private boolean isPastHorizon(BatchHeader header) {
        return header.hasDeleteHorizon() && terms.nowMs() >= header.baseTimestampMs();
    }

    private <X extends Exception> void keep(BatchHeader header, ByteBuffer bytes, Sink<X> sink) throws X {
        endGap(sink);
        recordsKept += header.recordCount();
        sink.batch(header, bytes);
    }

    private <X extends Exception> void rewrite(BatchHeader header, boolean needsHorizon, Sink<X> sink) throws X {
        changes++;
        rewriter.begin(header, needsHorizon ? terms.deleteHorizonMs() : BatchRewriter.SAME_HORIZON);
        kept.forEach(rewriter::keep);
        ByteBuffer smaller = rewriter.finish();
        keep(BatchHeader.read(smaller, 0), smaller, sink);
    }

    private <X extends Exception> void drop(BatchHeader header, Sink<X> sink) throws X {
        boolean mayBeRetried = terms.headers().has(header);
        changes += header.recordCount() > 0 || (header.hasProducer() && !mayBeRetried) ? 1 : 0;
        if (mayBeRetried) {
            ByteBuffer empty = BatchRewriter.empty(header);
            keep(BatchHeader.read(empty, 0), empty, sink);
            return;
        }
        boolean continues =
                gapBase >= 0 && gapEpoch == header.leaderEpoch() && header.lastOffset() - gapBase <= Integer.MAX_VALUE;
        if (!continues) {
            endGap(sink);
            gapBase = header.baseOffset();
            gapEpoch = header.leaderEpoch();
        }
        gapLast = header.lastOffset();
    }

    /** Hands over what stands for the batches dropped last; to be called at the end of each new segment. */
    public <X extends Exception> void endGap(Sink<X> sink) throws X {
        if (gapBase >= 0) {
            ByteBuffer filler = BatchRewriter.filler(gapBase, gapLast, gapEpoch);
            gapBase = -1;
            sink.batch(BatchHeader.read(filler, 0), filler);
        }
    }

    /** How many batches did not stay as they were. */
    public long changes() {
        return changes;
    }

    public long recordsRead() {
        return recordsRead;
    }

    public long recordsKept() {
        return recordsKept;
    }

    /** Batches that were kept as they are, as their records cannot be decoded. */
    public long opaqueBatches() {
        return opaqueBatches;
    }

    /** The offset that follows the last tombstone that was removed for good, 0 if none was. */
    public long tombstonesGoneBelow() {
        return tombstonesGoneBelow;
    }
}
