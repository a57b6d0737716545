package io.lograft.broker.group;

import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.List;
import java.util.Optional;

/** The topics of the cluster, as the metadata have them now. Immutable. */
public interface TopicCatalog {
    /** Names of all topics that users may subscribe to, sorted; internal ones are not among them. */
    List<String> names();

    Optional<Topic> find(String name);

    /** False where a topic was deleted, or made anew under another id. */
    boolean exists(TopicId id);

    /** False where the topic does not exist, or has no partition of this number. */
    boolean exists(PartitionId partition);

    /** A topic. */
    record Topic(TopicId id, String name, int partitionCount) {}
}
