package io.lograft.broker.replica;

import io.lograft.model.BrokerId;
import io.lograft.model.EpochStart;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import java.util.List;

/**
 * Something that the shell is to do. Effects of one event are executed in their order. Where one fails that touches the
 * log, the rest of the list is dropped and {@link ReplicaEvent.AppendFailed} or {@link ReplicaEvent.StorageFailed} is
 * delivered. Sending on a stream that is gone does nothing.
 */
public sealed interface ReplicaEffect {

    // ---- on the log

    /**
     * Append the batch of this request at the log end. In flush mode COMMIT the shell also starts a flush of whatever
     * was appended, here and in {@link AppendReplicated}, as soon as the flusher is free.
     */
    record Append(long requestId, long baseOffset, int leaderEpoch) implements ReplicaEffect {}

    /** Append what the leader sent, after checking checksums, offsets and epochs (at most {@code leaderEpoch}). */
    record AppendReplicated(Object payload, long fromOffset, long nextOffset, int leaderEpoch)
            implements ReplicaEffect {}

    /** Drop everything from this offset on, durably, before the next effect. */
    record TruncateTo(long offset) implements ReplicaEffect {}

    /**
     * Drop everything durably; the log starts and ends at this offset then, and knows of producers what the leader told.
     * The new log start is recorded as after {@link AdvanceLogStart}.
     *
     * @param tombstonesGoneBelow what it is filled with may lack tombstones below; to be remembered durably before
     */
    record StartOverAt(long offset, Object producers, long tombstonesGoneBelow) implements ReplicaEffect {}

    /**
     * The log starts here from now on: what is below may be deleted, and nobody is to read it. Record it on the disk soon,
     * then deliver {@link ReplicaEvent.LogStartRecorded}.
     */
    record AdvanceLogStart(long offset) implements ReplicaEffect {}

    /**
     * The configured flush mode differs from the recorded one. OS is recorded durably before the next effect; COMMIT
     * once everything in the log is flushed.
     */
    record RecordFlushMode(FlushMode mode) implements ReplicaEffect {}

    /**
     * The high watermark moved: publish it, wake readers. What is stored as a checkpoint should not be above the
     * flushed offset, so that a power cut never makes it a lie.
     */
    record HighWatermarkChanged(long highWatermark) implements ReplicaEffect {}

    // ---- to clients

    /** Answer a request; exactly one for each {@link ReplicaEvent.Produced}, acks=none included. */
    record Complete(long requestId, ProduceOutcome outcome) implements ReplicaEffect {}

    /**
     * Answer a request to delete records; exactly one for each {@link ReplicaEvent.DeletionRequested}.
     *
     * @param code NONE where the records are gone from every replica that may lead
     */
    record CompleteDeletion(long requestId, ErrorCode code, String message, long logStartOffset)
            implements ReplicaEffect {}

    // ---- from the leader to followers

    /** Accept a Follow; with {@code startOver} add what the log knows of producers from batches below that offset. */
    record SendFollowing(
            BrokerId follower,
            long streamId,
            int leaderEpoch,
            long number,
            long truncateTo,
            boolean startOver,
            long highWatermark,
            long tombstonesGoneBelow)
            implements ReplicaEffect {}

    /** Refuse a Follow, or end a following that went wrong. */
    record RefuseFollow(BrokerId follower, long streamId, long number, ErrorCode code, String message)
            implements ReplicaEffect {}

    /**
     * Read whole batches from {@code fromOffset}, at most {@code maxBytes} of them but at least one unless
     * {@code maxBytes} is 0, and send them with the marks; then deliver {@link ReplicaEvent.Sent}. With
     * {@code maxBytes} 0 only the marks are sent. On a full stream nothing is sent, and Sent says so.
     */
    record AppendTo(
            BrokerId follower,
            long streamId,
            int leaderEpoch,
            long number,
            long fromOffset,
            int maxBytes,
            long highWatermark,
            long logStartOffset)
            implements ReplicaEffect {}

    // ---- from a follower to its leader

    /**
     * The replica follows this broker from now on: keep both streams to it open, and deliver
     * {@link ReplicaEvent.LeaderStreamOpened} for each, at once where it is open already.
     */
    record ConnectTo(BrokerId leader) implements ReplicaEffect {}

    /** The replica no longer needs the streams to this broker. */
    record DisconnectFrom(BrokerId leader) implements ReplicaEffect {}

    /** Ask the leader to follow it from the log end. */
    record SendFollow(
            BrokerId leader,
            long streamId,
            int leaderEpoch,
            long number,
            long logStartOffset,
            long logEndOffset,
            List<EpochStart> epochs,
            long refilledBelow)
            implements ReplicaEffect {}

    /** Tell the leader how far the replica is. */
    record SendAck(
            BrokerId leader,
            long streamId,
            int leaderEpoch,
            long number,
            long logEndOffset,
            long flushedOffset,
            boolean osMode,
            long recordedLogStart)
            implements ReplicaEffect {}

    /** Tell the leader that the replica no longer follows on this stream. */
    record SendUnfollow(BrokerId leader, long streamId, long number) implements ReplicaEffect {}

    // ---- to the controller

    /** A member of a proposed in-sync set, with the broker epoch that the proposal was computed from. */
    record IsrMember(BrokerId id, long brokerEpoch) {}

    /** Propose an in-sync set. Whether it was accepted is read from {@link ReplicaEvent.MetadataChanged} alone. */
    record ProposeIsr(int partitionEpoch, int leaderEpoch, List<IsrMember> members) implements ReplicaEffect {}

    /** Ask the controller to give leadership to another live member of the in-sync or the eligible set. */
    record RequestHandOver(int leaderEpoch, String reason) implements ReplicaEffect {}

    /** An invariant is broken: stop this replica, loudly; delete nothing. */
    record FailReplica(String reason) implements ReplicaEffect {}
}
