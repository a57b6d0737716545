package io.lograft.broker.replica;

import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The replica as follower, for as long as it follows, through leaders and epochs: asks to follow, truncates, appends
 * what is pushed, acknowledges. Owned by: partition loop.
 *
 * <pre>
 *   WAITING ──stream open: Follow──▶ ASKED ──Following: truncate──▶ ACTIVE
 *      ▲                              │  ▲                            │
 *      │ stream closed, new epoch     │  └── pause over: Follow       │ refused, append failed,
 *      │ (from every state)           └────refused──▶ PAUSED ◀────────┘ pushed from a wrong offset
 * </pre>
 *
 * A replica outside the in-sync set first follows on the stream for those that catch up. Once it has reached the high
 * watermark it follows anew, on the other.
 */
final class FollowerRole {
    private enum State {
        WAITING,
        ASKED,
        ACTIVE,
        PAUSED
    }

    private static final long NO_STREAM = -1;

    private final ReplicaLog log;
    private final ReplicaSettings settings;
    private final HighWatermark highWatermark;
    private final Map<StreamKind, Long> streams = new EnumMap<>(StreamKind.class);

    private PartitionConfiguration configuration;
    private BrokerId leader;
    private State state = State.WAITING;
    private StreamKind kind = StreamKind.CATCH_UP;
    private long number;
    private boolean near;
    private long heardHighWatermark;
    private long heardLogStart;
    /** The high watermark before a start over that may still fail for want of room; -1 where there is none. */
    private long replacedHighWatermark = -1;
    /**
     * Nothing in the log was deleted by a tombstone below this offset, as all of it came from leaders without such records
     * since it started over. It lets a replica that is being refilled go on after an interruption, though it ends below
     * tombstones that are gone. Kept in memory only: to forget it costs another start.
     */
    private long refilledBelow;

    /** The leader was told of a log that is empty and begins at 0; whatever it answers, the replica starts over. */
    private boolean followsAsEmpty;

    private long deadlineMs = Long.MAX_VALUE;
    private long pauseMs;
    /** Log end at which an append failed; until the log grows beyond it the pauses grow. */
    private long failedAtOffset = Long.MIN_VALUE;

    private boolean ackDue;
    private long ackedEndOffset;
    private long ackedFlushedOffset;
    private boolean ackedOsMode;
    private long ackedLogStart;

    FollowerRole(
            PartitionConfiguration configuration,
            ReplicaLog log,
            ReplicaSettings settings,
            HighWatermark highWatermark,
            long lastNumber) {
        this.log = log;
        this.settings = settings;
        this.highWatermark = highWatermark;
        this.number = lastNumber;
        this.configuration = configuration;
        this.leader = configuration.leader().orElseThrow();
        this.pauseMs = settings.followRetryMs();
    }

    long lastNumber() {
        return number;
    }

    void start(List<ReplicaEffect> effects) {
        effects.add(new ReplicaEffect.ConnectTo(leader));
    }

    /** Takes a newer configuration with some other broker as leader. */
    void configure(PartitionConfiguration newer, long nowMs, List<ReplicaEffect> effects) {
        // The leader forgets followers of another broker epoch, so a new registration follows anew, too.
        boolean followsOn = newer.leaderEpoch() == configuration.leaderEpoch()
                && newer.selfBrokerEpoch() == configuration.selfBrokerEpoch();
        configuration = newer;
        if (followsOn) {
            return;
        }
        settleHighWatermark(effects);
        heardHighWatermark = 0;
        near = false;
        pauseMs = settings.followRetryMs();
        BrokerId newLeader = newer.leader().orElseThrow();
        if (newLeader.equals(leader)) {
            await();
            follow(nowMs, effects);
        } else {
            stop(effects);
            leader = newLeader;
            streams.clear();
            effects.add(new ReplicaEffect.ConnectTo(leader));
        }
    }

    /** The replica no longer follows anybody. */
    void stop(List<ReplicaEffect> effects) {
        settleHighWatermark(effects);
        unfollow(effects);
        await();
        effects.add(new ReplicaEffect.DisconnectFrom(leader));
    }

    // ---- streams

    void streamOpened(ReplicaEvent.LeaderStreamOpened event, long nowMs, List<ReplicaEffect> effects) {
        if (!event.leader().equals(leader)) {
            return;
        }
        boolean replaced = isOn(event.kind()) && stream(event.kind()) != event.streamId();
        streams.put(event.kind(), event.streamId());
        if (replaced) {
            await();
        }
        if (state == State.WAITING) {
            follow(nowMs, effects);
        }
    }

