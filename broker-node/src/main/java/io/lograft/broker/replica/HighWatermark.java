package io.lograft.broker.replica;

import java.util.List;

/** The high watermark of one replica, in whatever role. Owned by: partition loop. */
final class HighWatermark {
    private long offset;
    private long published;

    HighWatermark(long offset) {
        this.offset = offset;
        this.published = offset;
    }

    long offset() {
        return offset;
    }

    /** Moves forward, never back (R4). */
    void advanceTo(long target) {
        offset = Math.max(offset, target);
    }

    /** The log was truncated to here: an unclean epoch, or a start anew outside both sets. */
    void lowerTo(long target) {
        offset = Math.min(offset, target);
    }

    /** The log was emptied and goes on from here. */
    void restartAt(long target) {
        offset = target;
    }

    /** Tells the shell if it moved since the last time. */
    void publish(List<ReplicaEffect> effects) {
        if (offset != published) {
            published = offset;
            effects.add(new ReplicaEffect.HighWatermarkChanged(offset));
        }
    }

    /**
     * How far a replica counts as holding records: what is flushed, or in the operating system's hands where both the
     * topic and the replica itself say that this is enough.
     */
    static long position(long logEndOffset, long flushedOffset, boolean pageCacheCounts) {
        return pageCacheCounts ? logEndOffset : flushedOffset;
    }
}
