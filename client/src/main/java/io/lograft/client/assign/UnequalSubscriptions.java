package io.lograft.client.assign;

import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The sticky assignment where members read different topics: everybody keeps what it owns and still reads, what is left
 * goes to whoever has least, and then partitions move one by one from members that have more to members that have less,
 * until no move makes it more even. Each such move brings two members' counts closer together, so that there is an end.
 * Used for one assignment.
 */
final class UnequalSubscriptions {
    private final Map<String, Integer> partitionCounts;
    private final Map<String, List<String>> readers;
    private final Map<String, List<String>> topicsOf = new HashMap<>();
    private final Map<TopicPartition, String> former;
    private final Map<TopicPartition, String> owners = new HashMap<>();
    private final PartitionMoves moves = new PartitionMoves();
    private final List<TopicPartition> all = new ArrayList<>();
    private Map<String, Set<TopicPartition>> current = new HashMap<>();
    private final TreeSet<String> leastFirst = new TreeSet<>(
            Comparator.comparingInt((String member) -> current.get(member).size())
                    .thenComparing(Comparator.naturalOrder()));
    private boolean isRevoking;

    /**
     * An assignment.
     *
     * @param readers the members that read each topic; topics without partitions or members are not in it
     */
    UnequalSubscriptions(Map<String, Integer> partitionCounts, Map<String, List<String>> readers, StickyClaims claims) {
        this.partitionCounts = partitionCounts;
        this.readers = readers;
        this.former = claims.former();
        claims.members().forEach(member -> {
            topicsOf.put(member, new ArrayList<>());
            current.put(member, new HashSet<>());
        });
        Comparator<String> fewestReadersFirst =
                Comparator.comparingInt((String topic) -> readers.get(topic).size());
        readers.keySet().stream()
                .sorted(fewestReadersFirst.thenComparing(Comparator.naturalOrder()))
                .forEach(topic -> {
                    readers.get(topic).forEach(member -> topicsOf.get(member).add(topic));
                    for (int i = 0; i < partitionCounts.get(topic); i++) {
                        all.add(new TopicPartition(topic, i));
                    }
                });
        claims.owned().forEach((member, partitions) -> keep(member, partitions, claims.disputed()));
        leastFirst.addAll(claims.members());
    }

    private void keep(String member, List<TopicPartition> partitions, Set<TopicPartition> disputed) {
        for (TopicPartition partition : partitions) {
            if (!topicsOf.get(member).contains(partition.topic())) {
                isRevoking = true;
            } else if (!disputed.contains(partition)) {
                owners.put(partition, member);
                current.get(member).add(partition);
            }
        }
    }

    Map<String, Set<TopicPartition>> assign() {
        boolean isFresh = current.get(leastFirst.last()).isEmpty();
        List<TopicPartition> unassigned =
                all.stream().filter(partition -> !owners.containsKey(partition)).toList();
        unassigned.forEach(partition -> give(partition, least(partition.topic())));

        Map<String, Set<TopicPartition>> settled = new HashMap<>();
        for (String member : List.copyOf(topicsOf.keySet())) {
            if (!canChange(member)) {
                leastFirst.remove(member);
                settled.put(member, current.remove(member));
            }
        }
        Map<String, Set<TopicPartition>> before = copy(current);
        if (!isRevoking) {
            // Partitions that nobody owned cost nothing to move.
            balance(unassigned.stream().filter(this::canMove).toList());
        }
        boolean isChanged = balance(all.stream().filter(this::canMove).toList());
        if (!isFresh && isChanged && imbalance(current) >= imbalance(before)) {
            current = before;
        }
        current.putAll(settled);
        return current;
    }

    private String least(String topic) {
        return leastFirst.stream()
                .filter(member -> topicsOf.get(member).contains(topic))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("topic " + topic + " has no member left"));
    }

    private void give(TopicPartition partition, String member) {
        leastFirst.remove(member);
        current.get(member).add(partition);
        owners.put(partition, member);
        leastFirst.add(member);
    }

    private boolean canMove(TopicPartition partition) {
        return readers.get(partition.topic()).size() > 1;
    }

    /** Whether a member may still get something, or lose something. */
    private boolean canChange(String member) {
        return current.get(member).size() < partitionsOf(member)
                || current.get(member).stream().anyMatch(this::canMove);
    }

    private int partitionsOf(String member) {
        return topicsOf.get(member).stream().mapToInt(partitionCounts::get).sum();
    }

    /** Moves of these partitions those that make it more even; true if there was one. */
    private boolean balance(List<TopicPartition> movable) {
        boolean isChanged = false;
        boolean isMoving = true;
        while (isMoving) {
            isMoving = false;
            for (TopicPartition partition : movable) {
                if (isBalanced()) {
                    break;
                }
                String to = better(partition);
                if (to != null) {
                    move(partition, to);
                    isChanged = true;
                    isMoving = true;
                }
            }
        }
        return isChanged;
    }

    /** Who is to have a partition instead of its owner: its former one if that has less, else who has least; or null. */
    private String better(TopicPartition partition) {
        int present = current.get(owners.get(partition)).size();
        String returning = former.get(partition);
        if (returning != null && isSmaller(returning, partition.topic(), present)) {
            return returning;
        }
        boolean isMoving = readers.get(partition.topic()).stream()
                .anyMatch(member -> isSmaller(member, partition.topic(), present));
        return isMoving ? least(partition.topic()) : null;
    }

    private boolean isSmaller(String member, String topic, int present) {
        return current.containsKey(member)
                && topicsOf.get(member).contains(topic)
                && present > current.get(member).size() + 1;
    }

    private void move(TopicPartition wanted, String to) {
        String from = owners.get(wanted);
        TopicPartition partition = moves.instead(wanted, from, to);
        String owner = owners.get(partition);
        leastFirst.remove(owner);
        current.get(owner).remove(partition);
        leastFirst.add(owner);
        moves.add(partition, owner, to);
        give(partition, to);
    }

    /** True where counts differ by one at most, or nobody can get a partition of somebody who has more. */
    private boolean isBalanced() {
        int least = current.get(leastFirst.first()).size();
        int most = current.get(leastFirst.last()).size();
        return least >= most - 1 || leastFirst.stream().noneMatch(this::canGain);
    }

    private boolean canGain(String member) {
        int count = current.get(member).size();
        return topicsOf.get(member).stream().anyMatch(topic -> {
            for (int i = 0; i < partitionCounts.get(topic); i++) {
                String owner = owners.get(new TopicPartition(topic, i));
                if (!owner.equals(member)
                        && current.containsKey(owner)
                        && current.get(owner).size() > count) {
                    return true;
                }
            }
            return false;
        });
    }

    private static Map<String, Set<TopicPartition>> copy(Map<String, Set<TopicPartition>> assignment) {
        Map<String, Set<TopicPartition>> copy = new HashMap<>();
        assignment.forEach((member, partitions) -> copy.put(member, new HashSet<>(partitions)));
        return copy;
    }

    /** The sum of the differences between all members' counts; 0 is even. */
    private static long imbalance(Map<String, Set<TopicPartition>> assignment) {
        List<Integer> counts = assignment.values().stream().map(Set::size).toList();
        long sum = 0;
        for (int i = 0; i < counts.size(); i++) {
            for (int j = i + 1; j < counts.size(); j++) {
                sum += Math.abs(counts.get(i) - counts.get(j));
            }
        }
        return sum;
    }
}
