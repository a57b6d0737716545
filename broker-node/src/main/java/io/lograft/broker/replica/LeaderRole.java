package io.lograft.broker.replica;

import io.lograft.broker.replica.PartitionConfiguration.Member;
import io.lograft.broker.replica.PendingRequests.Pending;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.record.BatchHeader;
import java.util.List;

/**
 * The replica as leader, for one leader epoch: appends, pushes, moves the high watermark, proposes in-sync sets. Owned
 * by: partition loop. See {@code docs/replication.md}.
 */
final class LeaderRole {
    private final ReplicaLog log;
    private final ReplicaSettings settings;
    private final HighWatermark highWatermark;
    private final PendingRequests pending;
    private final IsrPolicy isr;
    private final LeaderLogStart logStart;
    private final HandOver handOver;
    private final int leaderEpoch;
    private final long epochStartOffset;

    private PartitionConfiguration configuration;
    /** In assignment order; null in the leader's own place. */
    private FollowerProgress[] followers = new FollowerProgress[0];
    /** Whose batch the newest append effect carries. */
    private long appendingRequestId;

    LeaderRole(
            PartitionConfiguration configuration,
            ReplicaLog log,
            ReplicaSettings settings,
            HighWatermark highWatermark,
            HandOver handOver,
            long nowMs) {
        this.log = log;
        this.settings = settings;
        this.highWatermark = highWatermark;
        this.pending = new PendingRequests(settings.pendingRequestsMax());
        this.isr = new IsrPolicy(settings);
        this.handOver = handOver;
        handOver.begin(nowMs);
        this.leaderEpoch = configuration.leaderEpoch();
        this.logStart = new LeaderLogStart(log, highWatermark, leaderEpoch, settings.pendingRequestsMax());
        this.epochStartOffset = log.logEndOffset();
        this.configuration = configuration;
        adopt(configuration, nowMs);
    }

    /** True once everything that earlier epochs left is committed, so that the high watermark is a safe answer. */
    boolean isEndKnown() {
        return highWatermark.offset() >= epochStartOffset;
    }

    // ---- metadata

    /** Takes a newer configuration of the same leader epoch. */
    void configure(PartitionConfiguration newer, long nowMs, List<ReplicaEffect> effects) {
        adopt(newer, nowMs);
        if (newer.isrSize() < newer.minimum()) {
            pending.drain(request -> refuse(
                    request.requestId,
                    ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                    "offset " + request.baseOffset + " was appended, but " + smallIsr(),
                    effects));
        }
    }

    private void adopt(PartitionConfiguration newer, long nowMs) {
        FollowerProgress[] former = followers;
        List<Member> members = newer.replicas();
        followers = new FollowerProgress[members.size()];
        for (int i = 0; i < followers.length; i++) {
            Member member = members.get(i);
            if (member.id().equals(newer.self())) {
                continue;
            }
            FollowerProgress known = find(former, member.id());
            if (known == null) {
                followers[i] = new FollowerProgress(member.id(), member.brokerEpoch(), nowMs);
            } else {
                followers[i] = known;
                if (known.brokerEpoch() != member.brokerEpoch()) {
                    known.reset(member.brokerEpoch(), nowMs);
                }
                if (member.inSync() && !isInSync(configuration, member.id())) {
                    known.joined(nowMs);
                }
            }
        }
        configuration = newer;
        isr.configure(newer);
        handOver.configure(newer, nowMs);
    }

    private static boolean isInSync(PartitionConfiguration configuration, BrokerId id) {
        return configuration.member(id).filter(Member::inSync).isPresent();
    }

    /** Leadership is over: nobody knows what becomes of the requests that wait, but whom to ask next. */
    void depose(PartitionConfiguration newest, List<ReplicaEffect> effects) {
        configuration = newest;
        pending.drain(request -> refuse(
                request.requestId,
                ErrorCode.OUTCOME_UNKNOWN,
                "offset " + request.baseOffset + " was appended, but leader epoch " + leaderEpoch
                        + " ended before it was committed",
                effects));
        logStart.depose(effects);
    }

