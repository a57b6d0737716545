package io.lograft.broker.log.state;

/** A segment, for people. */
public record SegmentInfo(long baseOffset, long nextOffset, long sizeBytes, long maxTimestampMs) {}
