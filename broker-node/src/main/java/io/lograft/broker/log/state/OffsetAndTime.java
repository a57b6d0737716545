package io.lograft.broker.log.state;

/** A record found by its time. */
public record OffsetAndTime(long offset, long timestampMs) {}