    // ---- produce

    void produced(ReplicaEvent.Produced event, long nowMs, List<ReplicaEffect> effects) {
        switch (log.checkSequence(event.header())) {
            case SequenceCheck.New fresh -> append(event, nowMs, effects);
            case SequenceCheck.Duplicate duplicate -> answerDuplicate(event, duplicate, effects);
            case SequenceCheck.Refused refused -> refuse(event.requestId(), refused.code(), refused.message(), effects);
        }
    }

    private void append(ReplicaEvent.Produced event, long nowMs, List<ReplicaEffect> effects) {
        BatchHeader header = event.header();
        if (event.acks() == Acks.ALL) {
            if (configuration.isrSize() < configuration.minimum()) {
                refuse(event.requestId(), ErrorCode.NOT_ENOUGH_REPLICAS, smallIsr(), effects);
                return;
            }
            if (pending.isFull()) {
                refuse(event.requestId(), ErrorCode.BUSY, busy(), effects);
                return;
            }
        }
        long baseOffset = log.logEndOffset();
        long nextOffset = baseOffset + header.lastOffsetDelta() + 1;
        for (FollowerProgress follower : followers) {
            if (follower != null) {
                follower.leaderAppends(baseOffset, nowMs);
            }
        }
        handOver.leaderAppends(nowMs);
        appendingRequestId = event.requestId();
        effects.add(new ReplicaEffect.Append(event.requestId(), baseOffset, leaderEpoch));
        if (event.acks() == Acks.ALL) {
            pending.add(new Pending(event.requestId(), baseOffset, nextOffset, event.deadlineMs(), false));
        } else {
            // The log has it once this effect's turn comes, though no port can say so yet.
            acknowledge(event.requestId(), baseOffset, 1, 0, false, effects);
        }
    }

    /** A recognised retry waits for the commit as the first copy does (R7, P2). */
    private void answerDuplicate(
            ReplicaEvent.Produced event, SequenceCheck.Duplicate duplicate, List<ReplicaEffect> effects) {
        long nextOffset = duplicate.lastOffset() + 1;
        if (event.acks() != Acks.ALL || nextOffset <= highWatermark.offset()) {
            acknowledge(
                    event.requestId(), duplicate.baseOffset(), holding(nextOffset), flushed(nextOffset), true, effects);
        } else if (configuration.isrSize() < configuration.minimum()) {
            refuse(event.requestId(), ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND, smallIsr(), effects);
        } else if (pending.isFull()) {
            refuse(event.requestId(), ErrorCode.BUSY, busy(), effects);
        } else {
            pending.add(new Pending(event.requestId(), duplicate.baseOffset(), nextOffset, event.deadlineMs(), true));
        }
    }

    /** The append of the newest request failed and the log is as it was. */
    void appendFailed(ReplicaEvent.AppendFailed event, List<ReplicaEffect> effects) {
        if (event.code() == ErrorCode.DISK_FULL) {
            handOver.diskFull();
        }
        pending.takeBack(appendingRequestId);
        refuse(appendingRequestId, event.code(), event.message(), effects);
    }

    // ---- the log start

    void retentionDue(ReplicaEvent.RetentionDue event, List<ReplicaEffect> effects) {
        logStart.retentionDue(event, effects);
    }

    void deletionRequested(ReplicaEvent.DeletionRequested event, List<ReplicaEffect> effects) {
        logStart.requested(event, isEndKnown(), effects);
    }

