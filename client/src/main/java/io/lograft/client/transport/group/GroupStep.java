package io.lograft.client.transport.group;

import io.lograft.client.core.Failure;
import io.lograft.client.core.group.CommitPoint;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;
import java.util.Map;
import java.util.Set;

/** What the application's thread has to do about its partitions, one after the other. */
public sealed interface GroupStep {

    /**
     * Where to begin.
     *
     * @param committed null where the group has committed nothing
     */
    record Start(PartitionId id, CommitPoint committed) {}

    /** Read these, too. */
    record Assigned(Map<TopicPartition, Start> partitions) implements GroupStep {}

    /** Read these no more, commit, and say so by {@link GroupRuntime#gaveUp}. */
    record Revoked(long stay, Set<PartitionId> partitions) implements GroupStep {}

    /** Read these no more; others may do so already. */
    record Lost(Set<PartitionId> partitions) implements GroupStep {}

    /** The membership is over until the application subscribes again. */
    record Failed(Failure failure) implements GroupStep {}
}
