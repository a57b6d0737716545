package io.lograft.broker.api.group;

import com.google.protobuf.ByteString;
import io.lograft.broker.api.Failures;
import io.lograft.broker.group.Bytes;
import io.lograft.broker.group.CommittedOffset;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupRequest;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.BrokerEndpoint;
import io.lograft.proto.v1.CommitOffsetsResponse;
import io.lograft.proto.v1.ConsumerHeartbeatResponse;
import io.lograft.proto.v1.FetchOffsetsResponse;
import io.lograft.proto.v1.GroupDescription;
import io.lograft.proto.v1.GroupMember;
import io.lograft.proto.v1.GroupSummary;
import io.lograft.proto.v1.JoinGroupResponse;
import io.lograft.proto.v1.MemberDescription;
import io.lograft.proto.v1.OwnedPartition;
import io.lograft.proto.v1.SyncGroupResponse;
import io.lograft.proto.v1.TopicPartitions;
import io.lograft.wire.WireBytes;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Replies as messages. */
final class GroupResponses {
    private GroupResponses() {}

    static ConsumerHeartbeatResponse heartbeat(GroupReply reply) {
        if (!(reply instanceof GroupReply.Assigned assigned)) {
            return ConsumerHeartbeatResponse.getDefaultInstance();
        }
        return ConsumerHeartbeatResponse.newBuilder()
                .setMemberEpoch(assigned.memberEpoch())
                .addAllAssignment(byTopic(assigned.assignment()))
                .setHeartbeatIntervalMs(assigned.heartbeatIntervalMs())
                .build();
    }

    private static Iterable<TopicPartitions> byTopic(Set<PartitionId> partitions) {
        Map<TopicId, TopicPartitions.Builder> topics = new TreeMap<>();
        for (PartitionId partition : new TreeSet<>(partitions)) {
            topics.computeIfAbsent(
                            partition.topic(),
                            id -> TopicPartitions.newBuilder().setTopicId(WireBytes.topicId(id)))
                    .addPartitions(partition.partition());
        }
        return topics.values().stream().map(TopicPartitions.Builder::build).toList();
    }

    static JoinGroupResponse joined(GroupReply reply) {
        GroupReply.Joined joined = (GroupReply.Joined) reply;
        JoinGroupResponse.Builder response = JoinGroupResponse.newBuilder()
                .setGenerationId(joined.generationId())
                .setProtocolName(joined.protocolName())
                .setLeaderId(joined.leaderId())
                .setMemberId(joined.memberId())
                .setSkipAssignment(joined.skipsAssignment());
        for (GroupReply.JoinedMember member : joined.members()) {
            response.addMembers(GroupMember.newBuilder()
                    .setMemberId(member.memberId())
                    .setGroupInstanceId(member.instanceId())
                    .setMetadata(bytes(member.metadata())));
        }
        return response.build();
    }

    static SyncGroupResponse synced(GroupReply reply) {
        return SyncGroupResponse.newBuilder()
                .setAssignment(bytes(((GroupReply.Synced) reply).assignment()))
                .build();
    }

    private static ByteString bytes(Bytes bytes) {
        return ByteString.copyFrom(bytes.toArray());
    }

    static CommitOffsetsResponse committed(GroupRequest.CommitOffsets request, GroupReply reply) {
        CommitOffsetsResponse.Builder response = CommitOffsetsResponse.newBuilder();
        int index = 0;
        for (GroupReply.CommitResult result : ((GroupReply.Committed) reply).results()) {
            io.lograft.proto.v1.CommittedOffset.Builder told = io.lograft.proto.v1.CommittedOffset.newBuilder()
                    .setTopicId(WireBytes.topicId(result.partition().topic()))
                    .setPartition(result.partition().partition())
                    .setOffset(request.offsets().get(index++).offset());
            if (result.code() != ErrorCode.NONE) {
                told.setFailure(Failures.of(result.code(), result.message()));
            }
            response.addResults(told);
        }
        return response.build();
    }

    static FetchOffsetsResponse offsets(GroupReply reply) {
        FetchOffsetsResponse.Builder response = FetchOffsetsResponse.newBuilder();
        ((GroupReply.Offsets) reply)
                .offsets()
                .forEach((partition, offset) -> response.addOffsets(message(partition, offset)));
        return response.build();
    }

    private static io.lograft.proto.v1.CommittedOffset message(PartitionId partition, CommittedOffset offset) {
        return io.lograft.proto.v1.CommittedOffset.newBuilder()
                .setTopicId(WireBytes.topicId(partition.topic()))
                .setPartition(partition.partition())
                .setOffset(offset.offset())
                .setLeaderEpoch(offset.leaderEpoch())
                .setMetadata(offset.metadata())
                .setCommittedAtMs(offset.committedAtMs())
                .build();
    }

    static GroupSummary summary(io.lograft.broker.group.GroupDescription group) {
        return GroupSummary.newBuilder()
                .setGroupId(group.groupId())
                .setState(group.state())
                .setMemberCount(group.members().size())
                .setKind(group.kind().toString())
                .build();
    }

    /** What there is to say about a group, or why it is not said. */
    static GroupDescription description(String groupId, GroupReply reply, BrokerEndpoint coordinator) {
        GroupDescription.Builder description = GroupDescription.newBuilder().setGroupId(groupId);
        switch (reply) {
            case GroupReply.Described described -> {
                io.lograft.broker.group.GroupDescription group = described.description();
                description
                        .setState(group.state())
                        .setCoordinator(coordinator)
                        .setGenerationId(group.generation())
                        .setProtocolName(group.protocolName())
                        .setProtocolType(group.protocolType())
                        .setKind(group.kind().toString());
                group.members().forEach(member -> description.addMembers(member(member)));
            }
            case GroupReply.Refused refused -> description.setFailure(Failures.of(refused.code(), refused.message()));
            default -> description.setCoordinator(coordinator);
        }
        return description.build();
    }

    private static MemberDescription member(io.lograft.broker.group.GroupDescription.Member member) {
        MemberDescription.Builder told = MemberDescription.newBuilder()
                .setMemberId(member.identity().memberId())
                .setGroupInstanceId(member.identity().instanceId())
                .setClientHost(member.identity().clientHost())
                .setClientId(member.identity().clientId())
                .setMetadata(bytes(member.metadata()))
                .setAssignment(bytes(member.assignment()))
                .setMemberEpoch(member.memberEpoch())
                .setJoinedAtMs(member.joinedAtMs());
        member.owned()
                .forEach(held -> told.addOwned(OwnedPartition.newBuilder()
                        .setTopicId(WireBytes.topicId(held.partition().topic()))
                        .setPartition(held.partition().partition())
                        .setOwnedSinceMs(held.sinceMs())));
        return told.build();
    }
}
