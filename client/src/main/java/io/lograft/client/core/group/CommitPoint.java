package io.lograft.client.core.group;

/**
 * How far a group got in a partition.
 *
 * @param offset of the next record to read
 * @param leaderEpoch of the last record read, -1 if not known
 * @param metadata any text of the application
 */
public record CommitPoint(long offset, int leaderEpoch, String metadata) {}
