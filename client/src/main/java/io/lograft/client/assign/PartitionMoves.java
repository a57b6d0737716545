package io.lograft.client.assign;

import io.lograft.model.TopicPartition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The moves made so far, each partition's as one from its first owner to its present one; tells which partition to move
 * instead where two members would swap partitions of one topic for nothing. Used for one assignment.
 */
final class PartitionMoves {
    private final Map<TopicPartition, Way> moves = new HashMap<>();
    private final Map<String, Map<Way, Set<Moved>>> byTopic = new HashMap<>();

    private record Way(String from, String to) {}

    /**
     * A partition that moved. Several may have taken one way; which of them turns back first follows from the order of
     * hash codes, which is fixed here because it shows in the result, and is Kafka's.
     */
    private record Moved(TopicPartition partition) {
        @Override
        public int hashCode() {
            return 31 * (31 + partition.partition()) + partition.topic().hashCode();
        }
    }

    /** The partition to move from one member to another in order to move this one, or one that is as good. */
    TopicPartition instead(TopicPartition partition, String from, String to) {
        Way made = moves.get(partition);
        String first = made == null ? from : made.from();
        Set<Moved> opposite =
                byTopic.getOrDefault(partition.topic(), Map.of()).getOrDefault(new Way(to, first), Set.of());
        return opposite.isEmpty() ? partition : opposite.iterator().next().partition();
    }

    /** Notes that the partition has moved. */
    void add(TopicPartition partition, String from, String to) {
        Way made = moves.remove(partition);
        if (made != null) {
            Map<Way, Set<Moved>> ways = byTopic.get(partition.topic());
            ways.get(made).remove(new Moved(partition));
            ways.values().removeIf(Set::isEmpty);
        }
        String first = made == null ? from : made.from();
        if (!first.equals(to)) {
            Way way = new Way(first, to);
            moves.put(partition, way);
            byTopic.computeIfAbsent(partition.topic(), topic -> new HashMap<>())
                    .computeIfAbsent(way, w -> new HashSet<>())
                    .add(new Moved(partition));
        }
    }
}