    private void settleDeletions(long nowMs, List<ReplicaEffect> effects) {
        if (logStart.isAwaited()) {
            // Below the minimum a replica outside the set may lead next, which need not have heard of it.
            if (configuration.isrSize() >= configuration.minimum()) {
                long own = log.recordedLogStartOffset();
                logStart.recorded(FollowerProgress.leastRecorded(own, followers, isr.counted()), effects);
            }
            logStart.expire(nowMs, effects);
        }
        logStart.advanceToInherited(effects);
    }

    // ---- followers

    void followReceived(ReplicaEvent.FollowReceived event, long nowMs, List<ReplicaEffect> effects) {
        FollowerProgress follower = find(followers, event.follower());
        if (follower == null) {
            refuseFollow(event, ErrorCode.INELIGIBLE_REPLICA, "no replica at broker " + event.follower(), effects);
            return;
        }
        if (event.followerBrokerEpoch() != follower.brokerEpoch()) {
            boolean older = event.followerBrokerEpoch() < follower.brokerEpoch();
            refuseFollow(
                    event,
                    older ? ErrorCode.STALE_BROKER_EPOCH : ErrorCode.INELIGIBLE_REPLICA,
                    "broker epoch " + event.followerBrokerEpoch() + ", known is " + follower.brokerEpoch(),
                    effects);
            return;
        }
        if (event.number() <= follower.number()) {
            // Overtaken on the other stream by a newer Follow.
            return;
        }
        EpochHistory.Agreement agreement = EpochHistory.of(log)
                .agreementWith(
                        new EpochHistory(event.epochs(), event.logStartOffset(), event.logEndOffset()),
                        configuration.mayLackUncleanly(event.follower()));
        long gone = log.tombstonesGoneBelow();
        if (agreement.offset() < gone && event.refilledBelow() < gone) {
            agreement = new EpochHistory.Agreement(log.logStartOffset(), true);
        }
        if (!agreement.startOver()) {
            logStart.inherit(event.logStartOffset());
        }
        follower.leave(nowMs);
        follower.follow(event, agreement.offset());
        // Whoever starts over gets nothing that a tombstone deletes which a compaction has seen before.
        follower.needsTombstonesFrom(
                agreement.startOver() ? Math.max(gone, log.compactedBelow()) : Math.min(gone, event.refilledBelow()));
        effects.add(new ReplicaEffect.SendFollowing(
                event.follower(),
                event.streamId(),
                leaderEpoch,
                event.number(),
                agreement.offset(),
                agreement.startOver(),
                highWatermark.offset(),
                gone));
    }

    void acked(ReplicaEvent.FollowerAcked event, long nowMs, List<ReplicaEffect> effects) {
        FollowerProgress follower = find(followers, event.follower());
        if (follower == null
                || event.leaderEpoch() != leaderEpoch
                || !follower.isFollowingOn(event.streamId(), event.number())) {
            return;
        }
        if (!follower.isPlausible(event)) {
            follower.refuse(
                    nowMs,
                    ErrorCode.INVALID_REQUEST,
                    "impossible acknowledgement: log end " + event.logEndOffset() + ", flushed " + event.flushedOffset()
                            + ", sent up to " + follower.sentOffset(),
                    effects);
            return;
        }
        follower.acknowledged(event);
        follower.observe(follower.position(isOsTopic()), log.logEndOffset(), nowMs);
    }

    void unfollowed(ReplicaEvent.UnfollowReceived event, long nowMs) {
        FollowerProgress follower = find(followers, event.follower());
        if (follower != null && follower.isFollowingOn(event.streamId(), event.number())) {
            follower.leave(nowMs);
        }
    }

    void streamClosed(ReplicaEvent.FollowerStreamClosed event, long nowMs) {
        FollowerProgress follower = find(followers, event.follower());
        if (follower != null && follower.isFollowing() && follower.streamId() == event.streamId()) {
            follower.leave(nowMs);
        }
    }

    void streamReady(ReplicaEvent.FollowerStreamReady event) {
        FollowerProgress follower = find(followers, event.follower());
        if (follower != null && follower.isFollowing() && follower.streamId() == event.streamId()) {
            follower.streamReady();
        }
    }

