package io.lograft.broker.replica.runtime;

import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.replica.ReplicaLog;
import io.lograft.broker.replica.SequenceCheck;
import io.lograft.model.EpochStart;
import io.lograft.model.FlushMode;
import io.lograft.record.BatchHeader;
import java.util.List;

/** What the replica may ask of its log. Owned by: partition loop. */
record LogView(PartitionLog log) implements ReplicaLog {

    @Override
    public long logStartOffset() {
        return log.logStartOffset();
    }

    @Override
    public long recordedLogStartOffset() {
        return log.recordedLogStart();
    }

    @Override
    public long logEndOffset() {
        return log.logEndOffset();
    }

    @Override
    public long flushedOffset() {
        return log.flushedOffset();
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
    public long tombstonesGoneBelow() {
        return log.compactionCheckpoint().tombstonesGoneBelow();
    }

    @Override
    public long compactedBelow() {
        return log.compactionCheckpoint().cleanedTo();
    }

    @Override
    public boolean hasLostProducers() {
        return log.hasLostProducers();
    }

    @Override
    public SequenceCheck checkSequence(BatchHeader header) {
        if (!header.hasProducer()) {
            return SequenceCheck.NEW;
        }
        return switch (log.checkSequence(header)) {
            case io.lograft.broker.log.state.SequenceCheck.New isNew -> SequenceCheck.NEW;
            case io.lograft.broker.log.state.SequenceCheck.Duplicate duplicate ->
                new SequenceCheck.Duplicate(duplicate.firstOffset(), duplicate.lastOffset());
            case io.lograft.broker.log.state.SequenceCheck.Refused refused ->
                new SequenceCheck.Refused(refused.error(), refused.message());
        };
    }
}
