package io.lograft.client.group;

import io.lograft.client.LograftException;
import io.lograft.client.assign.ConsumerProtocol;
import io.lograft.client.core.ClusterView;
import io.lograft.client.transport.OffsetLookup;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.GroupDescription;
import io.lograft.proto.v1.MemberDescription;
import io.lograft.proto.v1.OwnedPartition;
import io.lograft.wire.WireBytes;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which partitions a group has to do with: those that it committed in, and those that members own, by name. Pure.
 *
 * @param owners in order
 */
record GroupProgress(Map<TopicPartition, Long> committed, Map<TopicPartition, Owner> owners) {
    private static final String CONSUMERS = "consumer";

    /**
     * Who owns a partition.
     *
     * @param sinceMs -1 where it is not known
     */
    record Owner(String memberId, long sinceMs) {}

    /** Of a group with these offsets; owned partitions of topics that were deleted are left out. */
    static GroupProgress of(GroupDescription group, Map<TopicPartition, Long> committed, ClusterView view) {
        Map<TopicPartition, Owner> owners = new TreeMap<>();
        for (MemberDescription member : group.getMembersList()) {
            for (OwnedPartition owned : member.getOwnedList()) {
                view.topic(WireBytes.topicId(owned.getTopicId()))
                        .ifPresent(topic -> owners.put(
                                new TopicPartition(topic.name(), owned.getPartition()),
                                new Owner(member.getMemberId(), owned.getOwnedSinceMs())));
            }
            if (isAssignedByMembers(group)) {
                assigned(member).forEach(partition -> owners.put(partition, new Owner(member.getMemberId(), -1)));
            }
        }
        return new GroupProgress(committed, owners);
    }

    /** Others may use the classic protocol with bytes of their own. */
    private static boolean isAssignedByMembers(GroupDescription group) {
        return group.getKind().equals("classic") && group.getProtocolType().equals(CONSUMERS);
    }

    private static Iterable<TopicPartition> assigned(MemberDescription member) {
        try {
            return ConsumerProtocol.assignment(member.getAssignment().toByteArray());
        } catch (IllegalArgumentException e) {
            throw new LograftException(
                    ErrorCode.INTERNAL, "the assignment of member " + member.getMemberId() + ": " + e.getMessage(), e);
        }
    }

    /** All of them, in order. */
    TreeSet<TopicPartition> partitions() {
        TreeSet<TopicPartition> all = new TreeSet<>(committed.keySet());
        all.addAll(owners.keySet());
        return all;
    }

    /** The committed offsets that are below the ends. */
    Map<TopicPartition, Long> behind(Map<TopicPartition, OffsetLookup.Answer> ends) {
        Map<TopicPartition, Long> behind = new HashMap<>();
        committed.forEach((partition, offset) -> {
            OffsetLookup.Answer end = ends.get(partition);
            if (end != null && end.offset() > offset) {
                behind.put(partition, offset);
            }
        });
        return behind;
    }

    /** The topic of a partition that exists; throws with UNKNOWN_TOPIC or UNKNOWN_PARTITION for another. */
    static ClusterView.Topic topic(ClusterView view, TopicPartition partition) {
        ClusterView.Topic topic = view.topic(partition.topic())
                .orElseThrow(
                        () -> new LograftException(ErrorCode.UNKNOWN_TOPIC, "no topic '" + partition.topic() + "'"));
        if (partition.partition() >= topic.partitions().size()) {
            throw new LograftException(
                    ErrorCode.UNKNOWN_PARTITION,
                    "topic '" + partition.topic() + "' has "
                            + topic.partitions().size() + " partitions, no " + partition.partition());
        }
        return topic;
    }
}
