package io.lograft.broker.group.sim;

import io.lograft.broker.group.TopicCatalog;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.List;
import java.util.Optional;

/** The one topic that all groups read. */
record SimTopic(int partitionCount) implements TopicCatalog {
    static final TopicId ID = new TopicId(7, 7);
    static final String NAME = "orders";

    static PartitionId partition(int partition) {
        return new PartitionId(ID, partition);
    }

    @Override
    public List<String> names() {
        return List.of(NAME);
    }

    @Override
    public Optional<Topic> find(String name) {
        return name.equals(NAME) ? Optional.of(new Topic(ID, NAME, partitionCount)) : Optional.empty();
    }

    @Override
    public boolean exists(TopicId id) {
        return id.equals(ID);
    }

    @Override
    public boolean exists(PartitionId partition) {
        return exists(partition.topic()) && partition.partition() < partitionCount;
    }
}
