package io.lograft.client.core;

import java.util.List;

/**
 * One message of a metadata watch.
 *
 * @param index index of the change that it brings the client to
 * @param isFull true: it holds everything; false: what changed
 * @param removedBrokers ids
 * @param removedTopics names
 */
public record MetadataUpdate(
        long index,
        boolean isFull,
        String clusterId,
        int controllerId,
        List<ClusterView.Broker> brokers,
        List<Integer> removedBrokers,
        List<ClusterView.Topic> topics,
        List<String> removedTopics) {}
