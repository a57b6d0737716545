package io.lograft.broker.sim;

import io.lograft.broker.replica.ReplicaLog;
import io.lograft.broker.replica.SequenceCheck;
import io.lograft.model.EpochStart;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.record.BatchHeader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/** A log in memory, with what of it is on disk. Not for more than one thread. */
public final class SimLog implements ReplicaLog {
    private static final int REMEMBERED_BATCHES = 5;

    /** What is known of one producer: its newest batches, the last of them last. */
    private record Producer(short epoch, List<BatchHeader> batches) {}

    private final List<SimBatch> batches = new ArrayList<>();
    /** For each batch a hash of everything up to its end. */
    private final List<Long> prefixHashes = new ArrayList<>();

    private final Map<Long, Producer> producers = new HashMap<>();
    /** What everything below an offset has for a hash, where the log itself does not go back so far. */
    private LongUnaryOperator hashes;

    /** Of what is below the first batch; meaningless where there is none. */
    private long firstHash;

    private long logStart;
    private long recordedLogStart;
    private long flushed;
    private FlushMode flushMode;
    private boolean sequencesChecked = true;
    private long compactedBelow;
    private long tombstonesGoneBelow;
    private boolean hasLostProducers;

    public SimLog(FlushMode flushMode) {
        this(flushMode, offset -> offset);
    }

    SimLog(FlushMode flushMode, LongUnaryOperator hashes) {
        this.flushMode = flushMode;
        this.hashes = hashes;
    }

    /** From now on that tells the hash of what the log does not go back to. */
    void hashes(LongUnaryOperator newHashes) {
        hashes = newHashes;
    }

    // ---- the port

    @Override
    public long logStartOffset() {
        return logStart;
    }

    @Override
    public long recordedLogStartOffset() {
        return recordedLogStart;
    }

    @Override
    public long logEndOffset() {
        return batches.isEmpty() ? logStart : batches.getLast().header().nextOffset();
    }

    @Override
    public long flushedOffset() {
        return flushed;
    }

    @Override
    public List<EpochStart> epochs() {
        List<EpochStart> epochs = new ArrayList<>();
        for (SimBatch batch : batches) {
            int epoch = batch.header().leaderEpoch();
            boolean isKept = batch.header().nextOffset() > logStart;
            if (isKept && (epochs.isEmpty() || epochs.getLast().epoch() != epoch)) {
                epochs.add(new EpochStart(epoch, Math.max(batch.header().baseOffset(), logStart)));
            }
        }
        return epochs;
    }

    @Override
    public int lastEpoch() {
        return logStart >= logEndOffset() ? -1 : batches.getLast().header().leaderEpoch();
    }

    @Override
    public FlushMode flushMode() {
        return flushMode;
    }

    @Override
    public long tombstonesGoneBelow() {
        return tombstonesGoneBelow;
    }

    @Override
    public long compactedBelow() {
        return compactedBelow;
    }

    /** As after compactions, of which this log has none. */
    public void compacted(long below, long tombstonesBelow) {
        compactedBelow = below;
        tombstonesGoneBelow = tombstonesBelow;
    }

    @Override
    public boolean hasLostProducers() {
        return hasLostProducers;
    }

    /** As after a recovery that lost batches below the log start. */
    public void loseProducers() {
        hasLostProducers = true;
    }

    @Override
    public SequenceCheck checkSequence(BatchHeader header) {
        if (!header.hasProducer() || !sequencesChecked) {
            return SequenceCheck.NEW;
        }
        Producer known = producers.get(header.producerId());
        if (known == null || header.producerEpoch() > known.epoch) {
            return header.baseSequence() == 0
                    ? SequenceCheck.NEW
                    : new SequenceCheck.Refused(ErrorCode.UNKNOWN_PRODUCER, "sequence " + header.baseSequence());
        }
        if (header.producerEpoch() < known.epoch) {
            return new SequenceCheck.Refused(ErrorCode.PRODUCER_FENCED, "epoch is " + known.epoch);
        }
        for (BatchHeader batch : known.batches) {
            if (batch.baseSequence() == header.baseSequence() && batch.lastSequence() == header.lastSequence()) {
                return new SequenceCheck.Duplicate(batch.baseOffset(), batch.lastOffset());
            }
        }
        int expected = known.batches.getLast().lastSequence() + 1;
        return header.baseSequence() == expected
                ? SequenceCheck.NEW
                : new SequenceCheck.Refused(
                        ErrorCode.OUT_OF_ORDER_SEQUENCE, header.baseSequence() + " instead of " + expected);
    }

    /** For a deliberate mistake: takes every batch for new. */
    void ignoreSequences() {
        sequencesChecked = false;
    }

    // ---- changes

    /** Appends a client's batch as leader. */
    public void append(SimBatch batch, int leaderEpoch) {
        add(batch.placedAt(logEndOffset(), leaderEpoch));
    }

