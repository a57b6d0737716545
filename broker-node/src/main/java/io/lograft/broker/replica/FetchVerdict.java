package io.lograft.broker.replica;

import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import java.util.Optional;

/** What a fetch, or a question for the end offset, may get from this replica now. */
public sealed interface FetchVerdict {

    /**
     * Committed records from the offset asked for up to {@code highWatermark} (exclusive) may be read. Where the offset
     * is not below it, there is nothing to read yet: wait for {@link ReplicaEffect.HighWatermarkChanged}.
     */
    record Committed(long highWatermark, long logStartOffset, int leaderEpoch) implements FetchVerdict {}

    /**
     * Nothing may be read.
     *
     * @param code OFFSET_OUT_OF_RANGE above the end, and only that, is to be confirmed by a barrier before it is
     *     answered: the replica may be deposed without knowing
     * @param divergedAt with LOG_TRUNCATED the first offset that differs from what the client read, else -1
     */
    record Refused(
            ErrorCode code,
            String message,
            Optional<BrokerId> leader,
            int leaderEpoch,
            long logStartOffset,
            long logEndOffset,
            long divergedAt)
            implements FetchVerdict {}
}
