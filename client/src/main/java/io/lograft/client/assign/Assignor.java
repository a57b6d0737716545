package io.lograft.client.assign;

import io.lograft.model.TopicPartition;
import java.util.List;
import java.util.Map;

/**
 * Decides which member of a group reads which partitions. The leader of a classic group calls it, with what all members
 * subscribed to, and sends the result to the coordinator.
 *
 * <pre>{@code
 * Map<String, List<TopicPartition>> assignment = new RangeAssignor()
 *         .assign(Map.of("orders", 6), Map.of(
 *                 "member-a", MemberSubscription.of("orders"),
 *                 "member-b", MemberSubscription.of("orders")));
 * }</pre>
 *
 * <p>Has no state; may be used by many threads at once. An implementation of one's own must give the same result for the
 * same input, as another member may be the leader the next time.
 */
public interface Assignor {

    /** The name under which members agree on it; all members of a group must offer one of the same name. */
    String name();

    /**
     * True where members go on reading through a rebalance. They tell what they own then ({@link
     * ConsumerProtocol#subscription} of version 1 or later), a partition that moves is assigned to nobody at first, and
     * whoever gave one up joins again, which assigns it. False where members give up everything before they join.
     */
    boolean isCooperative();

    /**
     * Assigns every partition of the topics that somebody subscribed to.
     *
     * @param partitionCounts of the topics that exist; others may be in it, and are ignored
     * @param members what each member subscribed to, by member id
     * @return the partitions of each member, in order of topic and number; empty lists included
     */
    Map<String, List<TopicPartition>> assign(
            Map<String, Integer> partitionCounts, Map<String, MemberSubscription> members);
}
