package io.lograft.broker.replica;

import io.lograft.model.ErrorCode;
import java.util.List;
import java.util.Optional;

/**
 * One replica of one partition: takes events, puts effects into an out-list. Owned by: partition loop.
 *
 * <p>The shell's contract: deliver one event at a time with the present monotonic time; execute the effects in order
 * before the next event; end each run of events with {@link ReplicaEvent.TurnEnded}; after that ask
 * {@link #nextDeadlineMs} and deliver a {@link ReplicaEvent.Tick} at that time.
 */
public final class PartitionReplica {
    private long highWatermark;

    /**
     * Makes an idle replica; it begins with the first {@link ReplicaEvent.MetadataChanged}.
     *
     * @param log the recovered log
     * @param highWatermark as stored by the last run, 0 where nothing is known; clipped to the log
     * @param firstFollowNumber greater than any number that this process has used for this partition before
     */
    public PartitionReplica(ReplicaLog log, ReplicaSettings settings, long highWatermark, long firstFollowNumber) {
        this.highWatermark = Math.clamp(highWatermark, log.logStartOffset(), log.logEndOffset());
    }

    /** Takes one event; appends what is to be done to {@code effects}. */
    public void on(ReplicaEvent event, long nowMs, List<ReplicaEffect> effects) {
        // The roles come next.
    }

    /** When the next {@link ReplicaEvent.Tick} is due; Long.MAX_VALUE for never. */
    public long nextDeadlineMs() {
        return Long.MAX_VALUE;
    }

    /**
     * What a fetch gets.
     *
     * @param offset the next offset to read
     * @param clientLeaderEpoch the leader epoch that the client knows, -1 for no check
     * @param lastReadEpoch leader epoch of the last record read, -1 for none
     */
    public FetchVerdict judgeFetch(long offset, int clientLeaderEpoch, int lastReadEpoch) {
        return new FetchVerdict.Refused(ErrorCode.LEADER_NOT_AVAILABLE, "idle", Optional.empty(), -1, 0, 0, -1);
    }

    /** What a question for the latest offset gets: the high watermark, to be confirmed by a barrier, or "not yet". */
    public FetchVerdict judgeEnd(int clientLeaderEpoch) {
        return new FetchVerdict.Refused(ErrorCode.LEADER_NOT_AVAILABLE, "idle", Optional.empty(), -1, 0, 0, -1);
    }

    /** Records below are committed. */
    public long highWatermark() {
        return highWatermark;
    }

    /** True while this replica leads. */
    public boolean isLeader() {
        return false;
    }

    /** The newest configuration heard, empty before the first. */
    public Optional<PartitionConfiguration> configuration() {
        return Optional.empty();
    }
}
