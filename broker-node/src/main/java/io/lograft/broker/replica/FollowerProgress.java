package io.lograft.broker.replica;

import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import java.util.Arrays;
import java.util.List;

/**
 * What the leader knows about one follower in the present epoch. Owned by: partition loop.
 *
 * <pre>
 *   absent ──Follow──▶ following (position unknown) ──first ack──▶ following (position known)
 *     ▲                    │  ▲ Follow with a greater number           │
 *     └── stream closed, unfollowed, misbehaved, registered anew ──────┘
 * </pre>
 *
 * A position counts for the high watermark only once it was acknowledged under the newest Follow, that is after the
 * follower truncated. When a stream breaks, the position stays: what was acknowledged in this epoch is there still.
 */
final class FollowerProgress {
    static final long UNKNOWN = -1;
    private static final long NO_STREAM = -1;

    private final BrokerId id;
    private final SendWindow window = new SendWindow();
    private long brokerEpoch;
    private long streamId = NO_STREAM;
    private StreamKind kind = StreamKind.CATCH_UP;
    private long number = UNKNOWN;

    private long logEndOffset = UNKNOWN;
    private long flushedOffset = UNKNOWN;
    private boolean osMode;
    private long recordedLogStart = UNKNOWN;

    private long sentOffset;
    private long tombstonesNeededFrom;
    private boolean sendPending;
    private boolean streamWritable;
    private long sendingHighWatermark = UNKNOWN;
    private long sendingLogStart = UNKNOWN;
    private long sentHighWatermark = UNKNOWN;
    private long sentLogStart = UNKNOWN;

    private boolean caughtUp;
    private long lastCaughtUpMs;
    private long streamlessSinceMs;
    private long markOffset = Long.MAX_VALUE;
    private long markMs;

    FollowerProgress(BrokerId id, long brokerEpoch, long nowMs) {
        this.id = id;
        this.brokerEpoch = brokerEpoch;
        this.lastCaughtUpMs = nowMs;
        this.streamlessSinceMs = nowMs;
    }

    BrokerId id() {
        return id;
    }

    long brokerEpoch() {
        return brokerEpoch;
    }

    long streamId() {
        return streamId;
    }

    long number() {
        return number;
    }

    long sentOffset() {
        return sentOffset;
    }

    boolean isFollowing() {
        return streamId != NO_STREAM;
    }

    /** True where it follows on the stream for replicas in sync, and has acknowledged something. */
    boolean isFollowingInSync() {
        return isFollowing() && kind == StreamKind.IN_SYNC && logEndOffset != UNKNOWN;
    }

    boolean isFollowingOn(long stream, long followNumber) {
        return isFollowing() && streamId == stream && number == followNumber;
    }

    /** The broker registered anew: nothing that its former self said counts any more. */
    void reset(long newBrokerEpoch, long nowMs) {
        leave(nowMs);
        brokerEpoch = newBrokerEpoch;
        number = UNKNOWN;
        logEndOffset = UNKNOWN;
        flushedOffset = UNKNOWN;
        recordedLogStart = UNKNOWN;
    }

    /** A Follow was accepted; the follower goes on at {@code startOffset}. */
    void follow(ReplicaEvent.FollowReceived request, long startOffset) {
        streamId = request.streamId();
        kind = request.kind();
        number = request.number();
        logEndOffset = UNKNOWN;
        flushedOffset = UNKNOWN;
        recordedLogStart = UNKNOWN;
        caughtUp = false;
        sentOffset = startOffset;
        sendPending = false;
        streamWritable = true;
        sentHighWatermark = UNKNOWN;
        sentLogStart = UNKNOWN;
        markOffset = Long.MAX_VALUE;
        window.clear();
    }

    /** The follower is no longer there. */
    void leave(long nowMs) {
        if (isFollowing()) {
            streamId = NO_STREAM;
            streamlessSinceMs = nowMs;
        }
        if (caughtUp) {
            caughtUp = false;
            lastCaughtUpMs = nowMs;
        }
    }

    /** Ends the following; the follower is told, and asks anew after a pause. */
    void refuse(long nowMs, ErrorCode code, String message, List<ReplicaEffect> effects) {
        effects.add(new ReplicaEffect.RefuseFollow(id, streamId, number, code, message));
        leave(nowMs);
    }

    // ---- what it has

    /** True where the acknowledgement can be true: neither beyond what was sent nor behind what was said before. */
    boolean isPlausible(ReplicaEvent.FollowerAcked ack) {
        return ack.logEndOffset() <= sentOffset
                && ack.logEndOffset() >= logEndOffset
                && ack.flushedOffset() <= ack.logEndOffset();
    }

    void acknowledged(ReplicaEvent.FollowerAcked ack) {
        logEndOffset = ack.logEndOffset();
        flushedOffset = ack.flushedOffset();
        osMode = ack.osMode();
        recordedLogStart = ack.recordedLogStart();
        window.acknowledged(logEndOffset);
    }

    /** How far it counts, see {@link HighWatermark#position}; {@link #UNKNOWN} before its first acknowledgement. */
    long position(boolean osTopic) {
        return HighWatermark.position(logEndOffset, flushedOffset, osTopic && osMode);
    }

    /** Where its log starts for good; {@link #UNKNOWN} before its first acknowledgement. */
    long recordedLogStart() {
        return recordedLogStart;
    }

    boolean isHolding(long offset) {
        return logEndOffset >= offset;
    }

