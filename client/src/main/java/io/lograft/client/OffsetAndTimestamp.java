package io.lograft.client;

/**
 * Where a search by time ended.
 *
 * <pre>{@code
 * consumer.offsetsForTimes(Map.of(partition, yesterdayMs))
 *         .forEach((where, found) -> consumer.seek(where, found.offset()));
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param offset of the first record whose timestamp is the one asked for or later
 * @param timestampMs timestamp of that record
 */
public record OffsetAndTimestamp(long offset, long timestampMs) {}
