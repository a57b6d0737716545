package io.lograft.cli.reassign;

import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * Spreads replicas over brokers: of each topic, and of all together, no broker has more than one replica more than another.
 * What need not move for that stays where it is, also in the order of its partition. Pure; for one use.
 *
 * <p>Why the loops end where they should: a broker with two replicas of a topic more than another has one in a partition
 * that the other is not in; and where topics are even, a broker with two more in all has one more in some topic.
 */
final class ReplicaSpread {
    private static final int NOBODY = -1;

    private final SortedMap<TopicPartition, List<Integer>> current;
    private final SortedSet<Integer> brokers;
    private final SortedMap<TopicPartition, List<Integer>> spread = new TreeMap<>();
    private final SortedMap<String, List<TopicPartition>> partitions = new TreeMap<>();
    private final Map<Integer, Integer> replicas = new HashMap<>();
    private final Map<String, Map<Integer, Integer>> replicasOfTopic = new HashMap<>();

    ReplicaSpread(SortedMap<TopicPartition, List<Integer>> current, SortedSet<Integer> brokers) {
        this.current = current;
        this.brokers = brokers;
        current.keySet()
                .forEach(partition -> partitions
                        .computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                        .add(partition));
    }

    /**
     * The new replicas of each partition.
     *
     * @param replication how many each has; null for as many as now, of which there must not be more than brokers
     */
    SortedMap<TopicPartition, List<Integer>> spread(Integer replication) {
        current.forEach((partition, now) -> keep(partition, now, replication == null ? now.size() : replication));
        current.forEach((partition, now) -> shrink(partition, replication == null ? now.size() : replication));
        spread.keySet().forEach(this::fill);
        partitions.keySet().forEach(this::evenOut);
        evenOutAll();
        return spread;
    }

    /** Leaves places for those that may not stay, as far as there are too few others. */
    private void keep(TopicPartition partition, List<Integer> now, int count) {
        List<Integer> places = new ArrayList<>();
        now.forEach(broker -> places.add(brokers.contains(broker) ? broker : NOBODY));
        while (places.size() > count && places.contains(NOBODY)) {
            places.remove(/* index */ places.lastIndexOf(NOBODY));
        }
        places.addAll(Collections.nCopies(Math.max(0, count - places.size()), NOBODY));
        spread.put(partition, places);
        places.stream().filter(broker -> broker != NOBODY).forEach(broker -> count(partition, broker, 1));
    }

    /** Takes replicas from where most are; the first, which leads, is not among them. */
    private void shrink(TopicPartition partition, int count) {
        List<Integer> places = spread.get(partition);
        while (places.size() > count) {
            Integer dropped = places.stream()
                    .skip(1)
                    .max(byLoad(partition.topic()).thenComparingInt(places::indexOf))
                    .orElseThrow();
            places.remove(/* element */ dropped);
            count(partition, dropped, -1);
        }
    }

    private void fill(TopicPartition partition) {
        List<Integer> places = spread.get(partition);
        while (places.contains(NOBODY)) {
            Integer added = brokers.stream()
                    .filter(broker -> !places.contains(broker))
                    .min(byLoad(partition.topic()))
                    .orElseThrow(() -> new IllegalArgumentException(
                            partition + " gets " + places.size() + " replicas on brokers " + brokers));
            places.set(places.indexOf(NOBODY), added);
            count(partition, added, 1);
        }
    }

    private void evenOut(String topic) {
        while (true) {
            int from = Collections.max(brokers, byLoad(topic));
            int to = Collections.min(brokers, byLoad(topic));
            if (load(topic, from) - load(topic, to) < 2) {
                return;
            }
            move(topic, from, to);
        }
    }

    private void evenOutAll() {
        Comparator<Integer> byAll = Comparator.comparingInt((Integer broker) -> load(broker))
                .thenComparing(Comparator.<Integer>naturalOrder());
        while (true) {
            int from = Collections.max(brokers, byAll);
            int to = Collections.min(brokers, byAll);
            if (load(from) - load(to) < 2) {
                return;
            }
            String topic = partitions.keySet().stream()
                    .filter(candidate -> load(candidate, from) > load(candidate, to))
                    .findFirst()
                    .orElseThrow();
            move(topic, from, to);
        }
    }

    /** Moves a replica of the topic: best one that moves anyway, or comes home, or does not lead. */
    private void move(String topic, Integer from, Integer to) {
        TopicPartition chosen = partitions.get(topic).stream()
                .filter(partition -> spread.get(partition).contains(from)
                        && !spread.get(partition).contains(to))
                .min(Comparator.<TopicPartition, Boolean>comparing(
                                partition -> current.get(partition).contains(from))
                        .thenComparing(partition -> !current.get(partition).contains(to))
                        .thenComparing(partition -> spread.get(partition).get(0).equals(from))
                        .thenComparingInt(TopicPartition::partition))
                .orElseThrow();
        List<Integer> places = spread.get(chosen);
        places.set(places.indexOf(from), to);
        count(chosen, from, -1);
        count(chosen, to, 1);
    }

    private Comparator<Integer> byLoad(String topic) {
        return Comparator.comparingInt((Integer broker) -> load(topic, broker))
                .thenComparingInt(broker -> load(broker))
                .thenComparing(Comparator.naturalOrder());
    }

    private int load(Integer broker) {
        return replicas.getOrDefault(broker, 0);
    }

    private int load(String topic, Integer broker) {
        return replicasOfTopic.getOrDefault(topic, Map.of()).getOrDefault(broker, 0);
    }

    private void count(TopicPartition partition, Integer broker, int more) {
        replicas.merge(broker, more, Integer::sum);
        replicasOfTopic
                .computeIfAbsent(partition.topic(), topic -> new HashMap<>())
                .merge(broker, more, Integer::sum);
    }
}
