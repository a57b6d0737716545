package io.lograft.client.assign;

import io.lograft.model.TopicPartition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The sticky assignment where all members read the same topics: everybody gets the quota, as many as do not come out
 * even one more, and keeps as much of what it owns as fits. Used for one assignment.
 */
final class EqualSubscriptions {
    private static final Comparator<TopicPartition> KEPT_FIRST =
            Comparator.comparingInt(TopicPartition::partition).thenComparing(TopicPartition::topic);

    private final Map<String, Integer> partitionCounts;
    private final StickyClaims claims;
    private final int quota;
    /** So many members get one partition more than the quota. */
    private final int largerShares;

    private final Map<String, List<TopicPartition>> assignment = new HashMap<>();
    private final Set<TopicPartition> assigned = new HashSet<>();
    private final List<String> belowQuota = new ArrayList<>();
    private final List<String> atQuota = new ArrayList<>();
    private int larger;

    /** An assignment of these topics, all of which all members read. */
    EqualSubscriptions(Map<String, Integer> partitionCounts, StickyClaims claims) {
        this.partitionCounts = partitionCounts;
        this.claims = claims;
        int partitions =
                partitionCounts.values().stream().mapToInt(count -> count).sum();
        int members = claims.members().size();
        this.quota = partitions / members;
        this.largerShares = partitions % members;
    }

    /** The assignment without the partitions that somebody has to give up first. */
    Map<String, List<TopicPartition>> assign() {
        claims.members().forEach(this::keep);
        Set<TopicPartition> moving = new HashSet<>(claims.disputed());
        claims.owned().values().forEach(moving::addAll);
        moving.removeAll(assigned);
        Collections.sort(belowQuota);
        Collections.sort(atQuota);
        deal();
        assignment.values().forEach(partitions -> partitions.removeIf(moving::contains));
        return assignment;
    }

    /** What a member keeps of what it owns. */
    private void keep(String member) {
        List<TopicPartition> owned = claims.owned().get(member).stream()
                .filter(partition -> partitionCounts.containsKey(partition.topic()))
                .filter(partition -> !claims.disputed().contains(partition))
                .sorted(KEPT_FIRST)
                .toList();
        int kept = Math.min(owned.size(), quota);
        if (owned.size() < quota) {
            belowQuota.add(member);
        } else if (owned.size() > quota && larger < largerShares) {
            larger++;
            kept = quota + 1;
        } else {
            atQuota.add(member);
        }
        assignment.put(member, new ArrayList<>(owned.subList(0, kept)));
        assigned.addAll(owned.subList(0, kept));
    }

    /** Deals the others in turn to those below the quota, then one more to as many as get a larger share. */
    private void deal() {
        Deque<String> fill = new ArrayDeque<>(atQuota);
        List<String> below = new ArrayList<>(belowQuota);
        Iterator<String> turn = below.iterator();
        for (TopicPartition partition : unassigned()) {
            if (!turn.hasNext()) {
                turn = below.iterator();
            }
            boolean isFilling = turn.hasNext();
            String member = isFilling ? turn.next() : fill.remove();
            assignment.get(member).add(partition);
            if (isFilling && assignment.get(member).size() == quota) {
                turn.remove();
                fill.add(member);
            }
        }
    }

    private List<TopicPartition> unassigned() {
        List<TopicPartition> unassigned = new ArrayList<>();
        partitionCounts.keySet().stream().sorted().forEach(topic -> {
            for (int i = 0; i < partitionCounts.get(topic); i++) {
                TopicPartition partition = new TopicPartition(topic, i);
                if (!assigned.contains(partition)) {
                    unassigned.add(partition);
                }
            }
        });
        return unassigned;
    }
}
