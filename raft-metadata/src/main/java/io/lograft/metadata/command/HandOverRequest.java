package io.lograft.metadata.command;

import io.lograft.model.PartitionId;

/**
 * A leader's wish that another live replica lead one of its partitions.
 *
 * @param leader the leader, by the registration under which it leads
 * @param leaderEpoch the epoch in which it leads; with any other the request is stale
 */
public record HandOverRequest(PartitionId partition, BrokerRef leader, int leaderEpoch) {}
