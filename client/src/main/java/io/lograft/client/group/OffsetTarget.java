package io.lograft.client.group;

import java.time.Instant;

/**
 * Where the offsets of a group are moved to.
 *
 * <pre>{@code
 * OffsetTarget yesterday = OffsetTarget.timestamp(Instant.now().minus(Duration.ofDays(1)));
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param kind what the value means
 * @param value the offset, the milliseconds since the epoch, or the number of records; 0 where there is none
 */
public record OffsetTarget(Kind kind, long value) {

    /**
     * What a target is relative to.
     *
     * <pre>{@code
     * boolean needsCommitted = target.kind() == OffsetTarget.Kind.SHIFT;
     * }</pre>
     */
    public enum Kind {
        /** The oldest record. */
        EARLIEST,
        /** Behind the newest record. */
        LATEST,
        /** The given offset. */
        OFFSET,
        /** The first record at or after the given time; behind the newest where there is none. */
        TIMESTAMP,
        /** So many records forward of what is committed, or back for a negative number. */
        SHIFT
    }

    /** The oldest record. */
    public static OffsetTarget earliest() {
        return new OffsetTarget(Kind.EARLIEST, 0);
    }

    /** Behind the newest record. */
    public static OffsetTarget latest() {
        return new OffsetTarget(Kind.LATEST, 0);
    }

    /** An offset. */
    public static OffsetTarget offset(long offset) {
        return new OffsetTarget(Kind.OFFSET, offset);
    }

    /** The first record at or after this time. */
    public static OffsetTarget timestamp(Instant time) {
        return new OffsetTarget(Kind.TIMESTAMP, time.toEpochMilli());
    }

    /** So many records forward, or back for a negative number. */
    public static OffsetTarget shift(long records) {
        return new OffsetTarget(Kind.SHIFT, records);
    }

    /**
     * The offset that this is in a log, before it is brought into its bounds.
     *
     * @param committed what the group has committed; the log start where it has nothing
     * @param found the offset at the target's time, -1 for none
     */
    long in(long logStart, long logEnd, long committed, long found) {
        return switch (kind) {
            case EARLIEST -> logStart;
            case LATEST -> logEnd;
            case OFFSET -> value;
            case TIMESTAMP -> found < 0 ? logEnd : found;
            case SHIFT -> saturated(committed, value);
        };
    }

    private static long saturated(long committed, long shift) {
        long sum = committed + shift;
        boolean isOverflow = ((committed ^ sum) & (shift ^ sum)) < 0;
        return isOverflow ? (shift < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
    }
}
