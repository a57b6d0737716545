package io.lograft.broker.replica;

import io.lograft.broker.replica.ReplicaEvent.AppendFailed;
import io.lograft.broker.replica.ReplicaEvent.AppendReceived;
import io.lograft.broker.replica.ReplicaEvent.DeletionRequested;
import io.lograft.broker.replica.ReplicaEvent.DrainStarted;
import io.lograft.broker.replica.ReplicaEvent.Flushed;
import io.lograft.broker.replica.ReplicaEvent.FollowReceived;
import io.lograft.broker.replica.ReplicaEvent.FollowRefusedReceived;
import io.lograft.broker.replica.ReplicaEvent.FollowerAcked;
import io.lograft.broker.replica.ReplicaEvent.FollowerStreamClosed;
import io.lograft.broker.replica.ReplicaEvent.FollowerStreamReady;
import io.lograft.broker.replica.ReplicaEvent.FollowingReceived;
import io.lograft.broker.replica.ReplicaEvent.LeaderStreamClosed;
import io.lograft.broker.replica.ReplicaEvent.LeaderStreamOpened;
import io.lograft.broker.replica.ReplicaEvent.LogStartRecorded;
import io.lograft.broker.replica.ReplicaEvent.MetadataChanged;
import io.lograft.broker.replica.ReplicaEvent.Produced;
import io.lograft.broker.replica.ReplicaEvent.RetentionDue;
import io.lograft.broker.replica.ReplicaEvent.Sent;
import io.lograft.broker.replica.ReplicaEvent.StorageFailed;
import io.lograft.broker.replica.ReplicaEvent.Tick;
import io.lograft.broker.replica.ReplicaEvent.ToFollower;
import io.lograft.broker.replica.ReplicaEvent.ToLeader;
import io.lograft.broker.replica.ReplicaEvent.TurnEnded;
import io.lograft.broker.replica.ReplicaEvent.UnfollowReceived;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import java.util.List;
import java.util.Optional;

/**
 * One replica of one partition: takes events, puts effects into an out-list. Owned by: partition loop.
 *
 * <p>The shell's contract: deliver one event at a time with the present monotonic time; execute the effects in order
 * before the next event; end each run of events with {@link ReplicaEvent.TurnEnded}; after that ask
 * {@link #nextDeadlineMs} and deliver a {@link ReplicaEvent.Tick} (and TurnEnded) at that time.
 *
 * <pre>
 *   idle ◀──no leader, or not ours──▶ follower ◀──metadata──▶ leader        (each epoch of leadership a new LeaderRole)
 *     └───────────────────────────────┴──storage failed, invariant broken──┴──▶ failed (for good)
 * </pre>
 */
public final class PartitionReplica {
    private final ReplicaLog log;
    private final ReplicaSettings settings;
    private final HighWatermark highWatermark;

    private PartitionConfiguration configuration;
    /** Null unless this replica leads. */
    private LeaderRole leader;
    /** Null unless this replica follows. */
    private FollowerRole follower;
    /** Why the replica has stopped for good; null while it has not. */
    private String failure;

    private final HandOver handOver;

    private long lastFollowNumber;
    /** The log may say commit once it is flushed up to here; -1 where it says what it should. */
    private long commitsFrom = -1;

    /**
     * Makes an idle replica; it begins with the first {@link ReplicaEvent.MetadataChanged}.
     *
     * @param log the recovered log
     * @param highWatermark as stored by the last run, 0 where nothing is known; clipped to the log
     * @param firstFollowNumber greater than any number that this process has used for this partition before
     */
    public PartitionReplica(ReplicaLog log, ReplicaSettings settings, long highWatermark, long firstFollowNumber) {
        this.log = log;
        this.settings = settings;
        this.highWatermark = new HighWatermark(Math.clamp(highWatermark, log.logStartOffset(), log.logEndOffset()));
        this.handOver = new HandOver(log, settings);
        this.lastFollowNumber = firstFollowNumber - 1;
    }

    /** Takes one event; appends what is to be done to {@code effects}. */
    public void on(ReplicaEvent event, long nowMs, List<ReplicaEffect> effects) {
        if (failure != null) {
            answerAsFailed(event, effects);
            return;
        }
        switch (event) {
            case Produced produced -> produced(produced, nowMs, effects);
            case DeletionRequested deletion -> deletionRequested(deletion, effects);
            case TurnEnded ended -> turnEnded(nowMs, effects);
            case Tick tick -> {} // the end of the turn looks at the clock
            case Flushed flushed -> {} // and at the flushed offset
            case LogStartRecorded recorded -> {} // and at the recorded log start
            case MetadataChanged changed -> metadataChanged(changed.configuration(), nowMs, effects);
            case AppendFailed failed -> appendFailed(failed, nowMs, effects);
            case StorageFailed failed -> fail(failed.reason(), effects);
            case DrainStarted started -> handOver.drain();
            case FollowReceived follow -> followReceived(follow, nowMs, effects);
            case ToLeader toLeader -> onLeaderSide(toLeader, nowMs, effects);
            case ToFollower toFollower -> onFollowerSide(toFollower, nowMs, effects);
        }
    }

