package io.lograft.broker.produce;

import java.util.Map;

/**
 * How far the timestamps of records may be from the broker's clock. They say nothing where the broker stamps the records.
 *
 * @param beforeMaxMs {@code message.timestamp.before.max.ms}: how long ago
 * @param afterMaxMs {@code message.timestamp.after.max.ms}: how far ahead
 */
public record TimestampRules(long beforeMaxMs, long afterMaxMs) {
    /** Key of {@link #beforeMaxMs}. */
    public static final String BEFORE_KEY = "message.timestamp.before.max.ms";

    /** Key of {@link #afterMaxMs}. */
    public static final String AFTER_KEY = "message.timestamp.after.max.ms";

    /** As old as they like, and at most an hour ahead, as Kafka has it since its version 4. */
    public static final TimestampRules DEFAULTS = new TimestampRules(Long.MAX_VALUE, 3_600_000);

    /** No bounds. */
    public static final TimestampRules ANY = new TimestampRules(Long.MAX_VALUE, Long.MAX_VALUE);

    /** Throws IllegalArgumentException for a negative time. */
    public TimestampRules {
        if (beforeMaxMs < 0 || afterMaxMs < 0) {
            throw new IllegalArgumentException(
                    BEFORE_KEY + "=" + beforeMaxMs + " and " + AFTER_KEY + "=" + afterMaxMs + " cannot be negative");
        }
    }

    /** These with a topic's own settings over them; the quorum has checked their values. */
    TimestampRules with(Map<String, String> topic) {
        return new TimestampRules(
                topic.containsKey(BEFORE_KEY) ? Long.parseLong(topic.get(BEFORE_KEY)) : beforeMaxMs,
                topic.containsKey(AFTER_KEY) ? Long.parseLong(topic.get(AFTER_KEY)) : afterMaxMs);
    }

    /** The earliest timestamp allowed now. */
    long earliestMs(long nowMs) {
        return beforeMaxMs >= nowMs ? Long.MIN_VALUE : nowMs - beforeMaxMs;
    }

    /** The latest timestamp allowed now. */
    long latestMs(long nowMs) {
        return afterMaxMs >= Long.MAX_VALUE - nowMs ? Long.MAX_VALUE : nowMs + afterMaxMs;
    }
}
