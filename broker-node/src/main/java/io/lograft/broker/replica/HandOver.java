package io.lograft.broker.replica;

import io.lograft.model.FlushMode;
import java.util.List;

/**
 * When a leader asks to be replaced: its disk is full, its own flush stands still, the in-sync set stays too small, or
 * its broker drains. It asks again after growing pauses, which outlast the leadership: two replicas that are no better
 * off pass leadership to and fro ever more rarely. The pauses are short again once it has led in peace for as long as
 * the last pause was. Owned by: partition loop.
 */
final class HandOver {
    private static final int PAUSE_FACTOR = 2;
    private static final long PAUSE_MAX_MS = 60_000;
    private static final long NONE = -1;

    private final ReplicaLog log;
    private final ReplicaSettings settings;
    private long flushedSeen;
    private long flushStalledSinceMs;
    private long isrSmallSinceMs;
    private boolean isrSmall;
    private boolean draining;
    /** Log end at which the disk was found full; {@link #NONE} where it takes what is appended. */
    private long diskFullAt = NONE;

    private long notBeforeMs = Long.MIN_VALUE;
    private long pauseMs;

    HandOver(ReplicaLog log, ReplicaSettings settings) {
        this.log = log;
        this.settings = settings;
        this.pauseMs = settings.lagTimeMaxMs();
    }

    /** A leadership begins: nothing is wrong with it yet. */
    void begin(long nowMs) {
        flushedSeen = log.flushedOffset();
        flushStalledSinceMs = nowMs;
        isrSmall = false;
        diskFullAt = NONE;
    }

    void configure(PartitionConfiguration configuration, long nowMs) {
        boolean small = configuration.isrSize() < configuration.minimum();
        if (small && !isrSmall) {
            isrSmallSinceMs = nowMs;
        }
        isrSmall = small;
    }

    void drain() {
        draining = true;
    }

    /** The leader is about to append: an idle log has no flush that could stand still. */
    void leaderAppends(long nowMs) {
        if (log.flushedOffset() == log.logEndOffset()) {
            flushStalledSinceMs = nowMs;
        }
    }

    /** An append was refused by the disk; another replica may have room. */
    void diskFull() {
        diskFullAt = log.logEndOffset();
    }

    void check(PartitionConfiguration configuration, long nowMs, List<ReplicaEffect> effects) {
        long flushed = log.flushedOffset();
        if (flushed > flushedSeen) {
            flushedSeen = flushed;
            flushStalledSinceMs = nowMs;
        }
        if (log.logEndOffset() > diskFullAt) {
            diskFullAt = NONE;
        }
        if (nowMs < dueMs(configuration)) {
            return;
        }
        if (notBeforeMs != Long.MIN_VALUE && nowMs - notBeforeMs > pauseMs) {
            pauseMs = settings.lagTimeMaxMs();
        }
        notBeforeMs = nowMs + pauseMs;
        pauseMs = Math.min(pauseMs * PAUSE_FACTOR, PAUSE_MAX_MS);
        if (hasSuccessor(configuration)) {
            effects.add(new ReplicaEffect.RequestHandOver(configuration.leaderEpoch(), reason(flushed)));
        }
    }

    /** When the next look is due; Long.MAX_VALUE while all is well. */
    long dueMs(PartitionConfiguration configuration) {
        long due = draining || diskFullAt != NONE ? Long.MIN_VALUE : Long.MAX_VALUE;
        if (isrSmall) {
            due = Math.min(due, isrSmallSinceMs + settings.lagTimeMaxMs());
        }
        if (isFlushWaitedFor(configuration)) {
            due = Math.min(due, flushStalledSinceMs + settings.lagTimeMaxMs());
        }
        return due == Long.MAX_VALUE ? due : Math.max(due, notBeforeMs);
    }

    private boolean isFlushWaitedFor(PartitionConfiguration configuration) {
        return configuration.flushMode() == FlushMode.COMMIT && log.flushedOffset() < log.logEndOffset();
    }

    private String reason(long flushed) {
        if (draining) {
            return "the broker drains";
        }
        if (diskFullAt != NONE) {
            return "the disk is full, nothing can be appended at " + diskFullAt;
        }
        return isrSmall
                ? "the in-sync set stays below the minimum"
                : "the flushed offset stands still at " + flushed + " below the log end " + log.logEndOffset();
    }

    private static boolean hasSuccessor(PartitionConfiguration configuration) {
        for (PartitionConfiguration.Member member : configuration.replicas()) {
            boolean knowsAll = member.inSync() || member.eligible();
            if (knowsAll && member.admissible() && !member.id().equals(configuration.self())) {
                return true;
            }
        }
        return false;
    }
}