    private void onLeaderSide(ToLeader event, long nowMs, List<ReplicaEffect> effects) {
        if (leader == null) {
            return;
        }
        switch (event) {
            case FollowerAcked acked -> leader.acked(acked, nowMs, effects);
            case Sent sent -> leader.sent(sent, nowMs, effects);
            case RetentionDue due -> leader.retentionDue(due, effects);
            case FollowerStreamReady ready -> leader.streamReady(ready);
            case FollowerStreamClosed closed -> leader.streamClosed(closed, nowMs);
            case UnfollowReceived unfollow -> leader.unfollowed(unfollow, nowMs);
        }
    }

    private void onFollowerSide(ToFollower event, long nowMs, List<ReplicaEffect> effects) {
        if (follower == null) {
            return;
        }
        switch (event) {
            case AppendReceived append -> follower.appendReceived(append, nowMs, effects);
            case FollowingReceived following ->
                follower.following(following, nowMs, effects).ifPresent(broken -> breakDown(broken, effects));
            case FollowRefusedReceived refused -> follower.refused(refused, nowMs);
            case LeaderStreamOpened opened -> follower.streamOpened(opened, nowMs, effects);
            case LeaderStreamClosed closed -> follower.streamClosed(closed);
        }
    }

    private void turnEnded(long nowMs, List<ReplicaEffect> effects) {
        if (commitsFrom >= 0 && log.flushedOffset() >= Math.min(commitsFrom, log.logEndOffset())) {
            commitsFrom = -1;
            effects.add(new ReplicaEffect.RecordFlushMode(FlushMode.COMMIT));
        }
        if (leader != null) {
            leader.turnEnded(nowMs, effects);
        } else if (follower != null) {
            follower.turnEnded(nowMs, effects);
        }
    }

    // ---- roles

    private void metadataChanged(PartitionConfiguration newer, long nowMs, List<ReplicaEffect> effects) {
        if (configuration != null
                && (newer.partitionEpoch() < configuration.partitionEpoch()
                        || newer.leaderEpoch() < configuration.leaderEpoch())) {
            return;
        }
        boolean sameEpoch = configuration != null && newer.leaderEpoch() == configuration.leaderEpoch();
        configuration = newer;
        flushModeChanged(newer, effects);
        if (newer.isLeader()) {
            lead(sameEpoch, nowMs, effects);
        } else if (newer.leader().isPresent() && newer.isOwnLife()) {
            followLeader(nowMs, effects);
        } else {
            stopLeading(effects);
            stopFollowing(effects);
        }
    }

    /**
     * Nothing may be acknowledged by the page cache before the log says os; and it says commit again only once all is on the
     * disk that may have been acknowledged so, which from now on is nothing more.
     */
    private void flushModeChanged(PartitionConfiguration newer, List<ReplicaEffect> effects) {
        commitsFrom = -1;
        if (log.flushMode() == newer.flushMode() || !newer.isOwnLife()) {
            return;
        }
        if (newer.flushMode() == FlushMode.OS) {
            effects.add(new ReplicaEffect.RecordFlushMode(FlushMode.OS));
        } else {
            commitsFrom = log.logEndOffset();
        }
    }

    private void lead(boolean sameEpoch, long nowMs, List<ReplicaEffect> effects) {
        stopFollowing(effects);
        if (leader != null && sameEpoch) {
            leader.configure(configuration, nowMs, effects);
            return;
        }
        stopLeading(effects);
        leader = new LeaderRole(configuration, log, settings, highWatermark, handOver, nowMs);
    }

    private void followLeader(long nowMs, List<ReplicaEffect> effects) {
        stopLeading(effects);
        if (follower != null) {
            follower.configure(configuration, nowMs, effects);
            return;
        }
        follower = new FollowerRole(configuration, log, settings, highWatermark, lastFollowNumber);
        follower.start(effects);
    }

    private void stopLeading(List<ReplicaEffect> effects) {
        if (leader != null) {
            leader.depose(configuration, effects);
            leader = null;
        }
    }

    private void stopFollowing(List<ReplicaEffect> effects) {
        if (follower != null) {
            follower.stop(effects);
            lastFollowNumber = follower.lastNumber();
            follower = null;
        }
    }