    void sent(ReplicaEvent.Sent event, long nowMs, List<ReplicaEffect> effects) {
        FollowerProgress follower = find(followers, event.follower());
        if (follower == null || !follower.isFollowingOn(event.streamId(), event.number())) {
            return;
        }
        follower.sent(event.nextOffset(), event.bytes(), event.streamWritable());
        if (event.bytes() > 0) {
            push(follower, nowMs, effects);
        }
    }

    // ---- the end of a turn

    void turnEnded(long nowMs, List<ReplicaEffect> effects) {
        advanceHighWatermark(effects);
        if (nowMs >= pending.earliestDeadlineMs()) {
            pending.expire(
                    nowMs,
                    request -> refuse(
                            request.requestId,
                            ErrorCode.REQUEST_TIMED_OUT,
                            "offset " + request.baseOffset + " was appended but not committed in time",
                            effects));
        }
        if (followers.length > 1 && isr.mayPropose(nowMs)) {
            isr.propose(wantedIsr(nowMs), configuration, nowMs, effects);
        }
        for (FollowerProgress follower : followers) {
            if (follower != null) {
                push(follower, nowMs, effects);
            }
        }
        // Behind what is pushed, which is read from the log as it was.
        settleDeletions(nowMs, effects);
        handOver.check(configuration, nowMs, effects);
    }

    /**
     * The least position over the in-sync set, counting members whose joining or leaving is not confirmed; only while
     * the confirmed set has the minimum of members (P1).
     */
    private void advanceHighWatermark(List<ReplicaEffect> effects) {
        if (configuration.isrSize() >= configuration.minimum()) {
            long least = ownPosition();
            long counted = isr.counted();
            for (int i = 0; i < followers.length; i++) {
                if (followers[i] != null && (counted & (1L << i)) != 0) {
                    least = Math.min(least, followers[i].position(isOsTopic()));
                }
            }
            highWatermark.advanceTo(least);
        }
        highWatermark.publish(effects);
        if (pending.isEmpty()) {
            return;
        }
        pending.committed(
                highWatermark.offset(),
                request -> acknowledge(
                        request.requestId,
                        request.baseOffset,
                        holding(request.nextOffset),
                        flushed(request.nextOffset),
                        request.duplicate,
                        effects));
    }

    private long wantedIsr(long nowMs) {
        long wanted = 0;
        long needed = Math.max(highWatermark.offset(), epochStartOffset);
        for (int i = 0; i < followers.length; i++) {
            FollowerProgress follower = followers[i];
            boolean member = follower == null
                    || (isr.isConfirmed(i)
                            ? isNeverWritten() || !isr.isLagging(follower, nowMs)
                            : isJoining(i, needed));
            wanted |= member ? 1L << i : 0;
        }
        return wanted;
    }

    /** Whoever joins may lead next, and so has recorded what is deleted besides having what is committed. */
    private boolean isJoining(int index, long needed) {
        FollowerProgress follower = followers[index];
        return follower.recordedLogStart() >= log.recordedLogStartOffset()
                && IsrPolicy.isJoining(
                        follower, configuration.replicas().get(index), follower.position(isOsTopic()), needed);
    }

