package io.lograft.client.assign;

import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which of the partitions that members say they own count. Where two claim one, the later generation is right; where
 * both are of one generation, which must not happen, neither is, and the partition is given out anew. Pure.
 *
 * @param owned what each member owns, as far as the topics exist; in the order of {@link #members}
 * @param disputed partitions claimed by two members of one generation
 * @param former the owner by the newest of the out-of-date claims on a partition
 */
record StickyClaims(
        List<String> members,
        Map<String, List<TopicPartition>> owned,
        Set<TopicPartition> disputed,
        Map<TopicPartition, String> former) {

    static StickyClaims of(Map<String, Integer> partitionCounts, Map<String, MemberSubscription> members) {
        // Of members that own more than their share, the first ones keep more. Kafka takes them in the order of a hash
        // table of Java, which is defined as well, so that this is the order here, too.
        Map<String, List<TopicPartition>> owned = new HashMap<>();
        Map<TopicPartition, String> owners = new HashMap<>();
        Set<TopicPartition> disputed = new HashSet<>();
        int newest = -1;
        for (Map.Entry<String, MemberSubscription> entry : members.entrySet()) {
            String member = entry.getKey();
            int generation = SubscribedMembers.generation(entry.getValue());
            newest = Math.max(newest, generation);
            owned.put(member, new ArrayList<>());
            for (TopicPartition partition : entry.getValue().owned()) {
                if (partitionCounts.getOrDefault(partition.topic(), 0) <= partition.partition()) {
                    continue;
                }
                String other = owners.get(partition);
                int othersGeneration = other == null ? -1 : SubscribedMembers.generation(members.get(other));
                if (other != null && generation == othersGeneration) {
                    disputed.add(partition);
                } else if (other == null || generation > othersGeneration) {
                    owned.get(member).add(partition);
                    owners.put(partition, member);
                    if (other != null) {
                        owned.get(other).remove(partition);
                    }
                }
            }
        }
        return new StickyClaims(List.copyOf(owned.keySet()), owned, disputed, former(members, newest));
    }

    private static Map<TopicPartition, String> former(Map<String, MemberSubscription> members, int newest) {
        Map<TopicPartition, String> former = new HashMap<>();
        Map<TopicPartition, Integer> generations = new HashMap<>();
        members.forEach((member, subscription) -> {
            int generation = SubscribedMembers.generation(subscription);
            for (TopicPartition partition : generation < newest ? subscription.owned() : List.<TopicPartition>of()) {
                if (!generations.containsKey(partition) || generation > generations.get(partition)) {
                    generations.put(partition, generation);
                    former.put(partition, member);
                }
            }
        });
        return former;
    }
}
