package io.lograft.client.assign;

import io.lograft.model.TopicPartition;
import java.util.List;
import java.util.Map;

/**
 * Cuts each topic by itself into ranges, one for each of its members in order; the first ones get one partition more
 * where it does not come out even. Partitions of one number of several topics go to the same member where topics have
 * equally many of them and the same members, which makes joins local. With many topics of few partitions the first
 * members have more to do. Stateless.
 */
public final class RangeAssignor implements Assignor {
    @Override
    public String name() {
        return "range";
    }

    @Override
    public boolean isCooperative() {
        return false;
    }

    @Override
    public Map<String, List<TopicPartition>> assign(
            Map<String, Integer> partitionCounts, Map<String, MemberSubscription> members) {
        List<String> order = SubscribedMembers.staticFirst(members);
        Map<String, List<TopicPartition>> assignment = SubscribedMembers.nothing(order);
        SubscribedMembers.byTopic(partitionCounts, members, order).forEach((topic, readers) -> {
            int count = partitionCounts.get(topic);
            int next = 0;
            for (int i = 0; i < readers.size(); i++) {
                int end = next + count / readers.size() + (i < count % readers.size() ? 1 : 0);
                while (next < end) {
                    assignment.get(readers.get(i)).add(new TopicPartition(topic, next++));
                }
            }
        });
        return SubscribedMembers.ordered(assignment);
    }
}
