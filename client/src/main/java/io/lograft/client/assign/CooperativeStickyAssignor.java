package io.lograft.client.assign;

import io.lograft.model.TopicPartition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * As even as it can be, and as few moves as possible. Incremental: a partition that is to move is first taken from its
 * owner, which reads on all others meanwhile, and joins again once it has given the partition up; only then the new owner
 * gets it.
 *
 * <p>The result is that of Kafka's assignor of this name, for equal and for unequal subscriptions, but for three cases in
 * which that one fails or gives out what it must not: a member told of a partition under an earlier generation and does
 * not read that topic any more; a topic came back with fewer partitions; there is no member. Racks of members and
 * replicas are not looked at. Stateless.
 */
public final class CooperativeStickyAssignor implements Assignor {
    @Override
    public String name() {
        return "cooperative-sticky";
    }

    @Override
    public boolean isCooperative() {
        return true;
    }

    @Override
    public Map<String, List<TopicPartition>> assign(
            Map<String, Integer> partitionCounts, Map<String, MemberSubscription> members) {
        if (members.isEmpty()) {
            return Map.of();
        }
        StickyClaims claims = StickyClaims.of(partitionCounts, members);
        Map<String, List<String>> readers = SubscribedMembers.byTopic(partitionCounts, members, members.keySet());
        Map<String, Integer> counts = new HashMap<>();
        readers.keySet().forEach(topic -> counts.put(topic, partitionCounts.get(topic)));
        boolean isEqual = members.values().stream()
                        .map(MemberSubscription::topics)
                        .distinct()
                        .count()
                == 1;
        return SubscribedMembers.ordered(
                isEqual
                        ? new EqualSubscriptions(counts, claims).assign()
                        : withoutMoving(new UnequalSubscriptions(counts, readers, claims).assign(), members));
    }

    /** Takes out partitions that a member did not have and another one says it still owns. */
    private static Map<String, Set<TopicPartition>> withoutMoving(
            Map<String, Set<TopicPartition>> assignment, Map<String, MemberSubscription> members) {
        Set<TopicPartition> revoked = new HashSet<>();
        members.forEach((member, subscription) -> subscription.owned().stream()
                .filter(partition -> !assignment.get(member).contains(partition))
                .forEach(revoked::add));
        assignment.forEach((member, partitions) -> {
            Set<TopicPartition> owned = Set.copyOf(members.get(member).owned());
            partitions.removeIf(partition -> revoked.contains(partition) && !owned.contains(partition));
        });
        return assignment;
    }
}
