package io.lograft.it;

import com.google.protobuf.ByteString;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.CommitOffsetsRequest;
import io.lograft.proto.v1.CommittedOffset;
import io.lograft.proto.v1.ConsumerHeartbeatRequest;
import io.lograft.proto.v1.DeleteGroupsRequest;
import io.lograft.proto.v1.DescribeGroupsRequest;
import io.lograft.proto.v1.DescribeTopicsRequest;
import io.lograft.proto.v1.FindCoordinatorRequest;
import io.lograft.proto.v1.GroupServiceGrpc;
import io.lograft.proto.v1.HeartbeatRequest;
import io.lograft.proto.v1.JoinGroupRequest;
import io.lograft.proto.v1.MetadataServiceGrpc;
import io.lograft.proto.v1.SyncGroupRequest;
import io.lograft.proto.v1.TopicPartitions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Bad calls of the group service, and of the topic that groups are kept in. */
final class BadGroupCases {
    private static final String GROUP = "billing";

    private final GroupServiceGrpc.GroupServiceBlockingStub groups;
    private final RawCalls calls;
    private final ByteString topic;
    private final List<BadCase> cases = new ArrayList<>();

    private BadGroupCases(RawCalls calls, ByteString topic) {
        this.groups = GroupServiceGrpc.newBlockingStub(calls.channel());
        this.calls = calls;
        this.topic = topic;
    }

    static List<BadCase> all(RawCalls calls, ByteString topic) {
        BadGroupCases all = new BadGroupCases(calls, topic);
        // From here on there is a coordinator.
        var unused = all.groups.findCoordinator(
                FindCoordinatorRequest.newBuilder().setGroupId(GROUP).build());
        all.names();
        all.heartbeats();
        all.classic();
        all.commits();
        all.offsetsTopic();
        return all.cases;
    }

    private void add(String name, ErrorCode code, Supplier<?> call) {
        cases.add(new BadCase("group: " + name, () -> RawCalls.assertEnds(code, call)));
    }

    private void names() {
        add(
                "find without a name",
                ErrorCode.INVALID_GROUP_ID,
                () -> groups.findCoordinator(FindCoordinatorRequest.getDefaultInstance()));
        add(
                "join without a name",
                ErrorCode.INVALID_GROUP_ID,
                () -> groups.consumerHeartbeat(heartbeat().setGroupId("").build()));
        add(
                "name of 250 characters",
                ErrorCode.INVALID_GROUP_ID,
                () -> groups.consumerHeartbeat(
                        heartbeat().setGroupId("x".repeat(250)).build()));
        add(
                "describe nothing",
                ErrorCode.INVALID_REQUEST,
                () -> groups.describeGroups(DescribeGroupsRequest.getDefaultInstance()));
        cases.add(new BadCase(
                "group: delete an unknown one",
                () -> RawCalls.assertRefused(
                        groups.deleteGroups(DeleteGroupsRequest.newBuilder()
                                        .addGroupIds("nobody")
                                        .build())
                                .getResults(0)
                                .getFailure(),
                        ErrorCode.UNKNOWN_GROUP)));
    }

    private static ConsumerHeartbeatRequest.Builder heartbeat() {
        return ConsumerHeartbeatRequest.newBuilder()
                .setGroupId(GROUP)
                .setMemberId("m")
                .addTopics("orders");
    }

