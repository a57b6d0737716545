package io.lograft.broker.log.compact;

/**
 * What a decision needs to know of a closed segment.
 *
 * @param maxTimestampMs greatest timestamp of its records, -1 if they have none
 * @param firstTimestampMs timestamp of its first batch, -1 if it has none
 */
public record SegmentShape(
        long baseOffset, long nextOffset, long sizeBytes, long maxTimestampMs, long firstTimestampMs) {}
