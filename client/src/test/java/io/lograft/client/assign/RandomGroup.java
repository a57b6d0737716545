package io.lograft.client.assign;

import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A group drawn from a seed: topics, members, and what they say they own. */
final class RandomGroup {
    final Random random;
    final Map<String, Integer> partitionCounts = new TreeMap<>();
    final Map<String, MemberSubscription> members = new LinkedHashMap<>();
    /** A topic that was deleted does not come back smaller, which Kafka's assignors fail at. */
    private final Set<String> deleted = new TreeSet<>();

    private final boolean isEqual;
    private int nextMember;

    RandomGroup(long seed, boolean isEqual) {
        this.random = new Random(seed);
        this.isEqual = isEqual;
        int topicCount = 1 + random.nextInt(6);
        for (int i = 0; i < topicCount; i++) {
            partitionCounts.put("topic-" + i, 1 + random.nextInt(random.nextBoolean() ? 4 : 30));
        }
        int memberCount = 1 + random.nextInt(random.nextBoolean() ? 4 : 40);
        Set<String> all = someTopics();
        for (int i = 0; i < memberCount; i++) {
            join(all);
        }
    }

    private void join(Set<String> all) {
        Optional<String> instance = random.nextInt(4) == 0
                ? Optional.of("instance-" + random.nextInt(10_000) + "-" + nextMember)
                : Optional.empty();
        String id = "member-" + Integer.toHexString(random.nextInt()) + "-" + nextMember++;
        members.put(id, new MemberSubscription(isEqual ? all : someTopics(), List.of(), Optional.empty(), instance));
    }

    /** Topics of which now and then one does not exist. */
    private Set<String> someTopics() {
        Set<String> topics = new TreeSet<>();
        partitionCounts.keySet().stream().filter(topic -> random.nextInt(3) > 0).forEach(topics::add);
        if (topics.isEmpty() || random.nextInt(10) == 0) {
            topics.add("missing");
        }
        return topics;
    }

    /** What an assignment of a generation gave is owned from now on. */
    void own(Map<String, List<TopicPartition>> assignment, int generation) {
        members.replaceAll((id, member) -> member.withOwned(assignment.get(id), generation));
    }

    /** Members come and go, topics come, go and grow, and now and then a subscription changes. */
    void change() {
        List<String> ids = new ArrayList<>(members.keySet());
        int leaving = random.nextInt(Math.min(3, ids.size()));
        for (int i = 0; i < leaving; i++) {
            members.remove(ids.remove(random.nextInt(ids.size())));
        }
        if (random.nextInt(3) == 0) {
            String topic = "topic-" + random.nextInt(8);
            if (!deleted.contains(topic)) {
                partitionCounts.merge(topic, 1 + random.nextInt(30), Math::max);
            }
        }
        if (random.nextInt(6) == 0 && partitionCounts.size() > 1) {
            deleted.add(partitionCounts.keySet().iterator().next());
            partitionCounts.keySet().removeAll(deleted);
        }
        if (random.nextInt(4) == 0) {
            Set<String> all = someTopics();
            members.replaceAll((id, member) -> isEqual || random.nextInt(4) == 0
                    ? new MemberSubscription(
                            isEqual ? all : someTopics(), member.owned(), member.generation(), member.instanceId())
                    : member);
        }
        int joining = random.nextInt(4);
        Set<String> all = members.isEmpty()
                ? someTopics()
                : members.values().iterator().next().topics();
        for (int i = 0; i < joining; i++) {
            join(all);
        }
        if (members.isEmpty()) {
            join(all);
        }
    }

    /** Some members missed the last generations, or claim what is not theirs. */
    void confuse(Map<String, List<TopicPartition>> former, int formerGeneration) {
        members.replaceAll((id, member) -> {
            List<TopicPartition> old = former.getOrDefault(id, List.of());
            return switch (random.nextInt(5)) {
                case 0 -> member.withOwned(old, formerGeneration);
                case 1 -> member.withOwned(distinct(member.owned(), old), formerGeneration);
                default -> member;
            };
        });
    }

    /** How many partitions somebody reads. */
    int partitionsRead() {
        return partitionCounts.entrySet().stream()
                .filter(topic -> members.values().stream()
                        .anyMatch(member -> member.topics().contains(topic.getKey())))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    /** True where everybody got partitions of topics that it reads, and no partition was given out twice. */
    boolean fits(Map<String, List<TopicPartition>> assignment) {
        Set<TopicPartition> seen = new TreeSet<>();
        return assignment.keySet().equals(members.keySet())
                && assignment.entrySet().stream()
                        .allMatch(entry -> entry.getValue().stream()
                                .allMatch(partition -> seen.add(partition)
                                        && members.get(entry.getKey()).topics().contains(partition.topic())
                                        && partition.partition() < partitionCounts.get(partition.topic())));
    }

    private static List<TopicPartition> distinct(List<TopicPartition> some, List<TopicPartition> others) {
        Set<TopicPartition> all = new TreeSet<>(some);
        all.addAll(others);
        return List.copyOf(all);
    }

    @Override
    public String toString() {
        Map<String, String> text = new HashMap<>();
        members.forEach((id, member) -> text.put(id, "\n  " + member));
        return partitionCounts + " " + text;
    }
}