    // ---- failure

    private void appendFailed(AppendFailed event, long nowMs, List<ReplicaEffect> effects) {
        if (leader != null) {
            leader.appendFailed(event, effects);
        } else if (follower != null) {
            follower.appendFailed(event.code(), nowMs, effects);
        }
    }

    private void breakDown(String reason, List<ReplicaEffect> effects) {
        fail(reason, effects);
        effects.add(new ReplicaEffect.FailReplica(reason));
    }

    private void fail(String reason, List<ReplicaEffect> effects) {
        failure = reason;
        stopLeading(effects);
        stopFollowing(effects);
    }

    private void answerAsFailed(ReplicaEvent event, List<ReplicaEffect> effects) {
        switch (event) {
            case Produced produced -> refuse(produced, ErrorCode.STORAGE_ERROR, failure, effects);
            case DeletionRequested deletion ->
                effects.add(
                        new ReplicaEffect.CompleteDeletion(deletion.requestId(), ErrorCode.STORAGE_ERROR, failure, -1));
            case FollowReceived follow -> refuseFollow(follow, ErrorCode.NOT_LEADER, failure, effects);
            default -> {} // Nothing else waits for an answer.
        }
    }

    // ---- requests that only a leader of the right epoch takes

    private void produced(Produced event, long nowMs, List<ReplicaEffect> effects) {
        ErrorCode code = leadershipError(event.clientLeaderEpoch());
        if (code == ErrorCode.NONE) {
            leader.produced(event, nowMs, effects);
        } else {
            refuse(event, code, leadershipMessage(event.clientLeaderEpoch()), effects);
        }
    }

    private void deletionRequested(DeletionRequested event, List<ReplicaEffect> effects) {
        ErrorCode code = leadershipError(-1);
        if (code == ErrorCode.NONE) {
            leader.deletionRequested(event, effects);
        } else {
            effects.add(
                    new ReplicaEffect.CompleteDeletion(event.requestId(), code, leadershipMessage(leaderEpoch()), -1));
        }
    }

    private void followReceived(FollowReceived event, long nowMs, List<ReplicaEffect> effects) {
        if (configuration == null || event.leaderEpoch() > configuration.leaderEpoch()) {
            refuseFollow(event, ErrorCode.UNKNOWN_LEADER_EPOCH, leadershipMessage(event.leaderEpoch()), effects);
        } else if (event.leaderEpoch() < configuration.leaderEpoch()) {
            refuseFollow(event, ErrorCode.FENCED_LEADER_EPOCH, leadershipMessage(event.leaderEpoch()), effects);
        } else if (leader == null) {
            refuseFollow(event, ErrorCode.NOT_LEADER, leadershipMessage(event.leaderEpoch()), effects);
        } else {
            leader.followReceived(event, nowMs, effects);
        }
    }

    private ErrorCode leadershipError(int clientLeaderEpoch) {
        if (failure != null) {
            return ErrorCode.STORAGE_ERROR;
        }
        if (configuration == null) {
            return ErrorCode.LEADER_NOT_AVAILABLE;
        }
        if (clientLeaderEpoch > configuration.leaderEpoch()) {
            return ErrorCode.UNKNOWN_LEADER_EPOCH;
        }
        if (leader == null) {
            return configuration.leader().isEmpty() ? ErrorCode.LEADER_NOT_AVAILABLE : ErrorCode.NOT_LEADER;
        }
        boolean fenced = clientLeaderEpoch >= 0 && clientLeaderEpoch < configuration.leaderEpoch();
        return fenced ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.NONE;
    }

    private String leadershipMessage(int askedEpoch) {
        if (failure != null) {
            return failure;
        }
        if (configuration == null) {
            return "the metadata of the partition are not known yet";
        }
        return "leader is " + leaderId().map(BrokerId::toString).orElse("nobody") + " with epoch "
                + configuration.leaderEpoch() + ", asked of broker " + configuration.self() + " for epoch "
                + askedEpoch;
    }

    private void refuse(Produced event, ErrorCode code, String message, List<ReplicaEffect> effects) {
        effects.add(new ReplicaEffect.Complete(
                event.requestId(), new ProduceOutcome.Refused(code, message, leaderId(), leaderEpoch())));
    }

    private static void refuseFollow(
            FollowReceived event, ErrorCode code, String message, List<ReplicaEffect> effects) {
        effects.add(new ReplicaEffect.RefuseFollow(event.follower(), event.streamId(), event.number(), code, message));
    }

    // ---- reads

