package io.lograft.broker.log.state;

import io.lograft.model.ErrorCode;
import io.lograft.record.BatchHeader;
import io.lograft.record.NamedProducerId;
import java.util.Deque;

/**
 * Whether the next batch of a producer with a name fits to those before it: sequences only rise, with gaps, and several
 * senders may go by the name at once, each of which sends the same records in the same order. So a batch above all that is
 * known is new, one that lies within a remembered batch is a duplicate with known offsets, and one below all that is
 * remembered is a duplicate without. Anything between is refused as out of order: the sender cuts it up, until a piece is
 * new, or a duplicate, or a single record that was skipped and can no longer be written. Pure.
 */
final class NamedSequences {
    /** Stands for the offset of a duplicate that is no longer remembered. */
    private static final long UNKNOWN_OFFSET = -1;

    private NamedSequences() {}

    /**
     * Judges a batch.
     *
     * @param known what is remembered of the producer, the oldest first; null if nothing
     */
    static SequenceCheck check(Deque<ProducerStates.Entry> known, BatchHeader batch) {
        if (batch.lastSequence() < batch.baseSequence()) {
            return ProducerStates.refused(
                    ErrorCode.INVALID_REQUEST, batch, "the batch of a named producer passes the end of its epoch");
        }
        if (known == null) {
            return SequenceCheck.New.INSTANCE;
        }
        long first = NamedProducerId.sequence(batch.producerEpoch(), batch.baseSequence());
        long last = NamedProducerId.sequence(batch.producerEpoch(), batch.lastSequence());
        ProducerStates.Entry newest = known.getLast();
        if (first > lastOf(newest)) {
            return SequenceCheck.New.INSTANCE;
        }
        for (ProducerStates.Entry entry : known) {
            if (first >= firstOf(entry) && last <= lastOf(entry)) {
                long offset = entry.firstOffset() + (first - firstOf(entry));
                return new SequenceCheck.Duplicate(offset, offset + (last - first));
            }
        }
        if (last < firstOf(known.getFirst())) {
            // Below the newest in the log, so what commits that one commits this one, too.
            return new SequenceCheck.Duplicate(UNKNOWN_OFFSET, newest.lastOffset());
        }
        return ProducerStates.refused(
                ErrorCode.OUT_OF_ORDER_SEQUENCE,
                batch,
                "of sequences " + first + " to " + last
                        + " some or all were skipped, or written in another batch; the last" + " one written is "
                        + lastOf(newest));
    }

    private static long firstOf(ProducerStates.Entry entry) {
        return NamedProducerId.sequence(entry.epoch(), entry.firstSequence());
    }

    private static long lastOf(ProducerStates.Entry entry) {
        return NamedProducerId.sequence(entry.epoch(), entry.lastSequence());
    }
}
