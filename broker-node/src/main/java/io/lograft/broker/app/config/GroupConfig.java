package io.lograft.broker.app.config;

import io.lograft.broker.group.GroupSettings;

/**
 * Consumer groups.
 *
 * @param settings limits and times
 * @param partitionCount of the internal topic {@code __consumer_offsets} when it is made
 * @param replicationFactor of that topic; lowered to the number of brokers that the cluster has
 * @param segmentBytes size of its segments; they are small, as a coordinator reads all of them when it takes over
 */
public record GroupConfig(GroupSettings settings, int partitionCount, int replicationFactor, int segmentBytes) {}
