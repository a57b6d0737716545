package io.lograft.broker.sim;

import io.lograft.broker.replica.ReplicaLog;
import io.lograft.broker.replica.SequenceCheck;
import io.lograft.model.EpochStart;
import io.lograft.model.FlushMode;
import io.lograft.record.BatchHeader;
import java.util.List;

/** What one replica has on its broker's disk; outlives the process. */
final class SimDisk {
    private final FlushMode flushMode;
    private SimLog log;
    private long highWatermark;
    /** How often the disk may have lost something, and up to which time the metadata know of it. */
    private int losses;

    private int lossesKnown;

    SimDisk(FlushMode flushMode) {
        this.flushMode = flushMode;
        this.log = new SimLog(flushMode);
    }

    SimLog log() {
        return log;
    }

    long highWatermark() {
        return highWatermark;
    }

    void storeHighWatermark(long offset) {
        highWatermark = offset;
    }

    /** True from the moment that the disk lost something until the metadata know. */
    boolean isLost() {
        return losses > lossesKnown;
    }

    int losses() {
        return losses;
    }

    void lossesAreKnown(int upTo) {
        lossesKnown = Math.max(lossesKnown, upTo);
    }

    /** The machine loses power; a random part of what was not flushed may have reached the disk. */
    void losePower(SimWorld world) {
        long unflushed = log.logEndOffset() - log.flushedOffset();
        log.losePower(log.flushedOffset() + (unflushed == 0 ? 0 : world.between(0, (int) unflushed)));
        losses += flushMode == FlushMode.OS ? 1 : 0;
        // A checkpoint is at most the flushed offset, so it cannot lie; this only guards the simulation itself.
        highWatermark = Math.min(highWatermark, log.logEndOffset());
    }

    /** A new, empty disk. */
    void wipe() {
        log = new SimLog(flushMode);
        highWatermark = 0;
        losses++;
    }

    /** The log as its replica sees it, with the mistake of the mutation if that is one of the log's. */
    ReplicaLog port(Mutation mutation) {
        if (mutation == Mutation.SEQUENCES_NOT_CHECKED) {
            log.ignoreSequences();
        }
        return mutation == Mutation.ACKNOWLEDGE_BEFORE_FLUSH ? new Boaster(log) : log;
    }

    /** Claims that everything is flushed. */
    private record Boaster(SimLog log) implements ReplicaLog {
        @Override
        public long logStartOffset() {
            return log.logStartOffset();
        }

        @Override
        public long logEndOffset() {
            return log.logEndOffset();
        }

        @Override
        public long flushedOffset() {
            return log.logEndOffset();
        }

        @Override
        public List<EpochStart> epochs() {
            return log.epochs();
        }

        @Override
        public int lastEpoch() {
            return log.lastEpoch();
        }

        @Override
        public FlushMode flushMode() {
            return log.flushMode();
        }

        @Override
        public SequenceCheck checkSequence(BatchHeader header) {
            return log.checkSequence(header);
        }
    }
}
