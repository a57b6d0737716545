package io.lograft.client.transport.group;

import io.lograft.client.core.Failure;
import io.lograft.client.core.group.CommitPoint;
import io.lograft.client.core.group.GroupEffect;
import io.lograft.client.core.group.GroupEvent;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.CommitOffsetsRequest;
import io.lograft.proto.v1.CommitOffsetsResponse;
import io.lograft.proto.v1.CommittedOffset;
import io.lograft.proto.v1.ConsumerHeartbeatRequest;
import io.lograft.proto.v1.ConsumerHeartbeatResponse;
import io.lograft.proto.v1.FetchOffsetsResponse;
import io.lograft.proto.v1.TopicPartitions;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.WireBytes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Messages of the group service from and to what the core knows. */
final class GroupWire {
    private GroupWire() {}

    static ConsumerHeartbeatRequest heartbeat(GroupSettings settings, String memberId, GroupEffect.Send send) {
        ConsumerHeartbeatRequest.Builder request = ConsumerHeartbeatRequest.newBuilder()
                .setGroupId(settings.groupId())
                .setMemberId(memberId)
                .setMemberEpoch(send.memberEpoch())
                .setGroupInstanceId(settings.instanceId())
                .setSessionTimeoutMs(settings.sessionTimeoutMs())
                .setRebalanceTimeoutMs(settings.rebalanceTimeoutMs())
                .setAssignor(settings.assignor())
                .addAllTopics(send.subscription().topics())
                .setTopicPattern(send.subscription().pattern())
                .setMaxWaitMs((int) send.maxWaitMs())
                .setClientId(settings.clientId());
        partitions(send.owned()).forEach(request::addOwned);
        return request.build();
    }

    private static List<TopicPartitions> partitions(Set<PartitionId> ids) {
        Map<TopicId, TopicPartitions.Builder> byTopic = new TreeMap<>();
        for (PartitionId id : new TreeSet<>(ids)) {
            byTopic.computeIfAbsent(
                            id.topic(), topic -> TopicPartitions.newBuilder().setTopicId(WireBytes.topicId(topic)))
                    .addPartitions(id.partition());
        }
        return byTopic.values().stream().map(TopicPartitions.Builder::build).toList();
    }

    static GroupEvent.Answered answered(long number, ConsumerHeartbeatResponse answer) {
        Set<PartitionId> assignment = new HashSet<>();
        for (TopicPartitions topic : answer.getAssignmentList()) {
            TopicId id = WireBytes.topicId(topic.getTopicId());
            topic.getPartitionsList().forEach(partition -> assignment.add(new PartitionId(id, partition)));
        }
        return new GroupEvent.Answered(number, answer.getMemberEpoch(), assignment, answer.getHeartbeatIntervalMs());
    }

    static CommitOffsetsRequest.Builder commit(String groupId, Map<PartitionId, CommitPoint> points) {
        CommitOffsetsRequest.Builder request = CommitOffsetsRequest.newBuilder().setGroupId(groupId);
        points.forEach((partition, point) -> request.addOffsets(CommittedOffset.newBuilder()
                .setTopicId(WireBytes.topicId(partition.topic()))
                .setPartition(partition.partition())
                .setOffset(point.offset())
                .setLeaderEpoch(point.leaderEpoch())
                .setMetadata(point.metadata())));
        return request;
    }

    static Map<PartitionId, Failure> refusals(CommitOffsetsResponse answer) {
        Map<PartitionId, Failure> refusals = new HashMap<>();
        for (CommittedOffset result : answer.getResultsList()) {
            if (result.hasFailure()) {
                refusals.put(
                        id(result),
                        new Failure(
                                ErrorCodes.fromProto(result.getFailure().getCode()),
                                result.getFailure().getMessage()));
            }
        }
        return refusals;
    }

    static Map<PartitionId, CommitPoint> committed(FetchOffsetsResponse answer) {
        Map<PartitionId, CommitPoint> points = new HashMap<>();
        for (CommittedOffset offset : answer.getOffsetsList()) {
            points.put(id(offset), new CommitPoint(offset.getOffset(), offset.getLeaderEpoch(), offset.getMetadata()));
        }
        return points;
    }

    private static PartitionId id(CommittedOffset offset) {
        return new PartitionId(WireBytes.topicId(offset.getTopicId()), offset.getPartition());
    }
}