    void streamClosed(ReplicaEvent.LeaderStreamClosed event) {
        if (event.leader().equals(leader) && stream(event.kind()) == event.streamId()) {
            boolean used = isOn(event.kind());
            streams.remove(event.kind());
            if (used) {
                await();
            }
        }
    }

    private boolean isOn(StreamKind which) {
        return (state == State.ASKED || state == State.ACTIVE) && kind == which;
    }

    private long stream(StreamKind which) {
        return streams.getOrDefault(which, NO_STREAM);
    }

    private void await() {
        state = State.WAITING;
        deadlineMs = Long.MAX_VALUE;
    }

    // ---- following

    private void follow(long nowMs, List<ReplicaEffect> effects) {
        kind = near || isInSync() ? StreamKind.IN_SYNC : StreamKind.CATCH_UP;
        long stream = stream(kind);
        if (stream == NO_STREAM) {
            await();
            return;
        }
        number++;
        state = State.ASKED;
        deadlineMs = nowMs + settings.lagTimeMaxMs();
        // Costs no record: a log that has some since goes on, and a member of a set is counted on as it is.
        followsAsEmpty = log.hasLostProducers() && isOutsideBothSets() && log.logStartOffset() == log.logEndOffset();
        effects.add(new ReplicaEffect.SendFollow(
                leader,
                stream,
                configuration.leaderEpoch(),
                number,
                followsAsEmpty ? 0 : log.logStartOffset(),
                followsAsEmpty ? 0 : log.logEndOffset(),
                followsAsEmpty ? List.of() : log.epochs(),
                followsAsEmpty ? 0 : refilledBelow));
    }

    private void unfollow(List<ReplicaEffect> effects) {
        if (state == State.ASKED || state == State.ACTIVE) {
            effects.add(new ReplicaEffect.SendUnfollow(leader, stream(kind), number));
        }
    }

    private void pause(long nowMs) {
        state = State.PAUSED;
        deadlineMs = nowMs + pauseMs;
        pauseMs = Math.min(pauseMs * 2, settings.lagTimeMaxMs());
    }

    void refused(ReplicaEvent.FollowRefusedReceived event, long nowMs) {
        if ((state == State.ASKED || state == State.ACTIVE) && event.number() == number) {
            pause(nowMs);
        }
    }

    /**
     * What was appended last is not in the log, or a part of it only: ask anew after a pause. Where the disk is full the
     * pause is so long that the leader proposes this replica out meanwhile, and goes on without it.
     */
    void appendFailed(ErrorCode code, long nowMs, List<ReplicaEffect> effects) {
        if (code == ErrorCode.DISK_FULL) {
            pauseMs = Math.max(pauseMs, 2 * settings.streamlessTimeMaxMs());
        }
        if (replacedHighWatermark >= 0) {
            // The log is as it was before the start over, of which no more is known to be committed than then.
            highWatermark.restartAt(replacedHighWatermark);
            replacedHighWatermark = -1;
            refilledBelow = 0;
        }
        failedAtOffset = log.logEndOffset();
        askAnew(nowMs, effects);
    }

    private void askAnew(long nowMs, List<ReplicaEffect> effects) {
        unfollow(effects);
        pause(nowMs);
    }

    /** Takes the leader's answer. Returns what is broken where following it would delete committed records. */
    Optional<String> following(ReplicaEvent.FollowingReceived event, long nowMs, List<ReplicaEffect> effects) {
        if (state != State.ASKED || !isCurrent(event.leaderEpoch(), event.number())) {
            return Optional.empty();
        }
        long target = event.truncateTo();
        if (!event.startOver() && target > log.logEndOffset()) {
            askAnew(nowMs, effects);
            return Optional.empty();
        }
        if (followsAsEmpty && !isOutsideBothSets()) {
            // Let in meanwhile, on the strength of what it has.
            askAnew(nowMs, effects);
            return Optional.empty();
        }
        boolean startsOver = event.startOver() || followsAsEmpty;
        boolean expendable = isUncleanSince() || (startsOver && isOutsideBothSets());
        if (target < highWatermark.offset() && !expendable) {
            return Optional.of("leader " + leader + " of epoch " + configuration.leaderEpoch() + " asks to "
                    + (startsOver ? "start over at " : "truncate to ") + target
                    + ", below the high watermark " + highWatermark.offset());
        }
        replacedHighWatermark = -1;
        if (startsOver) {
            replacedHighWatermark = highWatermark.offset();
            highWatermark.restartAt(target);
            refilledBelow = event.tombstonesGoneBelow();
            effects.add(new ReplicaEffect.StartOverAt(target, event.producers(), event.tombstonesGoneBelow()));
        } else {
            highWatermark.lowerTo(target);
            if (target < refilledBelow) {
                // What comes now may be deleted by any tombstone that this leader has.
                refilledBelow = Math.min(refilledBelow, event.tombstonesGoneBelow());
            }
            if (target < log.logEndOffset()) {
                effects.add(new ReplicaEffect.TruncateTo(target));
            }
        }
        state = State.ACTIVE;
        deadlineMs = Long.MAX_VALUE;
        heardHighWatermark = event.highWatermark();
        heardLogStart = 0;
        near = target >= event.highWatermark();
        ackDue = true;
        return Optional.empty();
    }

