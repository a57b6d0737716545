package io.lograft.broker.api.group;

import io.grpc.BindableService;
import io.grpc.ServerInterceptors;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.api.ClusterFacts;
import io.lograft.broker.api.ClusterState;
import io.lograft.broker.api.LeadershipBarrier;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.runtime.CoordinatorRuntime;
import io.lograft.broker.group.runtime.OffsetsTopic;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.BrokerEndpoint;
import io.lograft.proto.v1.CommitOffsetsRequest;
import io.lograft.proto.v1.CommitOffsetsResponse;
import io.lograft.proto.v1.ConsumerHeartbeatRequest;
import io.lograft.proto.v1.ConsumerHeartbeatResponse;
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
import io.lograft.proto.v1.HeartbeatRequest;
import io.lograft.proto.v1.HeartbeatResponse;
import io.lograft.proto.v1.JoinGroupRequest;
import io.lograft.proto.v1.JoinGroupResponse;
import io.lograft.proto.v1.LeaveGroupRequest;
import io.lograft.proto.v1.LeaveGroupResponse;
import io.lograft.proto.v1.ListGroupsRequest;
import io.lograft.proto.v1.ListGroupsResponse;
import io.lograft.proto.v1.SyncGroupRequest;
import io.lograft.proto.v1.SyncGroupResponse;
import io.lograft.wire.GrpcErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/** Serves consumer groups. Safe for use by several threads. */
public final class GroupServiceApi extends GroupServiceGrpc.GroupServiceImplBase {
    private static final int GROUPS_MAX = 1_000;

    private final CoordinatorRuntime coordinators;
    private final OffsetsTopic topic;
    private final ClusterState state;
    private final ClusterFacts facts;
    private final LeadershipBarrier leadership;

    /** Serves the groups that are coordinated here, and tells where others are. */
    public GroupServiceApi(
            CoordinatorRuntime coordinators,
            OffsetsTopic topic,
            ClusterState state,
            ClusterFacts facts,
            LeadershipBarrier leadership) {
        this.coordinators = coordinators;
        this.topic = topic;
        this.state = state;
        this.facts = facts;
        this.leadership = leadership;
    }

    /** The service, with what it has to know about its callers. */
    public BindableService service() {
        return () -> ServerInterceptors.intercept(bindService(), new ClientHost());
    }

    @Override
    public void findCoordinator(FindCoordinatorRequest request, StreamObserver<FindCoordinatorResponse> client) {
        if (request.getGroupId().isEmpty()) {
            client.onError(GrpcErrors.exception(ErrorCode.INVALID_GROUP_ID, "the request names no group"));
            return;
        }
        topic.ensure().whenComplete((reply, failure) -> {
            if (failure != null) {
                client.onError(GrpcErrors.exception(ErrorCode.INTERNAL, String.valueOf(failure.getMessage())));
            } else if (!reply.isOk()) {
                client.onError(GrpcErrors.exception(
                        ErrorCode.COORDINATOR_NOT_AVAILABLE, "no group can be kept yet: " + why(reply)));
            } else {
                tellCoordinator(request.getGroupId(), client);
            }
        });
    }

    private static String why(CommandReply reply) {
        return CoordinatorRuntime.OFFSETS_TOPIC + " cannot be made (" + reply.error() + "): " + reply.message();
    }

    private void tellCoordinator(String groupId, StreamObserver<FindCoordinatorResponse> client) {
        Optional<BrokerEndpoint> coordinator =
                state.image().topic(CoordinatorRuntime.OFFSETS_TOPIC).flatMap(found -> leader(found, groupId));
        if (coordinator.isEmpty()) {
            client.onError(GrpcErrors.exception(
                    ErrorCode.COORDINATOR_NOT_AVAILABLE,
                    "the partition of " + CoordinatorRuntime.OFFSETS_TOPIC + " of group '" + groupId
                            + "' has no leader now"));
            return;
        }
        client.onNext(FindCoordinatorResponse.newBuilder()
                .setCoordinator(coordinator.get())
                .build());
        client.onCompleted();
    }

    private Optional<BrokerEndpoint> leader(TopicImage offsets, String groupId) {
        int partition =
                CoordinatorRuntime.partitionOf(groupId, offsets.partitions().size());
        return offsets.partition(partition)
                .filter(PartitionImage::hasLeader)
                .flatMap(found -> facts.endpoint(new BrokerId(found.leader())));
    }

    @Override
    public void consumerHeartbeat(ConsumerHeartbeatRequest request, StreamObserver<ConsumerHeartbeatResponse> client) {
        String host = ClientHost.current();
        serve(client, () -> GroupRequests.of(request, host), (asked, reply) -> GroupResponses.heartbeat(reply));
    }

    @Override
    public void joinGroup(JoinGroupRequest request, StreamObserver<JoinGroupResponse> client) {
        String host = ClientHost.current();
        serve(client, () -> GroupRequests.of(request, host), (asked, reply) -> GroupResponses.joined(reply));
    }

    @Override
    public void syncGroup(SyncGroupRequest request, StreamObserver<SyncGroupResponse> client) {
        serve(client, () -> GroupRequests.of(request), (asked, reply) -> GroupResponses.synced(reply));
    }

    @Override
    public void heartbeat(HeartbeatRequest request, StreamObserver<HeartbeatResponse> client) {
        serve(client, () -> GroupRequests.of(request), (asked, reply) -> HeartbeatResponse.getDefaultInstance());
    }