    /**
     * What a fetch gets.
     *
     * @param offset the next offset to read
     * @param clientLeaderEpoch the leader epoch that the client knows, -1 for no check
     * @param lastReadEpoch leader epoch of the last record read, -1 for none
     */
    public FetchVerdict judgeFetch(long offset, int clientLeaderEpoch, int lastReadEpoch) {
        ErrorCode code = leadershipError(Math.max(clientLeaderEpoch, -1));
        if (code != ErrorCode.NONE) {
            return refuseFetch(code, leadershipMessage(clientLeaderEpoch), -1);
        }
        if (lastReadEpoch > configuration.leaderEpoch()) {
            // The client read from a later leader: this one is deposed and has not heard.
            return refuseFetch(ErrorCode.UNKNOWN_LEADER_EPOCH, leadershipMessage(lastReadEpoch), -1);
        }
        if (offset < log.logStartOffset()) {
            return refuseFetch(ErrorCode.OFFSET_OUT_OF_RANGE, outOfRange(offset), -1);
        }
        if (offset > highWatermark.offset() && !leader.isEndKnown()) {
            return refuseFetch(ErrorCode.OFFSET_NOT_AVAILABLE, endNotKnown(), -1);
        }
        if (lastReadEpoch >= 0 && offset > log.logStartOffset()) {
            EpochHistory history = EpochHistory.of(log);
            if (history.epochAt(offset - 1) != lastReadEpoch) {
                if (configuration.lastUncleanEpoch() <= lastReadEpoch) {
                    // Nothing that was committed has been dropped since, so it is this log that is behind.
                    return refuseFetch(ErrorCode.UNKNOWN_LEADER_EPOCH, leadershipMessage(clientLeaderEpoch), -1);
                }
                long divergedAt = Math.min(history.endOfUpTo(lastReadEpoch), offset - 1);
                return refuseFetch(
                        ErrorCode.LOG_TRUNCATED,
                        "the record at " + (offset - 1) + " of epoch " + lastReadEpoch
                                + " is gone; the logs diverge at " + divergedAt,
                        divergedAt);
            }
        }
        if (offset > log.logEndOffset()) {
            return refuseFetch(ErrorCode.OFFSET_OUT_OF_RANGE, outOfRange(offset), -1);
        }
        return new FetchVerdict.Committed(highWatermark.offset(), log.logStartOffset(), configuration.leaderEpoch());
    }

    /** What a question for the latest offset gets: the high watermark, to be confirmed by a barrier, or "not yet". */
    public FetchVerdict judgeEnd(int clientLeaderEpoch) {
        ErrorCode code = leadershipError(Math.max(clientLeaderEpoch, -1));
        if (code != ErrorCode.NONE) {
            return refuseFetch(code, leadershipMessage(clientLeaderEpoch), -1);
        }
        if (!leader.isEndKnown()) {
            return refuseFetch(ErrorCode.OFFSET_NOT_AVAILABLE, endNotKnown(), -1);
        }
        return new FetchVerdict.Committed(highWatermark.offset(), log.logStartOffset(), configuration.leaderEpoch());
    }

    private FetchVerdict refuseFetch(ErrorCode code, String message, long divergedAt) {
        return new FetchVerdict.Refused(
                code, message, leaderId(), leaderEpoch(), log.logStartOffset(), log.logEndOffset(), divergedAt);
    }

    private String outOfRange(long offset) {
        return "offset " + offset + " is outside " + log.logStartOffset() + " to " + log.logEndOffset();
    }

    private String endNotKnown() {
        return "leader epoch " + configuration.leaderEpoch() + " has just begun; it is not known yet how far records"
                + " are committed, at least up to " + highWatermark.offset();
    }

    // ---- state

    /** When the next {@link ReplicaEvent.Tick} is due; Long.MAX_VALUE for never. */
    public long nextDeadlineMs() {
        if (leader != null) {
            return leader.nextDeadlineMs();
        }
        return follower != null ? follower.nextDeadlineMs() : Long.MAX_VALUE;
    }

    /** Records below are committed. */
    public long highWatermark() {
        return highWatermark.offset();
    }

    /** True while this replica leads. */
    public boolean isLeader() {
        return leader != null;
    }

    /** True while this replica follows a leader. */
    public boolean isFollower() {
        return follower != null;
    }

    /** Why the replica has stopped for good, empty while it has not. */
    public Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    /** The newest configuration heard, empty before the first. */
    public Optional<PartitionConfiguration> configuration() {
        return Optional.ofNullable(configuration);
    }

    private Optional<BrokerId> leaderId() {
        return configuration == null ? Optional.empty() : configuration.leader();
    }

    private int leaderEpoch() {
        return configuration == null ? -1 : configuration.leaderEpoch();
    }
}
