package io.lograft.broker.replica;

import io.lograft.model.BrokerId;
import io.lograft.model.EpochStart;
import io.lograft.model.ErrorCode;
import io.lograft.record.BatchHeader;
import java.util.List;

/**
 * Something that a replica is told. The shell delivers events one at a time, executes the effects of each in order
 * before the next, and ends each run of events that it had at hand with {@link TurnEnded}.
 */
public sealed interface ReplicaEvent {

    /** Means something only while the replica leads; dropped otherwise. */
    sealed interface ToLeader extends ReplicaEvent {}

    /** Means something only while the replica follows; dropped otherwise. */
    sealed interface ToFollower extends ReplicaEvent {}

    // ---- from metadata, disk and clock

    /** The metadata changed, or the replica has just been opened. Older partition epochs than the last are ignored. */
    record MetadataChanged(PartitionConfiguration configuration) implements ReplicaEvent {}

    /**
     * The shell has no further event at hand. Only now are followers pushed to, acknowledgements sent, the high
     * watermark moved and requests completed, so that a busy partition does each once per turn and an idle one at once.
     */
    record TurnEnded() implements ReplicaEvent {
        public static final TurnEnded INSTANCE = new TurnEnded();
    }

    /** The time that {@link PartitionReplica#nextDeadlineMs} named is there. Early or superfluous ticks do no harm. */
    record Tick() implements ReplicaEvent {
        public static final Tick INSTANCE = new Tick();
    }

    /** A flush has ended; the log's flushed offset may have moved. */
    record Flushed() implements ReplicaEvent {
        public static final Flushed INSTANCE = new Flushed();
    }

    /**
     * The last effect {@link ReplicaEffect.Append} or {@link ReplicaEffect.AppendReplicated} could not be executed and
     * left the log as it was; the effects after it in its list were dropped. To be delivered before any other event.
     */
    record AppendFailed(ErrorCode code, String message) implements ReplicaEvent {}

    /** The replica's directory failed: nothing more is written, read or promised. */
    record StorageFailed(String reason) implements ReplicaEvent {}

    /** The broker is being stopped in an orderly way: leadership is to go elsewhere. */
    record DrainStarted() implements ReplicaEvent {
        public static final DrainStarted INSTANCE = new DrainStarted();
    }

    // ---- from clients

    /**
     * A client sent a batch, which was found well-formed.
     *
     * @param requestId chosen by the shell, comes back in {@link ReplicaEffect.Complete}, exactly once
     * @param header as sent: base offset 0
     * @param deadlineMs when an unfinished acks=all request is to be answered REQUEST_TIMED_OUT
     * @param clientLeaderEpoch the leader epoch that the client knows, -1 for no check
     */
    record Produced(long requestId, BatchHeader header, Acks acks, long deadlineMs, int clientLeaderEpoch)
            implements ReplicaEvent {}

    /**
     * A client wants records deleted.
     *
     * @param requestId chosen by the shell, comes back in {@link ReplicaEffect.CompleteDeletion}, exactly once
     * @param beforeOffset the first offset to be kept, {@link #UP_TO_HIGH_WATERMARK} for as much as possible
     * @param deadlineMs when it is to be answered REQUEST_TIMED_OUT
     */
    record DeletionRequested(long requestId, long beforeOffset, long deadlineMs) implements ReplicaEvent {
        /** Delete all that is committed. */
        public static final long UP_TO_HIGH_WATERMARK = -1;
    }

    /** Retention wants the log to start here; nothing above the high watermark goes, whatever it wants. */
    record RetentionDue(long logStartOffset) implements ToLeader {}

    /** A new log start is on the disk for good; {@link ReplicaLog#recordedLogStartOffset} has moved. */
    record LogStartRecorded() implements ReplicaEvent {
        public static final LogStartRecorded INSTANCE = new LogStartRecorded();
    }

    // ---- on the leader's side, from followers

    /**
     * A follower asks to follow from its log end.
     *
     * @param streamId names the stream; unique in this process
     * @param number new for each Follow; the follower's later messages carry it
     * @param epochs the follower's epoch history
     * @param refilledBelow nothing in its log was deleted by a tombstone below this, see {@link FollowerRole}
     */
    record FollowReceived(
            BrokerId follower,
            long followerBrokerEpoch,
            long streamId,
            StreamKind kind,
            int leaderEpoch,
            long number,
            long logStartOffset,
            long logEndOffset,
            List<EpochStart> epochs,
            long refilledBelow)
            implements ReplicaEvent {}

    /**
     * A follower tells how far it is.
     *
     * @param recordedLogStart where its log starts, as far as that is on its disk for good
     */
    record FollowerAcked(
            BrokerId follower,
            long streamId,
            int leaderEpoch,
            long number,
            long logEndOffset,
            long flushedOffset,
            boolean osMode,
            long recordedLogStart)
            implements ToLeader {}

    /** A follower no longer follows. */
    record UnfollowReceived(BrokerId follower, long streamId, long number) implements ToLeader {}

    /** A stream from a follower's broker is gone. */
    record FollowerStreamClosed(BrokerId follower, long streamId) implements ToLeader {}

    /** A stream to a follower's broker that had been full takes messages again. */
    record FollowerStreamReady(BrokerId follower, long streamId) implements ToLeader {}

    /**
     * What the last {@link ReplicaEffect.AppendTo} to this follower put on the stream; one for each such effect.
     *
     * @param nextOffset offset after the last batch sent; the effect's {@code fromOffset} where nothing was
     * @param bytes size of the batches sent
     * @param streamWritable false: the stream is full, {@link FollowerStreamReady} follows once it is not
     */
    record Sent(BrokerId follower, long streamId, long number, long nextOffset, int bytes, boolean streamWritable)
            implements ToLeader {}

    // ---- on the follower's side, from the leader

    /** A stream to the broker asked for by {@link ReplicaEffect.ConnectTo} is open. */
    record LeaderStreamOpened(BrokerId leader, StreamKind kind, long streamId) implements ToFollower {}

    /** That stream is gone; the shell tries to open it anew. */
    record LeaderStreamClosed(BrokerId leader, StreamKind kind, long streamId) implements ToFollower {}

    /**
     * The leader accepts a Follow.
     *
     * @param producers with {@code startOver}: what the leader knows of producers from batches that the follower does not
     *     get, opaque to the core; handed back in {@link ReplicaEffect.StartOverAt}
     * @param tombstonesGoneBelow the leader's log may lack tombstones below this
     */
    record FollowingReceived(
            long streamId,
            int leaderEpoch,
            long number,
            long truncateTo,
            boolean startOver,
            long highWatermark,
            Object producers,
            long tombstonesGoneBelow)
            implements ToFollower {}

    /** The leader refuses a Follow, or ends the following. */
    record FollowRefusedReceived(long streamId, long number, ErrorCode code, String message) implements ToFollower {}

    /**
     * The leader pushes batches, or only marks.
     *
     * @param fromOffset the follower's log end before the batches
     * @param nextOffset offset after the last batch; {@code fromOffset} where there are none
     * @param payload the batches, opaque to the core; handed back in {@link ReplicaEffect.AppendReplicated} or dropped.
     *     Null where there are none
     */
    record AppendReceived(
            long streamId,
            int leaderEpoch,
            long number,
            long fromOffset,
            long nextOffset,
            long highWatermark,
            long logStartOffset,
            Object payload)
            implements ToFollower {}
}
