package io.lograft.broker.replica;

import io.lograft.model.EpochStart;
import io.lograft.model.FlushMode;
import io.lograft.record.BatchHeader;
import java.util.List;

/**
 * What a replica may ask its log. Read-only: the replica changes its log through effects alone, and as the shell
 * executes those in order before it delivers the next event, the answers here are always current.
 */
public interface ReplicaLog {

    /** First offset that is kept. */
    long logStartOffset();

    /** The log start, as far as it is on disk for good: after a restart the log does not start below. */
    long recordedLogStartOffset();

    /** Offset of the next record to be appended. */
    long logEndOffset();

    /** Everything below is on disk for good; at most the log end. */
    long flushedOffset();

    /** The epochs that have records in the log, ascending, each with its first offset; from the batches themselves. */
    List<EpochStart> epochs();

    /** The last of {@link #epochs}, -1 for an empty log. */
    int lastEpoch();

    /**
     * The flush mode that the replica has recorded durably. It may differ from the configured one for a while, see
     * {@link ReplicaEffect.RecordFlushMode}.
     */
    FlushMode flushMode();

    /**
     * Compaction may have removed tombstones below this offset, for good. A follower that ends before may have what they
     * deleted, and would never hear of it.
     */
    default long tombstonesGoneBelow() {
        return 0;
    }

    /** Below this each key has its last record only: what tombstones there deleted is gone, for good. */
    default long compactedBelow() {
        return 0;
    }

    /**
     * True where batches below the log start were lost before they were deleted, and with them what they told of producers:
     * who leads with such a log cannot tell a retry of them from a gap.
     */
    default boolean hasLostProducers() {
        return false;
    }

    /** Looks up the producer fields of a batch that is to be appended next; changes nothing. */
    SequenceCheck checkSequence(BatchHeader header);
}
