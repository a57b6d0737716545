package io.lograft.client.core;

import io.lograft.model.TopicId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the client knows of the cluster at one moment. Immutable; published to all threads by one volatile write.
 *
 * @param clusterId empty before the first answer
 * @param index index of the newest metadata change in it
 * @param controllerId -1 while there is none
 */
public record ClusterView(
        String clusterId, long index, int controllerId, Map<Integer, Broker> brokers, Map<String, Topic> topics) {
    /** Nothing is known yet. */
    public static final ClusterView EMPTY = new ClusterView("", 0, -1, Map.of(), Map.of());

    /** A broker's address as it told it. */
    public record Broker(int id, String host, int port, boolean isFenced) {}

    /** A topic with its partitions, in order of their numbers. */
    public record Topic(String name, TopicId id, List<Partition> partitions) {}

    /**
     * A partition's leader.
     *
     * @param leader -1 while there is none
     */
    public record Partition(int leader, int leaderEpoch) {}

    public Optional<Topic> topic(String name) {
        return Optional.ofNullable(topics.get(name));
    }

    /** The topic with this id; empty if it was deleted, even if another has its name now. */
    public Optional<Topic> topic(TopicId id) {
        return topics.values().stream().filter(topic -> topic.id().equals(id)).findFirst();
    }

    public boolean isEmpty() {
        return clusterId.isEmpty();
    }
}