    /** True where an unclean choice of leader came after the last record here, so that committed records may be gone. */
    private boolean isUncleanSince() {
        return configuration.lastUncleanEpoch() > log.lastEpoch();
    }

    private boolean isOutsideBothSets() {
        return configuration
                .member(configuration.self())
                .filter(own -> own.inSync() || own.eligible())
                .isEmpty();
    }

    private boolean isInSync() {
        return configuration
                .member(configuration.self())
                .filter(PartitionConfiguration.Member::inSync)
                .isPresent();
    }

    private boolean isCurrent(int leaderEpoch, long followNumber) {
        return leaderEpoch == configuration.leaderEpoch() && followNumber == number;
    }

    // ---- batches

    void appendReceived(ReplicaEvent.AppendReceived event, long nowMs, List<ReplicaEffect> effects) {
        if (state != State.ACTIVE || !isCurrent(event.leaderEpoch(), event.number())) {
            return;
        }
        if (event.fromOffset() != log.logEndOffset()) {
            askAnew(nowMs, effects);
            return;
        }
        replacedHighWatermark = -1;
        heardHighWatermark = Math.max(heardHighWatermark, event.highWatermark());
        heardLogStart = Math.max(heardLogStart, event.logStartOffset());
        near = near || event.nextOffset() >= event.highWatermark();
        if (event.payload() != null) {
            effects.add(new ReplicaEffect.AppendReplicated(
                    event.payload(), event.fromOffset(), event.nextOffset(), event.leaderEpoch()));
        }
    }

    // ---- the end of a turn

    void turnEnded(long nowMs, List<ReplicaEffect> effects) {
        if (nowMs >= deadlineMs) {
            follow(nowMs, effects);
        }
        if (state != State.ACTIVE) {
            return;
        }
        if (log.logEndOffset() > failedAtOffset) {
            pauseMs = settings.followRetryMs();
        }
        settleHighWatermark(effects);
        if (Math.min(heardLogStart, highWatermark.offset()) > log.logStartOffset()) {
            effects.add(new ReplicaEffect.AdvanceLogStart(Math.min(heardLogStart, highWatermark.offset())));
        }
        if (kind == StreamKind.CATCH_UP && near && stream(StreamKind.IN_SYNC) != NO_STREAM) {
            follow(nowMs, effects);
            return;
        }
        acknowledge(effects);
    }

    /** The greatest high watermark heard, up to the log end; what is below is the same here and at the leader. */
    private void settleHighWatermark(List<ReplicaEffect> effects) {
        if (state == State.ACTIVE) {
            highWatermark.advanceTo(Math.min(heardHighWatermark, log.logEndOffset()));
        }
        highWatermark.publish(effects);
    }

    private void acknowledge(List<ReplicaEffect> effects) {
        long endOffset = log.logEndOffset();
        long flushedOffset = log.flushedOffset();
        boolean osMode = log.flushMode() == FlushMode.OS && configuration.flushMode() == FlushMode.OS;
        long recordedLogStart = log.recordedLogStartOffset();
        boolean isNews = endOffset != ackedEndOffset
                || flushedOffset != ackedFlushedOffset
                || osMode != ackedOsMode
                || recordedLogStart != ackedLogStart;
        if (!ackDue && !isNews) {
            return;
        }
        ackDue = false;
        ackedEndOffset = endOffset;
        ackedFlushedOffset = flushedOffset;
        ackedOsMode = osMode;
        ackedLogStart = recordedLogStart;
        effects.add(new ReplicaEffect.SendAck(
                leader,
                stream(kind),
                configuration.leaderEpoch(),
                number,
                endOffset,
                flushedOffset,
                osMode,
                recordedLogStart));
    }

    long nextDeadlineMs() {
        return deadlineMs;
    }
}
