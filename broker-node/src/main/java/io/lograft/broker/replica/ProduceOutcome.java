package io.lograft.broker.replica;

import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import java.util.Optional;

/** How a produced batch ended. */
public sealed interface ProduceOutcome {

    /**
     * The batch is acknowledged as its {@link Acks} ask.
     *
     * @param baseOffset offset of the first record
     * @param leaderEpoch epoch of the leader that answers
     * @param logStartOffset first offset kept
     * @param replicasHolding how many replicas have the batch, as far as the leader knows
     * @param replicasFlushed how many of them have fsynced it
     * @param duplicate true for the recognised retry of a batch that is in the log already
     */
    record Acknowledged(
            long baseOffset,
            int leaderEpoch,
            long logStartOffset,
            int replicasHolding,
            int replicasFlushed,
            boolean duplicate)
            implements ProduceOutcome {}

    /**
     * The batch is not acknowledged.
     *
     * @param message one sentence for a person, with the values that matter
     * @param leader who leads, as far as this replica knows; empty while nobody does
     * @param leaderEpoch epoch of that leader
     */
    record Refused(ErrorCode code, String message, Optional<BrokerId> leader, int leaderEpoch)
            implements ProduceOutcome {}
}