    /** Appends batches that have their place; returns what is wrong with them, null if nothing is. */
    public String appendReplicated(List<SimBatch> replicated, int leaderEpoch) {
        for (SimBatch batch : replicated) {
            boolean isAround = batches.isEmpty()
                    && batch.header().baseOffset() < logStart
                    && batch.header().lastOffset() >= logStart;
            if (batch.header().baseOffset() != logEndOffset() && !isAround) {
                return "batch " + batch + " does not follow the log end " + logEndOffset();
            }
            if (batch.header().leaderEpoch() > leaderEpoch || batch.header().leaderEpoch() < lastEpoch()) {
                return "batch " + batch + " in epoch " + leaderEpoch + " after epoch " + lastEpoch();
            }
            add(batch);
        }
        return null;
    }

    private void add(SimBatch batch) {
        BatchHeader header = batch.header();
        if (batches.isEmpty()) {
            firstHash = hashes.applyAsLong(header.baseOffset());
        }
        long before = prefixHashes.isEmpty() ? firstHash : prefixHashes.getLast();
        prefixHashes.add(mix(
                mix(mix(before, header.baseOffset()), header.leaderEpoch()),
                batch.payload().hashCode()));
        batches.add(batch);
        remember(batch.header());
    }

    private void remember(BatchHeader header) {
        if (!header.hasProducer()) {
            return;
        }
        Producer known = producers.get(header.producerId());
        if (known == null || known.epoch != header.producerEpoch()) {
            known = new Producer(header.producerEpoch(), new ArrayList<>());
            producers.put(header.producerId(), known);
        }
        known.batches.add(header);
        if (known.batches.size() > REMEMBERED_BATCHES) {
            known.batches.removeFirst();
        }
    }

    /** Whole batches from this offset on, about {@code maxBytes} but at least one. */
    public List<SimBatch> read(long fromOffset, int maxBytes) {
        List<SimBatch> found = new ArrayList<>();
        int bytes = 0;
        for (int i = indexOf(fromOffset); i < batches.size() && maxBytes > 0; i++) {
            SimBatch batch = batches.get(i);
            if (!found.isEmpty() && bytes + batch.header().sizeBytes() > maxBytes) {
                break;
            }
            found.add(batch);
            bytes += batch.header().sizeBytes();
        }
        return found;
    }

    /** The batch that starts at the offset or holds it; null if the log has none. */
    public SimBatch batchAt(long offset) {
        int index = indexOf(offset);
        return index < batches.size() && batches.get(index).header().baseOffset() <= offset ? batches.get(index) : null;
    }

    private int indexOf(long offset) {
        int low = 0;
        int high = batches.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (batches.get(middle).header().lastOffset() < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    public void truncateTo(long offset) {
        while (!batches.isEmpty() && batches.getLast().header().lastOffset() >= offset) {
            batches.removeLast();
            prefixHashes.removeLast();
        }
        flushed = Math.min(flushed, logEndOffset());
        if (logEndOffset() == logStart) {
            // What was deleted need not be what others have there.
            batches.clear();
            prefixHashes.clear();
        }
        logStart = Math.min(logStart, logEndOffset());
        recordedLogStart = Math.min(recordedLogStart, offset);
        producers.clear();
        batches.forEach(batch -> remember(batch.header()));
    }

    public void startOver(long offset) {
        batches.clear();
        prefixHashes.clear();
        producers.clear();
        hasLostProducers = false;
        logStart = offset;
        recordedLogStart = 0;
        flushed = offset;
    }

    /** What is below is deleted; it stays here, for comparison. */
    public void advanceLogStart(long offset) {
        logStart = Math.max(logStart, Math.min(offset, logEndOffset()));
    }

    /** A restart finds this log start. */
    public void logStartRecorded(long offset) {
        recordedLogStart = offset;
    }

    /** Everything below this offset is on disk; true if that is news. */
    public boolean flushedTo(long offset) {
        long before = flushed;
        flushed = Math.max(flushed, Math.min(offset, logEndOffset()));
        return flushed > before;
    }

    public void recordFlushMode(FlushMode mode) {
        flushMode = mode;
    }

    /** The machine lost power: what is not on disk is gone; a part of it may happen to be there, at most all. */
    void losePower(long keptOffset) {
        truncateTo(Math.max(flushed, keptOffset));
        flushed = logEndOffset();
    }

    /** The process was started anew: recovery has flushed what the page cache had. */
    void recover() {
        flushed = logEndOffset();
    }

    /** A hash of everything below this offset; -1 where no batch ends there. Equal hashes mean equal logs. */
    long prefixHash(long endOffset) {
        if (batches.isEmpty()) {
            return endOffset == logStart ? hashes.applyAsLong(endOffset) : -1;
        }
        if (endOffset == batches.getFirst().header().baseOffset()) {
            return firstHash;
        }
        int index = indexOf(endOffset - 1);
        return index < batches.size() && batches.get(index).header().nextOffset() == endOffset
                ? prefixHashes.get(index)
                : -1;
    }

    private static long mix(long hash, long value) {
        long mixed = (hash ^ value) * 0x9E3779B97F4A7C15L;
        return mixed ^ (mixed >>> 29);
    }
}
