package io.lograft.cli.reassign;

import io.lograft.client.TopicDescription;
import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * Who takes the replicas of a broker that leaves: at each place the broker that has the fewest replicas, and is not in the
 * partition. What is on its way already to brokers that can take it stays so. Pure.
 *
 * @param targets replicas in assignment order of the partitions that somebody else is found for
 * @param unplaced partitions that nobody can take
 */
record DecommissionPlan(SortedMap<TopicPartition, List<Integer>> targets, List<TopicPartition> unplaced) {

    /**
     * Plans.
     *
     * @param topics all of the cluster
     * @param takers live brokers that can take replicas; whether the leaving one is among them does not matter
     */
    static DecommissionPlan of(Collection<TopicDescription> topics, int leaving, SortedSet<Integer> takers) {
        DecommissionPlan plan = new DecommissionPlan(new TreeMap<>(), new ArrayList<>());
        Loads loads = new Loads();
        for (TopicDescription topic : topics) {
            topic.partitions().forEach(partition -> loads.add(topic.name(), partition.settledReplicas(), 1));
        }
        for (TopicDescription topic : topics) {
            for (TopicDescription.Partition partition : topic.partitions()) {
                List<Integer> leavers = leavers(partition, leaving, takers);
                if (!leavers.isEmpty()) {
                    plan.replace(
                            new TopicPartition(topic.name(), partition.number()), partition, leavers, loads, takers);
                }
            }
        }
        return plan;
    }

    /** The leaving broker; and of a partition that it is in, those that join and cannot, as they are down, say. */
    private static List<Integer> leavers(TopicDescription.Partition partition, int leaving, SortedSet<Integer> takers) {
        if (!partition.replicas().contains(leaving)
                && !partition.settledReplicas().contains(leaving)) {
            return List.of();
        }
        List<Integer> joining = partition
                .reassignment()
                .map(TopicDescription.Reassignment::joiningReplicas)
                .orElse(List.of());
        return partition.settledReplicas().stream()
                .filter(broker -> broker == leaving || (joining.contains(broker) && !takers.contains(broker)))
                .toList();
    }

    private void replace(
            TopicPartition name,
            TopicDescription.Partition partition,
            List<Integer> leavers,
            Loads loads,
            SortedSet<Integer> takers) {
        List<Integer> replicas = new ArrayList<>(partition.settledReplicas());
        for (Integer leaver : leavers) {
            Integer taker = takers.stream()
                    .filter(broker -> !leavers.contains(broker) && !replicas.contains(broker))
                    .min(loads.order(name.topic()))
                    .orElse(null);
            if (taker == null) {
                unplaced.add(name);
                return;
            }
            replicas.set(replicas.indexOf(leaver), taker);
            loads.add(name.topic(), List.of(taker), 1);
            loads.add(name.topic(), List.of(leaver), -1);
        }
        targets.put(name, List.copyOf(replicas));
    }

    /** How many replicas brokers have. */
    private static final class Loads {
        private final Map<Integer, Integer> all = new HashMap<>();
        private final Map<String, Map<Integer, Integer>> ofTopic = new HashMap<>();

        void add(String topic, List<Integer> brokers, int count) {
            for (Integer broker : brokers) {
                all.merge(broker, count, Integer::sum);
                ofTopic.computeIfAbsent(topic, name -> new HashMap<>()).merge(broker, count, Integer::sum);
            }
        }

        Comparator<Integer> order(String topic) {
            return Comparator.comparingInt((Integer broker) -> all.getOrDefault(broker, 0))
                    .thenComparingInt(broker -> ofTopic.get(topic).getOrDefault(broker, 0))
                    .thenComparing(Comparator.naturalOrder());
        }
    }
}
