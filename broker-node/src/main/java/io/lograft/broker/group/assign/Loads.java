package io.lograft.broker.group.assign;

import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What each member has so far, while an assignment is made. Begins with what it holds and still reads. */
final class Loads {
    private final List<Load> all = new ArrayList<>();
    private final Map<TopicId, List<Load>> readers = new TreeMap<>();

    /** Of one member. */
    static final class Load {
        final String id;
        final SortedSet<PartitionId> held;
        private final TreeMap<TopicId, TreeSet<PartitionId>> byTopic = new TreeMap<>();
        private int size;
        /** For {@link LoadBalance}: the search that met this member last, and how it came here. */
        int metInSearch;

        Load metFrom;
        TopicId metBy;

        Load(String id, SortedSet<PartitionId> held) {
            this.id = id;
            this.held = held;
        }

        int size() {
            return size;
        }

        /** Topics of which it has partitions. */
        List<TopicId> topics() {
            return List.copyOf(byTopic.keySet());
        }

        SortedSet<PartitionId> partitions() {
            SortedSet<PartitionId> partitions = new TreeSet<>();
            byTopic.values().forEach(own -> partitions.addAll(own));
            return partitions;
        }

        void add(PartitionId partition) {
            if (!byTopic.computeIfAbsent(partition.topic(), topic -> new TreeSet<>())
                    .add(partition)) {
                throw new IllegalStateException("member " + id + " has " + partition + " twice");
            }
            size++;
        }

        /** Gives one of a topic away: best one that the other held before, then one that this member did not hold. */
        void giveOne(TopicId topic, Load other) {
            TreeSet<PartitionId> candidates = byTopic.get(topic);
            PartitionId given = candidates.last();
            int rank = rank(given, other);
            for (PartitionId candidate : candidates.descendingSet()) {
                if (rank == 0) {
                    break;
                }
                if (rank(candidate, other) < rank) {
                    given = candidate;
                    rank = rank(candidate, other);
                }
            }
            candidates.remove(given);
            if (candidates.isEmpty()) {
                byTopic.remove(topic);
            }
            size--;
            other.add(given);
        }

        private int rank(PartitionId partition, Load other) {
            if (other.held.contains(partition)) {
                return 0;
            }
            return held.contains(partition) ? 2 : 1;
        }
    }

    Loads(AssignorInput input) {
        SortedMap<TopicId, Integer> counts = input.partitionCounts();
        input.members().forEach((id, member) -> {
            Load load = new Load(id, member.held());
            all.add(load);
            member.topics()
                    .forEach(topic -> readers.computeIfAbsent(topic, any -> new ArrayList<>())
                            .add(load));
            for (PartitionId partition : member.held()) {
                if (member.topics().contains(partition.topic())
                        && partition.partition() < counts.get(partition.topic())) {
                    load.add(partition);
                }
            }
        });
    }

    /** In the order of their ids. */
    List<Load> all() {
        return all;
    }

    /** Those who read a topic. */
    List<Load> readers(TopicId topic) {
        return readers.getOrDefault(topic, List.of());
    }
}
