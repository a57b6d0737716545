package io.lograft.broker.log.config;

import java.time.Duration;

/**
 * When a log is compacted, and what is kept at least.
 *
 * @param dirtyRatioMin part of the log, in bytes, that has to be new since the last time ({@code min.cleanable.dirty.ratio})
 * @param lagMinMs records younger than this are not compacted ({@code min.compaction.lag.ms})
 * @param lagMaxMs once a record is this old it is compacted whatever the ratio ({@code max.compaction.lag.ms})
 * @param tombstoneMs how long a tombstone stays once it is the last record of its key ({@code delete.retention.ms})
 */
public record CompactionConfig(double dirtyRatioMin, long lagMinMs, long lagMaxMs, long tombstoneMs) {
    /** The documented defaults. */
    public static final CompactionConfig DEFAULTS =
            new CompactionConfig(0.5, 0, Long.MAX_VALUE, Duration.ofDays(1).toMillis());

    public CompactionConfig {
        if (!(dirtyRatioMin >= 0 && dirtyRatioMin <= 1)) {
            throw new IllegalArgumentException("min.cleanable.dirty.ratio=" + dirtyRatioMin + ": must be from 0 to 1");
        }
        requireNotNegative("min.compaction.lag.ms", lagMinMs);
        requireNotNegative("delete.retention.ms", tombstoneMs);
        if (lagMaxMs < 1) {
            throw new IllegalArgumentException("max.compaction.lag.ms=" + lagMaxMs + ": must be 1 or more");
        }
    }

    private static void requireNotNegative(String key, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(key + "=" + value + ": must be 0 or more");
        }
    }
}
