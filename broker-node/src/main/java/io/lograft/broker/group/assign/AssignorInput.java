package io.lograft.broker.group.assign;

import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * Who reads what.
 *
 * @param members by member id
 * @param partitionCounts of the topics that members read, all of them
 */
public record AssignorInput(SortedMap<String, Member> members, SortedMap<TopicId, Integer> partitionCounts) {

    /**
     * A member.
     *
     * @param instanceId empty for a dynamic member
     * @param topics those that it reads and that exist
     * @param held partitions that it holds now, also such that it reads no more; no two members hold the same
     */
    public record Member(String instanceId, SortedSet<TopicId> topics, SortedSet<PartitionId> held) {}
}
