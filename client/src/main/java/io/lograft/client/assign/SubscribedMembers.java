package io.lograft.client.assign;

import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What all assignors need to know of members: their order, and who reads a topic. Pure. */
final class SubscribedMembers {
    private SubscribedMembers() {}

    /**
     * Static members by their instance ids, then dynamic ones by their member ids. So a static member keeps its place,
     * and its partitions, under a new member id.
     */
    static List<String> staticFirst(Map<String, MemberSubscription> members) {
        Comparator<Map.Entry<String, MemberSubscription>> order = Comparator.comparing(
                        (Map.Entry<String, MemberSubscription> member) ->
                                member.getValue().instanceId().isEmpty())
                .thenComparing(member -> member.getValue().instanceId().orElse(member.getKey()))
                .thenComparing(Map.Entry::getKey);
        return members.entrySet().stream().sorted(order).map(Map.Entry::getKey).toList();
    }

    /** The members that read each topic that exists, in the order given; topics in order of their names. */
    static Map<String, List<String>> byTopic(
            Map<String, Integer> partitionCounts, Map<String, MemberSubscription> members, Collection<String> order) {
        Map<String, List<String>> byTopic = new TreeMap<>();
        for (String member : order) {
            for (String topic : members.get(member).topics()) {
                if (partitionCounts.getOrDefault(topic, 0) > 0) {
                    byTopic.computeIfAbsent(topic, t -> new ArrayList<>()).add(member);
                }
            }
        }
        return byTopic;
    }

    /** An empty list for each member. */
    static Map<String, List<TopicPartition>> nothing(Collection<String> members) {
        Map<String, List<TopicPartition>> assignment = new HashMap<>();
        members.forEach(member -> assignment.put(member, new ArrayList<>()));
        return assignment;
    }

    /** The assignment with its members and partitions in order. */
    static Map<String, List<TopicPartition>> ordered(Map<String, ? extends Collection<TopicPartition>> assignment) {
        Map<String, List<TopicPartition>> ordered = new TreeMap<>();
        assignment.forEach((member, partitions) ->
                ordered.put(member, partitions.stream().sorted().toList()));
        return ordered;
    }

    static int generation(MemberSubscription member) {
        Optional<Integer> generation = member.generation();
        return generation.orElse(-1);
    }
}
