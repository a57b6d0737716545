package io.lograft.broker.group.consumer;

import io.lograft.broker.group.TopicCatalog;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Topics for tests; immutable. */
final class Topics implements TopicCatalog {
    static final Topics NONE = new Topics(new TreeMap<>());

    private final SortedMap<String, Topic> byName;

    private Topics(SortedMap<String, Topic> byName) {
        this.byName = byName;
    }

    /** The id comes from the name, and stays when partitions are added. */
    Topics with(String name, int partitionCount) {
        SortedMap<String, Topic> next = new TreeMap<>(byName);
        next.put(name, new Topic(id(name), name, partitionCount));
        return new Topics(next);
    }

    Topics without(String name) {
        SortedMap<String, Topic> next = new TreeMap<>(byName);
        next.remove(name);
        return new Topics(next);
    }

    static TopicId id(String name) {
        return new TopicId(1, name.hashCode());
    }

    @Override
    public List<String> names() {
        return List.copyOf(byName.keySet());
    }

    @Override
    public Optional<Topic> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    @Override
    public boolean exists(TopicId id) {
        return byName.values().stream().anyMatch(topic -> topic.id().equals(id));
    }

    @Override
    public boolean exists(PartitionId partition) {
        return byName.values().stream()
                .anyMatch(topic ->
                        topic.id().equals(partition.topic()) && partition.partition() < topic.partitionCount());
    }
}
