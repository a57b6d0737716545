package io.lograft.broker.group;

/**
 * How far a group got in a partition.
 *
 * @param offset of the next record to read
 * @param leaderEpoch of the last record read, -1 where it is not known
 * @param metadata any text of the client
 */
public record CommittedOffset(long offset, int leaderEpoch, String metadata, long committedAtMs) {}
