package io.lograft.broker.log.config;

import java.time.Duration;

/**
 * Settings of one partition's log.
 *
 * @param segmentBytes a segment is closed before it grows beyond this ({@code log.segment.bytes})
 * @param segmentAge a segment is closed when its first append is this long ago ({@code log.roll.ms})
 * @param indexIntervalBytes log bytes between index entries ({@code log.index.interval.bytes})
 * @param producerExpiry a producer that appended nothing for this long is forgotten ({@code producer.id.expiration.ms})
 * @param timestamps whose clock stamps the records ({@code message.timestamp.type})
 */
public record LogConfig(
        int segmentBytes,
        Duration segmentAge,
        int indexIntervalBytes,
        TailConfig tail,
        Duration producerExpiry,
        Timestamps timestamps,
        CleanupConfig cleanup) {

    /** Whose clock stamps the records. */
    public enum Timestamps {
        /** The producer's. */
        CREATE_TIME,
        /** The leader's, when it appends. */
        LOG_APPEND_TIME
    }

    /** The documented defaults. */
    public static final LogConfig DEFAULTS = new LogConfig(
            1 << 30,
            Duration.ofDays(7),
            4096,
            TailConfig.DEFAULTS,
            Duration.ofDays(1),
            Timestamps.CREATE_TIME,
            CleanupConfig.DEFAULTS);

    public LogConfig {
        require(segmentBytes >= 1024, "log.segment.bytes", segmentBytes, "1024 or more");
        require(segmentAge.toMillis() >= 1, "log.roll.ms", segmentAge.toMillis(), "1 or more");
        require(indexIntervalBytes >= 0, "log.index.interval.bytes", indexIntervalBytes, "0 or more");
        require(producerExpiry.toMillis() >= 1, "producer.id.expiration.ms", producerExpiry.toMillis(), "1 or more");
    }

    private static void require(boolean holds, String key, long value, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException(key + "=" + value + ": must be " + allowed);
        }
    }

    /** When a segment is closed by its age: what has to be compacted by a time is in a closed segment by then. */
    public long rollAgeMs() {
        long age = segmentAge.toMillis();
        return cleanup.compacts() ? Math.min(age, cleanup.compaction().lagMaxMs()) : age;
    }

    public LogConfig withSegmentBytes(int bytes) {
        return new LogConfig(bytes, segmentAge, indexIntervalBytes, tail, producerExpiry, timestamps, cleanup);
    }

    public LogConfig withSegmentAge(Duration age) {
        return new LogConfig(segmentBytes, age, indexIntervalBytes, tail, producerExpiry, timestamps, cleanup);
    }

    public LogConfig withIndexIntervalBytes(int bytes) {
        return new LogConfig(segmentBytes, segmentAge, bytes, tail, producerExpiry, timestamps, cleanup);
    }

    public LogConfig withTailBytesMax(int bytes) {
        return withTail(new TailConfig(bytes, tail.age(), tail.room()));
    }

    public LogConfig withTail(TailConfig other) {
        return new LogConfig(segmentBytes, segmentAge, indexIntervalBytes, other, producerExpiry, timestamps, cleanup);
    }

    public LogConfig withTimestamps(Timestamps type) {
        return new LogConfig(segmentBytes, segmentAge, indexIntervalBytes, tail, producerExpiry, type, cleanup);
    }

    public LogConfig withCleanup(CleanupConfig other) {
        return new LogConfig(segmentBytes, segmentAge, indexIntervalBytes, tail, producerExpiry, timestamps, other);
    }
}
