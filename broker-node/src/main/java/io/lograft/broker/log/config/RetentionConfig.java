package io.lograft.broker.log.config;

import java.time.Duration;

/**
 * How long closed segments are kept; both limits apply.
 *
 * @param ms age of its newest record above which a segment is deleted, -1 for never ({@code retention.ms})
 * @param bytes size of a partition above which its oldest segments are deleted, -1 for none ({@code retention.bytes})
 */
public record RetentionConfig(long ms, long bytes) {
    /** The documented defaults. */
    public static final RetentionConfig DEFAULTS =
            new RetentionConfig(Duration.ofDays(7).toMillis(), -1);

    public RetentionConfig {
        if (ms < -1) {
            throw new IllegalArgumentException("retention.ms=" + ms + ": must be -1 or more");
        }
        if (bytes < -1) {
            throw new IllegalArgumentException("retention.bytes=" + bytes + ": must be -1 or more");
        }
    }
}
