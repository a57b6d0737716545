package io.lograft.client.fake;

import com.google.protobuf.ByteString;
import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import io.lograft.client.assign.ConsumerProtocol;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.BrokerEndpoint;
import io.lograft.proto.v1.CommitOffsetsRequest;
import io.lograft.proto.v1.CommitOffsetsResponse;
import io.lograft.proto.v1.CommittedOffset;
import io.lograft.proto.v1.DeleteGroupsRequest;
import io.lograft.proto.v1.DeleteGroupsResponse;
import io.lograft.proto.v1.DescribeGroupsRequest;
import io.lograft.proto.v1.DescribeGroupsResponse;
import io.lograft.proto.v1.FetchOffsetsRequest;
import io.lograft.proto.v1.FetchOffsetsResponse;
import io.lograft.proto.v1.FindCoordinatorRequest;
import io.lograft.proto.v1.FindCoordinatorResponse;
import io.lograft.proto.v1.GroupDescription;
import io.lograft.proto.v1.GroupServiceGrpc;
import io.lograft.proto.v1.GroupSummary;
import io.lograft.proto.v1.ListGroupsRequest;
import io.lograft.proto.v1.ListGroupsResponse;
import io.lograft.proto.v1.MemberDescription;
import io.lograft.proto.v1.OwnedPartition;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.WireBytes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the brokers of a {@link FakeCluster} answer about groups, as a test set it up. Guarded by its own lock. */
public final class FakeGroupAdmin {
    private final Map<String, Group> groups = new TreeMap<>();
    private final List<ErrorCode> refusals = new ArrayList<>();
    private FakeCluster cluster;
    private int misleadings;
    private int findings;

    /** A group, where it is coordinated, and what it committed. */
    private static final class Group {
        private final GroupDescription.Builder description;
        private final int coordinator;
        private final Map<TopicPartition, CommittedOffset> committed = new LinkedHashMap<>();

        private Group(GroupDescription.Builder description, int coordinator) {
            this.description = description;
            this.coordinator = coordinator;
        }
    }

    /** A cluster of so many brokers that answer about these groups. */
    public synchronized FakeCluster cluster(int brokerCount) {
        cluster = new FakeCluster(brokerCount, broker -> List.<BindableService>of(new Service(broker)));
        return cluster;
    }

    /** Makes a group without members. */
    public synchronized void group(String groupId, String kind, int coordinator) {
        groups.put(
                groupId,
                new Group(
                        GroupDescription.newBuilder()
                                .setGroupId(groupId)
                                .setKind(kind)
                                .setProtocolType("consumer")
                                .setState("Empty")
                                .setCoordinator(endpoint(coordinator)),
                        coordinator));
    }

    /** Adds a member that owns partitions. */
    public synchronized void member(String groupId, String memberId, TopicPartition... owned) {
        GroupDescription.Builder group = groups.get(groupId).description;
        MemberDescription.Builder member = MemberDescription.newBuilder()
                .setMemberId(memberId)
                .setClientId("client-" + memberId)
                .setClientHost("10.0.0.7")
                .setMemberEpoch(4)
                .setJoinedAtMs(60_000);
        if (group.getKind().equals("classic")) {
            member.setAssignment(ByteString.copyFrom(ConsumerProtocol.assignment(List.of(owned))));
        } else {
            for (TopicPartition partition : owned) {
                member.addOwned(OwnedPartition.newBuilder()
                        .setTopicId(topicId(partition))
                        .setPartition(partition.partition())
                        .setOwnedSinceMs(120_000));
            }
        }
        group.setState("Stable").setProtocolName("uniform").setGenerationId(5).addMembers(member);
    }

    public synchronized void assignmentBytes(String groupId, byte[] bytes) {
        groups.get(groupId).description.getMembersBuilder(0).setAssignment(ByteString.copyFrom(bytes));
    }

    public synchronized void committed(String groupId, TopicPartition partition, long offset) {
        groups.get(groupId)
                .committed
                .put(
                        partition,
                        CommittedOffset.newBuilder()
                                .setTopicId(topicId(partition))
                                .setPartition(partition.partition())
                                .setOffset(offset)
                                .build());
    }

    /** What is committed; null for nothing. */
    public synchronized Long committed(String groupId, TopicPartition partition) {
        CommittedOffset offset = groups.get(groupId).committed.get(partition);
        return offset == null ? null : offset.getOffset();
    }

    public synchronized boolean exists(String groupId) {
        return groups.containsKey(groupId);
    }

    /** Refuses the next calls to a coordinator with these codes, one each. */
    public synchronized void refuse(ErrorCode... codes) {
        refusals.addAll(List.of(codes));
    }

    /** Names another broker as the coordinator so many times. */
    public synchronized void mislead(int times) {
        misleadings = times;
    }

    /** How often somebody looked for a coordinator. */
    public synchronized int findings() {
        return findings;
    }

    private ByteString topicId(TopicPartition partition) {
        return WireBytes.topicId(cluster.topics.get(partition.topic()).id);
    }

    private BrokerEndpoint endpoint(int broker) {
        return BrokerEndpoint.newBuilder()
                .setBrokerId(broker)
                .setHost("127.0.0.1")
                .setPort(cluster.broker(broker).port())
                .build();
    }

    private static <R> void answer(StreamObserver<R> out, R answer) {
        out.onNext(answer);
        out.onCompleted();
    }

    /** The calls of one broker. */
    private final class Service extends GroupServiceGrpc.GroupServiceImplBase {
        private final int broker;