    private void push(FollowerProgress follower, long nowMs, List<ReplicaEffect> effects) {
        if (!follower.isReadyToSend()) {
            return;
        }
        if (follower.sentOffset() < log.logStartOffset()) {
            // What it lacks is deleted: it asks anew, and starts over.
            follower.refuse(nowMs, ErrorCode.OFFSET_OUT_OF_RANGE, "the log starts at " + log.logStartOffset(), effects);
            return;
        }
        if (follower.isPassedBy(log.tombstonesGoneBelow())) {
            follower.refuse(
                    nowMs,
                    ErrorCode.OFFSET_OUT_OF_RANGE,
                    "tombstones above offset " + follower.sentOffset() + " are compacted away",
                    effects);
            return;
        }
        long room = follower.windowRoom(settings);
        boolean hasRecords = follower.sentOffset() < log.logEndOffset() && room > 0;
        boolean hasMarks = follower.hasStaleMarks(highWatermark.offset(), log.logStartOffset());
        if (!hasRecords && !hasMarks) {
            return;
        }
        follower.sending(highWatermark.offset(), log.logStartOffset());
        effects.add(new ReplicaEffect.AppendTo(
                follower.id(),
                follower.streamId(),
                leaderEpoch,
                follower.number(),
                follower.sentOffset(),
                hasRecords ? (int) Math.min(room, settings.appendBytesMax()) : 0,
                highWatermark.offset(),
                log.logStartOffset()));
    }

    long nextDeadlineMs() {
        long deadline = Math.min(
                Math.min(pending.earliestDeadlineMs(), logStart.earliestDeadlineMs()), handOver.dueMs(configuration));
        long retry = isr.retryDeadlineMs();
        if (retry != Long.MAX_VALUE) {
            return Math.min(deadline, retry);
        }
        for (int i = 0; i < followers.length && !isNeverWritten(); i++) {
            if (followers[i] != null && isr.isConfirmed(i)) {
                deadline = Math.min(deadline, followers[i].lagDeadlineMs(settings));
            }
        }
        return deadline;
    }

    // ---- small things

    /**
     * True before the first record: there is nothing that a follower could lack, or hold up. So nobody is proposed out of a
     * topic of thousands of partitions only because brokers need different times to make their logs.
     */
    private boolean isNeverWritten() {
        return log.logEndOffset() == 0;
    }

    private boolean isOsTopic() {
        return configuration.flushMode() == FlushMode.OS;
    }

    private long ownPosition() {
        boolean pageCacheCounts = isOsTopic() && log.flushMode() == FlushMode.OS;
        return HighWatermark.position(log.logEndOffset(), log.flushedOffset(), pageCacheCounts);
    }

    private int holding(long offset) {
        int count = 1;
        for (FollowerProgress follower : followers) {
            count += follower != null && follower.isHolding(offset) ? 1 : 0;
        }
        return count;
    }

    private int flushed(long offset) {
        int count = log.flushedOffset() >= offset ? 1 : 0;
        for (FollowerProgress follower : followers) {
            count += follower != null && follower.isFlushedTo(offset) ? 1 : 0;
        }
        return count;
    }

    private String smallIsr() {
        return "the in-sync set has " + configuration.isrSize() + " members, the minimum is " + configuration.minimum();
    }

    private String busy() {
        return settings.pendingRequestsMax() + " requests wait for their commit already";
    }

    private void acknowledge(
            long requestId, long baseOffset, int holding, int flushed, boolean duplicate, List<ReplicaEffect> effects) {
        effects.add(new ReplicaEffect.Complete(
                requestId,
                new ProduceOutcome.Acknowledged(
                        baseOffset, leaderEpoch, log.logStartOffset(), holding, flushed, duplicate)));
    }

    private void refuse(long requestId, ErrorCode code, String message, List<ReplicaEffect> effects) {
        effects.add(new ReplicaEffect.Complete(
                requestId,
                new ProduceOutcome.Refused(code, message, configuration.leader(), configuration.leaderEpoch())));
    }

    private static void refuseFollow(
            ReplicaEvent.FollowReceived event, ErrorCode code, String message, List<ReplicaEffect> effects) {
        effects.add(new ReplicaEffect.RefuseFollow(event.follower(), event.streamId(), event.number(), code, message));
    }

    private static FollowerProgress find(FollowerProgress[] among, BrokerId id) {
        for (FollowerProgress follower : among) {
            if (follower != null && follower.id().equals(id)) {
                return follower;
            }
        }
        return null;
    }
}