    private void heartbeats() {
        addHeartbeat("no member id", ErrorCode.INVALID_REQUEST, heartbeat().setMemberId(""));
        addHeartbeat(
                "member id of 300 characters",
                ErrorCode.INVALID_REQUEST,
                heartbeat().setMemberId("x".repeat(300)));
        addHeartbeat("no topic", ErrorCode.INVALID_REQUEST, heartbeat().clearTopics());
        addHeartbeat(
                "impossible pattern", ErrorCode.INVALID_REQUEST, heartbeat().setTopicPattern("("));
        addHeartbeat("unknown assignor", ErrorCode.INVALID_REQUEST, heartbeat().setAssignor("best"));
        addHeartbeat(
                "session of 1 ms",
                ErrorCode.INVALID_SESSION_TIMEOUT,
                heartbeat().setSessionTimeoutMs(1));
        addHeartbeat(
                "greatest session",
                ErrorCode.INVALID_SESSION_TIMEOUT,
                heartbeat().setSessionTimeoutMs(Integer.MAX_VALUE));
        addHeartbeat(
                "negative session",
                ErrorCode.INVALID_SESSION_TIMEOUT,
                heartbeat().setSessionTimeoutMs(-5));
        addHeartbeat("unknown member", ErrorCode.UNKNOWN_MEMBER, heartbeat().setMemberEpoch(3));
        addHeartbeat("least epoch", ErrorCode.INVALID_REQUEST, heartbeat().setMemberEpoch(Integer.MIN_VALUE));
        addHeartbeat(
                "topic id of 3 bytes",
                ErrorCode.INVALID_REQUEST,
                heartbeat()
                        .addOwned(TopicPartitions.newBuilder()
                                .setTopicId(ByteString.copyFrom(new byte[3]))
                                .addPartitions(0)));
        addHeartbeat(
                "negative partition",
                ErrorCode.INVALID_REQUEST,
                heartbeat()
                        .addOwned(TopicPartitions.newBuilder().setTopicId(topic).addPartitions(-1)));
    }

    private void addHeartbeat(String name, ErrorCode code, ConsumerHeartbeatRequest.Builder request) {
        add("heartbeat with " + name, code, () -> groups.consumerHeartbeat(request.build()));
    }

    private void classic() {
        add(
                "join without a protocol",
                ErrorCode.INVALID_REQUEST,
                () -> groups.joinGroup(JoinGroupRequest.newBuilder()
                        .setGroupId(GROUP)
                        .setProtocolType("consumer")
                        .build()));
        add(
                "sync of nobody",
                ErrorCode.UNKNOWN_MEMBER,
                () -> groups.syncGroup(SyncGroupRequest.newBuilder()
                        .setGroupId(GROUP)
                        .setMemberId("x")
                        .setGenerationId(1)
                        .build()));
        add(
                "heartbeat of nobody",
                ErrorCode.UNKNOWN_MEMBER,
                () -> groups.heartbeat(HeartbeatRequest.newBuilder()
                        .setGroupId(GROUP)
                        .setMemberId("x")
                        .build()));
    }

    private void commits() {
        add(
                "commit of nobody",
                ErrorCode.UNKNOWN_MEMBER,
                () -> groups.commitOffsets(
                        commit(topic, 0, 1).setMemberId("x").setGenerationId(1).build()));
        add(
                "commit for a topic id of 3 bytes",
                ErrorCode.INVALID_REQUEST,
                () -> groups.commitOffsets(
                        commit(ByteString.copyFrom(new byte[3]), 0, 1).build()));
        add(
                "commit for a negative partition",
                ErrorCode.INVALID_REQUEST,
                () -> groups.commitOffsets(commit(topic, -1, 1).build()));
        addCommit("negative offset", ErrorCode.INVALID_REQUEST, commit(topic, 0, -1));
        addCommit(
                "unknown topic",
                ErrorCode.UNKNOWN_TOPIC,
                commit(ByteString.copyFrom(new byte[] {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}), 0, 1));
    }

    private static CommitOffsetsRequest.Builder commit(ByteString topic, int partition, long offset) {
        return CommitOffsetsRequest.newBuilder()
                .setGroupId(GROUP)
                .setGenerationId(-1)
                .addOffsets(CommittedOffset.newBuilder()
                        .setTopicId(topic)
                        .setPartition(partition)
                        .setOffset(offset));
    }

    private void addCommit(String name, ErrorCode code, CommitOffsetsRequest.Builder request) {
        cases.add(new BadCase(
                "group: commit with " + name,
                () -> RawCalls.assertRefused(
                        groups.commitOffsets(request.build()).getResults(0).getFailure(), code)));
    }

    private void offsetsTopic() {
        ByteString offsets = MetadataServiceGrpc.newBlockingStub(calls.channel())
                .describeTopics(DescribeTopicsRequest.newBuilder()
                        .addNames("__consumer_offsets")
                        .build())
                .getTopics(0)
                .getTopicId();
        cases.add(new BadCase(
                "produce to the topic of the groups",
                () -> RawCalls.assertRefused(
                        calls.produce(offsets, 0, BadBatches.sound()).getFailure(), ErrorCode.INVALID_REQUEST)));
    }
}
