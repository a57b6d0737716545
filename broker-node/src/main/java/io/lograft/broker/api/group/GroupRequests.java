package io.lograft.broker.api.group;

import io.lograft.broker.group.Bytes;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.MemberIdentity;
import io.lograft.broker.group.Subscription;
import io.lograft.broker.group.Timeouts;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.CommitOffsetsRequest;
import io.lograft.proto.v1.ConsumerHeartbeatRequest;
import io.lograft.proto.v1.HeartbeatRequest;
import io.lograft.proto.v1.JoinGroupRequest;
import io.lograft.proto.v1.LeaveGroupRequest;
import io.lograft.proto.v1.SyncGroupRequest;
import io.lograft.proto.v1.TopicPartitions;
import io.lograft.wire.WireBytes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Messages as requests. All throw IllegalArgumentException with the reason where a message is malformed. */
final class GroupRequests {
    private static final int MEMBER_TEXT_MAX = 255;
    /** The coordinator itself makes ids of the client's name and 37 characters. */
    private static final int MEMBER_ID_MAX = MEMBER_TEXT_MAX + 37;

    private static final int PARTITIONS_MAX = 100_000;

    private GroupRequests() {}

    static GroupRequest.ConsumerHeartbeat of(ConsumerHeartbeatRequest message, String clientHost) {
        return new GroupRequest.ConsumerHeartbeat(
                message.getGroupId(),
                identity(message.getMemberId(), message.getGroupInstanceId(), message.getClientId(), clientHost),
                message.getMemberEpoch(),
                new Timeouts(message.getSessionTimeoutMs(), message.getRebalanceTimeoutMs()),
                new Subscription(message.getAssignor(), message.getTopicsList(), message.getTopicPattern()),
                partitions(message.getOwnedList()),
                Math.max(0, message.getMaxWaitMs()));
    }

    private static MemberIdentity identity(String memberId, String instanceId, String clientId, String clientHost) {
        checkLength("member_id", memberId, MEMBER_ID_MAX);
        checkLength("group_instance_id", instanceId, MEMBER_TEXT_MAX);
        checkLength("client_id", clientId, MEMBER_TEXT_MAX);
        return new MemberIdentity(memberId, instanceId, clientId, clientHost);
    }

    private static void checkLength(String field, String text, int max) {
        if (text.length() > max) {
            throw new IllegalArgumentException(
                    field + " has " + text.length() + " characters, at most " + max + " are allowed");
        }
    }

    private static Set<PartitionId> partitions(List<TopicPartitions> topics) {
        Set<PartitionId> partitions = new HashSet<>();
        for (TopicPartitions topic : topics) {
            TopicId id = WireBytes.topicId(topic.getTopicId());
            for (int partition : topic.getPartitionsList()) {
                partitions.add(new PartitionId(id, partition));
            }
        }
        checkCount(partitions.size());
        return partitions;
    }

    private static void checkCount(int partitionCount) {
        if (partitionCount > PARTITIONS_MAX) {
            throw new IllegalArgumentException(
                    partitionCount + " partitions in one request, at most " + PARTITIONS_MAX + " are allowed");
        }
    }

    static GroupRequest.Join of(JoinGroupRequest message, String clientHost) {
        return new GroupRequest.Join(
                message.getGroupId(),
                identity(message.getMemberId(), message.getGroupInstanceId(), message.getClientId(), clientHost),
                new Timeouts(message.getSessionTimeoutMs(), message.getRebalanceTimeoutMs()),
                message.getProtocolType(),
                message.getProtocolsList().stream()
                        .map(protocol -> new GroupRequest.Protocol(
                                protocol.getName(),
                                Bytes.of(protocol.getMetadata().toByteArray())))
                        .toList());
    }

    static GroupRequest.Sync of(SyncGroupRequest message) {
        return new GroupRequest.Sync(
                message.getGroupId(),
                new GroupRequest.MemberRef(
                        message.getMemberId(), message.getGroupInstanceId(), message.getGenerationId()),
                message.getAssignmentsList().stream()
                        .map(assignment -> new GroupRequest.Assignment(
                                assignment.getMemberId(),
                                Bytes.of(assignment.getAssignment().toByteArray())))
                        .toList());
    }

    static GroupRequest.Heartbeat of(HeartbeatRequest message) {
        return new GroupRequest.Heartbeat(
                message.getGroupId(),
                new GroupRequest.MemberRef(
                        message.getMemberId(), message.getGroupInstanceId(), message.getGenerationId()));
    }

    static GroupRequest.Leave of(LeaveGroupRequest message) {
        return new GroupRequest.Leave(
                message.getGroupId(),
                new GroupRequest.MemberRef(message.getMemberId(), message.getGroupInstanceId(), -1));
    }

    static GroupRequest.CommitOffsets of(CommitOffsetsRequest message) {
        checkCount(message.getOffsetsCount());
        return new GroupRequest.CommitOffsets(
                message.getGroupId(),
                new GroupRequest.MemberRef(
                        message.getMemberId(), message.getGroupInstanceId(), message.getGenerationId()),
                message.getOffsetsList().stream()
                        .map(offset -> new GroupRequest.OffsetCommit(
                                new PartitionId(WireBytes.topicId(offset.getTopicId()), offset.getPartition()),
                                offset.getOffset(),
                                offset.hasLeaderEpoch() ? offset.getLeaderEpoch() : -1,
                                offset.getMetadata()))
                        .toList());
    }
}
