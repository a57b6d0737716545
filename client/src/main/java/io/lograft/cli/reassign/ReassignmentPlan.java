package io.lograft.cli.reassign;

import io.lograft.client.LograftException;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * Where the replicas of partitions go, so that brokers carry the same of them: {@link ReplicaSpread}, then {@link
 * LeaderSpread}. The same input gives the same plan, and nothing changes where all is even already. Pure.
 *
 * @param current replicas in assignment order
 * @param proposed the same partitions with the replicas that they are to have
 */
record ReassignmentPlan(
        SortedMap<TopicPartition, List<Integer>> current, SortedMap<TopicPartition, List<Integer>> proposed) {

    /**
     * Plans. Throws LograftException with INVALID_REPLICATION_FACTOR where a partition would have more replicas than there
     * are brokers.
     *
     * @param replication replicas of each partition; null for as many as each has
     */
    static ReassignmentPlan of(
            SortedMap<TopicPartition, List<Integer>> current, SortedSet<Integer> brokers, Integer replication) {
        current.forEach((partition, replicas) -> {
            int count = replication == null ? replicas.size() : replication;
            if (count < 1 || count > brokers.size()) {
                throw new LograftException(
                        ErrorCode.INVALID_REPLICATION_FACTOR,
                        partition + " cannot have " + count + " replicas on " + brokers.size() + " brokers " + brokers);
            }
        });
        SortedMap<TopicPartition, List<Integer>> proposed = new ReplicaSpread(current, brokers).spread(replication);
        new LeaderSpread(proposed, brokers).evenOut();
        proposed.replaceAll((partition, replicas) -> List.copyOf(replicas));
        return new ReassignmentPlan(
                Collections.unmodifiableSortedMap(new TreeMap<>(current)), Collections.unmodifiableSortedMap(proposed));
    }

    /** The brokers that get a replica of the partition which they do not have. */
    List<Integer> added(TopicPartition partition) {
        return proposed.get(partition).stream()
                .filter(broker -> !current.get(partition).contains(broker))
                .toList();
    }
}
