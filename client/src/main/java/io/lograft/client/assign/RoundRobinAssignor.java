package io.lograft.client.assign;

import io.lograft.model.TopicPartition;
import java.util.List;
import java.util.Map;

/**
 * Deals the partitions of all topics to the members in turn, passing over members that do not read the topic. Even where
 * all members read the same topics; a change of members moves almost everything. Stateless.
 */
public final class RoundRobinAssignor implements Assignor {
    @Override
    public String name() {
        return "roundrobin";
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
        int turn = 0;
        for (String topic :
                SubscribedMembers.byTopic(partitionCounts, members, order).keySet()) {
            for (int partition = 0; partition < partitionCounts.get(topic); partition++) {
                while (!members.get(order.get(turn)).topics().contains(topic)) {
                    turn = (turn + 1) % order.size();
                }
                assignment.get(order.get(turn)).add(new TopicPartition(topic, partition));
                turn = (turn + 1) % order.size();
            }
        }
        return SubscribedMembers.ordered(assignment);
    }
}
