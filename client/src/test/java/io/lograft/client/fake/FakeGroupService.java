package io.lograft.client.fake;

import io.grpc.stub.StreamObserver;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.CommitOffsetsRequest;
import io.lograft.proto.v1.CommitOffsetsResponse;
import io.lograft.proto.v1.ConsumerHeartbeatRequest;
import io.lograft.proto.v1.ConsumerHeartbeatResponse;
import io.lograft.proto.v1.FetchOffsetsRequest;
import io.lograft.proto.v1.FetchOffsetsResponse;
import io.lograft.proto.v1.FindCoordinatorRequest;
import io.lograft.proto.v1.FindCoordinatorResponse;
import io.lograft.proto.v1.GroupServiceGrpc;
import io.lograft.wire.GrpcErrors;

/** The group calls of one broker; those of groups it does not coordinate it refuses. */
final class FakeGroupService extends GroupServiceGrpc.GroupServiceImplBase {
    private final FakeCluster cluster;
    private final int broker;

    FakeGroupService(FakeCluster cluster, int broker) {
        this.cluster = cluster;
        this.broker = broker;
    }

    @Override
    public void findCoordinator(FindCoordinatorRequest request, StreamObserver<FindCoordinatorResponse> out) {
        out.onNext(FindCoordinatorResponse.newBuilder()
                .setCoordinator(cluster.endpoint(cluster.groups.coordinator()))
                .build());
        out.onCompleted();
    }

    @Override
    public void consumerHeartbeat(ConsumerHeartbeatRequest request, StreamObserver<ConsumerHeartbeatResponse> out) {
        if (isHere(out)) {
            cluster.groups.heartbeat(request, out);
        }
    }

    @Override
    public void commitOffsets(CommitOffsetsRequest request, StreamObserver<CommitOffsetsResponse> out) {
        if (isHere(out)) {
            cluster.groups.commit(request, out);
        }
    }

    @Override
    public void fetchOffsets(FetchOffsetsRequest request, StreamObserver<FetchOffsetsResponse> out) {
        if (isHere(out)) {
            cluster.groups.fetch(request, out);
        }
    }

    private boolean isHere(StreamObserver<?> out) {
        boolean isHere = cluster.groups.coordinator() == broker;
        if (!isHere) {
            out.onError(GrpcErrors.exception(
                    ErrorCode.NOT_COORDINATOR, "broker " + cluster.groups.coordinator() + " is the coordinator"));
        }
        return isHere;
    }
}
