package io.lograft.broker.log.retention;

/**
 * A segment as retention sees it.
 *
 * @param nextOffset offset after its last record
 * @param sizeBytes of its {@code .log} file
 * @param maxTimestampMs the greatest timestamp of its records, negative where it has none
 * @param lastAppendMs when it was written to last, by the clock of the broker
 */
public record RetainedSegment(
        long baseOffset, long nextOffset, long sizeBytes, long maxTimestampMs, long lastAppendMs) {}