        private Service(int broker) {
            this.broker = broker;
        }

        @Override
        public void findCoordinator(FindCoordinatorRequest request, StreamObserver<FindCoordinatorResponse> out) {
            synchronized (FakeGroupAdmin.this) {
                findings++;
                Group group = groups.get(request.getGroupId());
                int coordinator = group == null ? 1 : group.coordinator;
                if (misleadings > 0) {
                    misleadings--;
                    coordinator = coordinator % cluster.brokerCount() + 1;
                }
                answer(
                        out,
                        FindCoordinatorResponse.newBuilder()
                                .setCoordinator(endpoint(coordinator))
                                .build());
            }
        }

        @Override
        public void listGroups(ListGroupsRequest request, StreamObserver<ListGroupsResponse> out) {
            synchronized (FakeGroupAdmin.this) {
                if (isRefused(out)) {
                    return;
                }
                ListGroupsResponse.Builder answer = ListGroupsResponse.newBuilder();
                groups.values().stream()
                        .filter(group -> group.coordinator == broker)
                        .forEach(group -> answer.addGroups(GroupSummary.newBuilder()
                                .setGroupId(group.description.getGroupId())
                                .setState(group.description.getState())
                                .setKind(group.description.getKind())
                                .setMemberCount(group.description.getMembersCount())));
                answer(out, answer.build());
            }
        }

        @Override
        public void describeGroups(DescribeGroupsRequest request, StreamObserver<DescribeGroupsResponse> out) {
            synchronized (FakeGroupAdmin.this) {
                if (isElsewhere(request.getGroupIds(0), out)) {
                    return;
                }
                Group group = groups.get(request.getGroupIds(0));
                answer(
                        out,
                        DescribeGroupsResponse.newBuilder()
                                .addGroups(group == null ? unknown(request.getGroupIds(0)) : group.description)
                                .build());
            }
        }

        @Override
        public void fetchOffsets(FetchOffsetsRequest request, StreamObserver<FetchOffsetsResponse> out) {
            synchronized (FakeGroupAdmin.this) {
                if (!isElsewhere(request.getGroupId(), out)) {
                    Group group = groups.get(request.getGroupId());
                    answer(
                            out,
                            FetchOffsetsResponse.newBuilder()
                                    .addAllOffsets(group == null ? List.of() : group.committed.values())
                                    .build());
                }
            }
        }

        @Override
        public void commitOffsets(CommitOffsetsRequest request, StreamObserver<CommitOffsetsResponse> out) {
            synchronized (FakeGroupAdmin.this) {
                if (isElsewhere(request.getGroupId(), out)) {
                    return;
                }
                if (request.getGenerationId() != -1 || !request.getMemberId().isEmpty()) {
                    out.onError(GrpcErrors.exception(ErrorCode.UNKNOWN_MEMBER, "that is not from outside"));
                    return;
                }
                if (!groups.containsKey(request.getGroupId())) {
                    group(request.getGroupId(), "consumer", broker);
                }
                Group group = groups.get(request.getGroupId());
                CommitOffsetsResponse.Builder answer = CommitOffsetsResponse.newBuilder();
                for (CommittedOffset offset : request.getOffsetsList()) {
                    if (group.description.getMembersCount() > 0) {
                        answer.addResults(offset.toBuilder()
                                .setFailure(FakeBroker.failure(ErrorCode.GROUP_NOT_EMPTY, "it has members")));
                    } else {
                        String topic = cluster.byId(WireBytes.topicId(offset.getTopicId()))
                                .getKey();
                        group.committed.put(new TopicPartition(topic, offset.getPartition()), offset);
                        answer.addResults(offset);
                    }
                }
                answer(out, answer.build());
            }
        }

        @Override
        public void deleteGroups(DeleteGroupsRequest request, StreamObserver<DeleteGroupsResponse> out) {
            synchronized (FakeGroupAdmin.this) {
                String groupId = request.getGroupIds(0);
                if (isElsewhere(groupId, out)) {
                    return;
                }
                Group group = groups.get(groupId);
                GroupDescription.Builder result = group == null
                        ? unknown(groupId)
                        : GroupDescription.newBuilder().setGroupId(groupId);
                if (group != null && group.description.getMembersCount() > 0) {
                    result.setFailure(FakeBroker.failure(ErrorCode.GROUP_NOT_EMPTY, "it has members"));
                } else {
                    groups.remove(groupId);
                }
                answer(out, DeleteGroupsResponse.newBuilder().addResults(result).build());
            }
        }

        private GroupDescription.Builder unknown(String groupId) {
            return GroupDescription.newBuilder()
                    .setGroupId(groupId)
                    .setFailure(FakeBroker.failure(ErrorCode.UNKNOWN_GROUP, "no group '" + groupId + "'"));
        }

        private boolean isElsewhere(String groupId, StreamObserver<?> out) {
            Group group = groups.get(groupId);
            int coordinator = group == null ? 1 : group.coordinator;
            if (coordinator != broker) {
                out.onError(GrpcErrors.exception(
                        ErrorCode.NOT_COORDINATOR, "broker " + broker + " does not coordinate " + groupId));
                return true;
            }
            return isRefused(out);
        }

        private boolean isRefused(StreamObserver<?> out) {
            if (refusals.isEmpty()) {
                return false;
            }
            out.onError(GrpcErrors.exception(refusals.remove(0), "refused by the test"));
            return true;
        }
    }
}
