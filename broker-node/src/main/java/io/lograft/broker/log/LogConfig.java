package io.lograft.broker.log;

import java.time.Duration;

/**
 * Settings of one partition's log.
 *
 * @param segmentBytes a segment is closed before it grows beyond this ({@code log.segment.bytes})
 * @param segmentAge a segment is closed when its first append is this long ago ({@code log.roll.ms})
 * @param indexIntervalBytes log bytes between index entries ({@code log.index.interval.bytes})
 * @param tailBytesMax recently appended bytes that are kept in memory for readers
 * @param tailAge how long they are kept there at most
 * @param producerExpiry a producer that appended nothing for this long is forgotten ({@code producer.id.expiration.ms})
 * @param timestamps whose clock stamps the records ({@code message.timestamp.type})
 */
public record LogConfig(
        int segmentBytes,
        Duration segmentAge,
        int indexIntervalBytes,
        int tailBytesMax,
        Duration tailAge,
        Duration producerExpiry,
        Timestamps timestamps) {

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
            4 << 20,
            Duration.ofSeconds(10),
            Duration.ofDays(1),
            Timestamps.CREATE_TIME);

    public LogConfig {
        require(segmentBytes >= 1024, "log.segment.bytes", segmentBytes, "1024 or more");
        require(segmentAge.toMillis() >= 1, "log.roll.ms", segmentAge.toMillis(), "1 or more");
        require(indexIntervalBytes >= 0, "log.index.interval.bytes", indexIntervalBytes, "0 or more");
        require(tailBytesMax >= 0, "tail bytes", tailBytesMax, "0 or more");
        require(!tailAge.isNegative(), "tail age ms", tailAge.toMillis(), "0 or more");
        require(producerExpiry.toMillis() >= 1, "producer.id.expiration.ms", producerExpiry.toMillis(), "1 or more");
    }

    private static void require(boolean holds, String key, long value, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException(key + "=" + value + ": must be " + allowed);
        }
    }

    public LogConfig withSegmentBytes(int bytes) {
        return new LogConfig(bytes, segmentAge, indexIntervalBytes, tailBytesMax, tailAge, producerExpiry, timestamps);
    }

    public LogConfig withSegmentAge(Duration age) {
        return new LogConfig(segmentBytes, age, indexIntervalBytes, tailBytesMax, tailAge, producerExpiry, timestamps);
    }

    public LogConfig withIndexIntervalBytes(int bytes) {
        return new LogConfig(segmentBytes, segmentAge, bytes, tailBytesMax, tailAge, producerExpiry, timestamps);
    }

    public LogConfig withTailBytesMax(int bytes) {
        return new LogConfig(segmentBytes, segmentAge, indexIntervalBytes, bytes, tailAge, producerExpiry, timestamps);
    }

    public LogConfig withTimestamps(Timestamps type) {
        return new LogConfig(segmentBytes, segmentAge, indexIntervalBytes, tailBytesMax, tailAge, producerExpiry, type);
    }
}