    boolean isFlushedTo(long offset) {
        return flushedOffset >= offset;
    }

    // ---- whether it keeps up

    /** Notes how its position compares to the leader's log end. */
    void observe(long position, long leaderEndOffset, long nowMs) {
        if (position >= leaderEndOffset) {
            caughtUp = true;
            lastCaughtUpMs = nowMs;
            return;
        }
        caughtUp = false;
        if (position >= markOffset) {
            // It has all that the leader had when the mark was set, so it was caught up as of then.
            lastCaughtUpMs = Math.max(lastCaughtUpMs, markMs);
            markOffset = leaderEndOffset;
            markMs = nowMs;
        } else if (markOffset == Long.MAX_VALUE) {
            markOffset = leaderEndOffset;
            markMs = nowMs;
        }
    }

    /**
     * The leader is about to append: whoever had everything until now is measured from here, and so is everybody if it is
     * the first record.
     */
    void leaderAppends(long leaderEndOffset, long nowMs) {
        if (leaderEndOffset == 0) {
            lastCaughtUpMs = nowMs;
            streamlessSinceMs = nowMs;
        }
        if (caughtUp) {
            caughtUp = false;
            lastCaughtUpMs = nowMs;
            markOffset = leaderEndOffset;
            markMs = nowMs;
        }
    }

    /**
     * It is in the in-sync set from now on, as it has all that is committed. That may be less than the log end, and the
     * last time that it had all of that may be long ago, from before it was away.
     */
    void joined(long nowMs) {
        lastCaughtUpMs = Math.max(lastCaughtUpMs, nowMs);
    }

    /** When it counts as lagging unless it catches up before; Long.MAX_VALUE while it has everything. */
    long lagDeadlineMs(ReplicaSettings settings) {
        if (!isFollowing()) {
            return streamlessSinceMs + settings.streamlessTimeMaxMs();
        }
        return caughtUp ? Long.MAX_VALUE : lastCaughtUpMs + settings.lagTimeMaxMs();
    }

    // ---- tombstones

    /** It has nothing that a tombstone below this offset deleted. */
    void needsTombstonesFrom(long offset) {
        tombstonesNeededFrom = offset;
    }

    /** True where tombstones that it would have to get are gone. */
    boolean isPassedBy(long tombstonesGoneBelow) {
        return sentOffset < tombstonesGoneBelow && tombstonesNeededFrom < tombstonesGoneBelow;
    }

    // ---- sending

    void streamReady() {
        streamWritable = true;
    }

    boolean isReadyToSend() {
        return isFollowing() && !sendPending && streamWritable;
    }

    /** How many bytes may be sent now; the window counts as open while nothing is in flight. */
    long windowRoom(ReplicaSettings settings) {
        return settings.windowBytes() - window.bytesInFlight();
    }

    boolean hasStaleMarks(long highWatermark, long logStart) {
        return sentHighWatermark != highWatermark || sentLogStart != logStart;
    }

    void sending(long highWatermark, long logStart) {
        sendPending = true;
        sendingHighWatermark = highWatermark;
        sendingLogStart = logStart;
    }

    void sent(long nextOffset, int bytes, boolean writable) {
        sendPending = false;
        streamWritable = writable;
        if (bytes > 0) {
            window.sent(nextOffset, bytes);
            sentOffset = nextOffset;
        }
        if (bytes > 0 || writable) {
            sentHighWatermark = sendingHighWatermark;
            sentLogStart = sendingLogStart;
        }
    }

    /** What was sent to a follower and is not acknowledged yet: a ring of end offsets with sizes. */
    private static final class SendWindow {
        private long[] endOffsets = new long[16];
        private int[] sizes = new int[16];
        private int head;
        private int count;
        private long bytesInFlight;

        void clear() {
            head = 0;
            count = 0;
            bytesInFlight = 0;
        }

        long bytesInFlight() {
            return bytesInFlight;
        }

        void sent(long endOffset, int bytes) {
            if (count == endOffsets.length) {
                grow();
            }
            int slot = (head + count) & (endOffsets.length - 1);
            endOffsets[slot] = endOffset;
            sizes[slot] = bytes;
            count++;
            bytesInFlight += bytes;
        }

        void acknowledged(long logEndOffset) {
            while (count > 0 && endOffsets[head] <= logEndOffset) {
                bytesInFlight -= sizes[head];
                head = (head + 1) & (endOffsets.length - 1);
                count--;
            }
        }

        private void grow() {
            int capacity = endOffsets.length;
            long[] longerOffsets = Arrays.copyOf(endOffsets, capacity * 2);
            int[] longerSizes = Arrays.copyOf(sizes, capacity * 2);
            // What had wrapped around goes behind the old end, so that the ring is in one piece again.
            System.arraycopy(endOffsets, 0, longerOffsets, capacity, head);
            System.arraycopy(sizes, 0, longerSizes, capacity, head);
            endOffsets = longerOffsets;
            sizes = longerSizes;
        }
    }

    /** The least log start that the leader itself and all that count have recorded; {@code counted} has a bit for each. */
    static long leastRecorded(long own, FollowerProgress[] followers, long counted) {
        long least = own;
        for (int i = 0; i < followers.length; i++) {
            if (followers[i] != null && (counted & (1L << i)) != 0) {
                least = Math.min(least, followers[i].recordedLogStart());
            }
        }
        return least;
    }
}