    @Override
    public void leaveGroup(LeaveGroupRequest request, StreamObserver<LeaveGroupResponse> client) {
        serve(client, () -> GroupRequests.of(request), (asked, reply) -> LeaveGroupResponse.getDefaultInstance());
    }

    @Override
    public void commitOffsets(CommitOffsetsRequest request, StreamObserver<CommitOffsetsResponse> client) {
        serve(client, () -> GroupRequests.of(request), GroupResponses::committed);
    }

    /** After a barrier: a deposed coordinator that does not know it yet would show what the group had before. */
    @Override
    public void fetchOffsets(FetchOffsetsRequest request, StreamObserver<FetchOffsetsResponse> client) {
        serve(
                client,
                () -> new GroupRequest.FetchOffsets(request.getGroupId()),
                (asked, gone) -> leadership
                        .pass()
                        .handle((passed, failure) -> failure)
                        .thenCompose(failure ->
                                failure == null ? coordinators.handleAsOfNow(asked, gone) : noBarrier(failure)),
                (asked, reply) -> GroupResponses.offsets(reply));
    }

    private static CompletableFuture<GroupReply> noBarrier(Throwable failure) {
        return CompletableFuture.completedFuture(new GroupReply.Refused(
                ErrorCode.COORDINATOR_NOT_AVAILABLE,
                "whether the group is still coordinated here cannot be asked of the controller now: "
                        + failure.getMessage()));
    }

    private <R extends GroupRequest, A> void serve(
            StreamObserver<A> client, Supplier<R> request, BiFunction<R, GroupReply, A> response) {
        serve(client, request, coordinators::handle, response);
    }

    /** Hands the request over, and sends the answer when it comes; by then the client may be gone. */
    private <R extends GroupRequest, A> void serve(
            StreamObserver<A> client,
            Supplier<R> request,
            BiFunction<R, CompletableFuture<Void>, CompletableFuture<GroupReply>> handler,
            BiFunction<R, GroupReply, A> response) {
        R asked;
        try {
            asked = request.get();
        } catch (IllegalArgumentException malformed) {
            client.onError(GrpcErrors.exception(ErrorCode.INVALID_REQUEST, malformed.getMessage()));
            return;
        }
        ServerCallStreamObserver<A> call = (ServerCallStreamObserver<A>) client;
        CompletableFuture<Void> gone = new CompletableFuture<>();
        call.setOnCancelHandler(() -> gone.complete(null));
        var unused = handler.apply(asked, gone).thenAccept(reply -> {
            if (reply instanceof GroupReply.Refused refused) {
                call.onError(GrpcErrors.exception(refused.code(), refused.message()));
            } else {
                call.onNext(response.apply(asked, reply));
                call.onCompleted();
            }
        });
    }

    @Override
    public void listGroups(ListGroupsRequest request, StreamObserver<ListGroupsResponse> client) {
        ServerCallStreamObserver<ListGroupsResponse> call = (ServerCallStreamObserver<ListGroupsResponse>) client;
        call.setOnCancelHandler(() -> {});
        var unused = coordinators.list().whenComplete((groups, failure) -> {
            if (failure != null) {
                call.onError(GrpcErrors.exception(
                        ErrorCode.COORDINATOR_NOT_AVAILABLE, "not all groups can be listed now: " + failure));
                return;
            }
            ListGroupsResponse.Builder response = ListGroupsResponse.newBuilder();
            groups.forEach(group -> response.addGroups(GroupResponses.summary(group)));
            call.onNext(response.build());
            call.onCompleted();
        });
    }

    @Override
    public void describeGroups(DescribeGroupsRequest request, StreamObserver<DescribeGroupsResponse> client) {
        each(
                client,
                request.getGroupIdsList(),
                GroupRequest.Describe::new,
                groups ->
                        DescribeGroupsResponse.newBuilder().addAllGroups(groups).build());
    }

    @Override
    public void deleteGroups(DeleteGroupsRequest request, StreamObserver<DeleteGroupsResponse> client) {
        each(
                client,
                request.getGroupIdsList(),
                GroupRequest.Delete::new,
                groups ->
                        DeleteGroupsResponse.newBuilder().addAllResults(groups).build());
    }

    private <A> void each(
            StreamObserver<A> client,
            List<String> groupIds,
            Function<String, GroupRequest> request,
            Function<List<GroupDescription>, A> response) {
        if (groupIds.isEmpty() || groupIds.size() > GROUPS_MAX) {
            client.onError(GrpcErrors.exception(
                    ErrorCode.INVALID_REQUEST,
                    groupIds.size() + " groups in one request, 1 to " + GROUPS_MAX + " are allowed"));
            return;
        }
        ServerCallStreamObserver<A> call = (ServerCallStreamObserver<A>) client;
        call.setOnCancelHandler(() -> {});
        BrokerEndpoint self = facts.endpoint(state.self()).orElseGet(BrokerEndpoint::getDefaultInstance);
        List<CompletableFuture<GroupDescription>> parts = new ArrayList<>();
        for (String groupId : groupIds) {
            parts.add(coordinators
                    .handle(request.apply(groupId), new CompletableFuture<>())
                    .thenApply(reply -> GroupResponses.description(groupId, reply, self)));
        }
        CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new)).thenRun(() -> {
            call.onNext(
                    response.apply(parts.stream().map(CompletableFuture::join).toList()));
            call.onCompleted();
        });
    }
}
