package io.lograft.broker.log;

import io.lograft.model.EpochStart;
import io.lograft.model.FlushMode;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import io.lograft.record.BatchHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/**
 * The log of one partition replica. Owned by the partition's loop: whatever changes it runs there. What is marked "any
 * thread" reads from an immutable view. An {@link IOException} other than a full disk means that the log directory
 * has failed.
 */
@SuppressWarnings("DoNotCallSuggester") // the bodies follow
public final class PartitionLog {

    /** A segment, for retention and for people. */
    public record SegmentInfo(long baseOffset, long nextOffset, long sizeBytes, long maxTimestampMs) {}

    /** A record found by its time. */
    public record OffsetAndTime(long offset, long timestampMs) {}

    /** Any thread. */
    public TopicPartition name() {
        throw new UnsupportedOperationException();
    }

    /** Any thread. */
    public TopicId topicId() {
        throw new UnsupportedOperationException();
    }

    // ---- append

    /**
     * Appends one batch that the caller has validated and whose sequence it has checked. Sets its base offset and leader
     * epoch (and its time, where the log stamps by append time) in place. Takes the buffer over: its bytes serve readers
     * from then on and must not be changed.
     *
     * @throws io.lograft.broker.log.io.DiskFullException if there is no room; the log is as it was
     */
    public AppendResult.Appended appendAsLeader(ByteBuffer batch, int leaderEpoch, long nowMs) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Appends one or more whole batches as the leader sent them, with offsets and epochs in place. Refuses all of them
     * unless they continue the log without a gap and their checksums hold. Takes the buffer over, as above.
     */
    public AppendResult appendAsFollower(ByteBuffer batches, long nowMs) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** What the producer states say about a batch that is about to be appended as leader. */
    public SequenceCheck checkSequence(BatchHeader header) {
        throw new UnsupportedOperationException();
    }

    // ---- read

    /**
     * Any thread. Reads whole batches from the one that holds the offset, up to about {@code maxBytes} but at least one,
     * none that reaches beyond {@code endOffsetExclusive}.
     */
    public LogRead read(long offset, int maxBytes, long endOffsetExclusive) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Any thread. The first record below the end given with this timestamp or a later one. */
    public java.util.Optional<OffsetAndTime> offsetForTime(long timestampMs, long endOffsetExclusive)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Any thread. */
    public long logStartOffset() {
        throw new UnsupportedOperationException();
    }

    /** Any thread. The offset that the next record gets. */
    public long logEndOffset() {
        throw new UnsupportedOperationException();
    }

    /** Any thread. All below it is on the disk. */
    public long flushedOffset() {
        throw new UnsupportedOperationException();
    }

    /** Any thread. Bytes in the {@code .log} files. */
    public long sizeBytes() {
        throw new UnsupportedOperationException();
    }

    /** Any thread. Ascending; only epochs that have records. */
    public List<EpochStart> epochs() {
        throw new UnsupportedOperationException();
    }

    /** Any thread. Epoch of the last record, -1 if there is none. */
    public int lastEpoch() {
        throw new UnsupportedOperationException();
    }

    /** Any thread. The offset that follows the last record of exactly this epoch; empty if it has none. */
    public OptionalLong endOffsetForEpoch(int epoch) {
        throw new UnsupportedOperationException();
    }

    /** Any thread. */
    public List<SegmentInfo> segments() {
        throw new UnsupportedOperationException();
    }

    // ---- truncate

    /**
     * Drops all from this offset on (from the beginning of the batch that holds it), durably. Returns the new log end.
     * Blocks for a few fsyncs. Rounds begun before count for nothing.
     */
    public long truncateTo(long offset, long nowMs) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Drops everything, durably, and goes on at this offset. */
    public void startOver(long offset) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Raises the log start; segments that lie wholly below it leave the log and wait in {@link #takeDiscarded}. False if
     * the log start is there already. Beyond the log end nothing changes but up to it.
     */
    public boolean advanceLogStart(long offset) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Hands over what deletes the files of segments that left the log; to be run on any thread that may block. */
    public List<DiscardedSegment> takeDiscarded() {
        throw new UnsupportedOperationException();
    }

    // ---- flush

    /** True where something is appended that is not flushed. */
    public boolean needsFlush() {
        throw new UnsupportedOperationException();
    }

    /** Takes note of what a round has to force; none may be under way. */
    public FlushRound beginFlush() {
        throw new UnsupportedOperationException();
    }

    /** Raises the flushed offset after {@link FlushRound#run} returned; false if a truncation came in between. */
    public boolean completeFlush(FlushRound round) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Any thread. What the partition's own file says: asked at start instead of the configuration. */
    public FlushMode flushMode() {
        throw new UnsupportedOperationException();
    }

    /** Records the mode durably: {@code OS} before the first append under it, {@code COMMIT} after all is flushed. */
    public void recordFlushMode(FlushMode mode) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** What the checkpoint of the log directory records for this partition. */
    public RecoveryPoint recoveryPoint() {
        throw new UnsupportedOperationException();
    }

    /** To be called when a value of {@link #recoveryPoint} has been written durably. */
    public void recoveryPointRecorded(RecoveryPoint point) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Work that depends on time alone; to be called about once a second. Rolls by age, forgets producers and the tail. */
    public void tick(long nowMs) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Flushes everything, side files included, and closes. No round may be under way. */
    public void closeCleanly() throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Closes the files as they are; for a failed directory, a deleted partition, and tests of crashes. */
    public void abandon() {
        throw new UnsupportedOperationException();
    }

    /** A segment that left the log, whose files are still on the disk under another name. */
    public interface DiscardedSegment {
        /** Closes and deletes its files. */
        void delete() throws IOException;
    }
}
