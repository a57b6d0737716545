package io.lograft.broker.api;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.AllocateProducerIdRequest;
import io.lograft.proto.v1.AllocateProducerIdResponse;
import io.lograft.proto.v1.ProduceRequest;
import io.lograft.proto.v1.ProduceResponse;
import io.lograft.proto.v1.ProduceServiceGrpc;
import io.lograft.wire.GrpcErrors;

/** Takes record batches for the partitions that this broker leads. Safe for use by several threads. */
public final class ProduceServiceApi extends ProduceServiceGrpc.ProduceServiceImplBase {
    private final PartitionRegistry partitions;
    private final ClusterFacts facts;
    private final ProducerIds producerIds;
    private final ProduceLimits limits;

    /** Serves from these replicas. */
    public ProduceServiceApi(
            PartitionRegistry partitions, ClusterFacts facts, ProducerIds producerIds, ProduceLimits limits) {
        this.partitions = partitions;
        this.facts = facts;
        this.producerIds = producerIds;
        this.limits = limits;
    }

    @Override
    public StreamObserver<ProduceRequest> produce(StreamObserver<ProduceResponse> responses) {
        return new ProduceSession((ServerCallStreamObserver<ProduceResponse>) responses, partitions, facts, limits);
    }

    @Override
    public void allocateProducerId(
            AllocateProducerIdRequest request, StreamObserver<AllocateProducerIdResponse> response) {
        producerIds.next().whenComplete((id, failure) -> {
            if (failure != null) {
                response.onError(
                        GrpcErrors.exception(ErrorCode.CONTROLLER_UNAVAILABLE, String.valueOf(failure.getMessage())));
                return;
            }
            response.onNext(AllocateProducerIdResponse.newBuilder()
                    .setProducerId(id)
                    .setProducerEpoch(0)
                    .build());
            response.onCompleted();
        });
    }
}
