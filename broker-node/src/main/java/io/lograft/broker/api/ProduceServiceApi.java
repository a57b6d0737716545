package io.lograft.broker.api;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.concurrent.EventLoopGroup;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.AllocateProducerIdRequest;
import io.lograft.proto.v1.AllocateProducerIdResponse;
import io.lograft.proto.v1.ProduceRequest;
import io.lograft.proto.v1.ProduceResponse;
import io.lograft.proto.v1.ProduceServiceGrpc;
import io.lograft.wire.GrpcErrors;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes record batches for the partitions that this broker leads. Safe for use by several threads. */
public final class ProduceServiceApi extends ProduceServiceGrpc.ProduceServiceImplBase {
    private final Environment environment;
    private final ProducerIds producerIds;
    private final AtomicInteger sessionCount = new AtomicInteger();

    /**
     * What produce streams work with.
     *
     * @param codecs where batches are decompressed and compressed; each stream has one of the loops
     */
    public record Environment(
            PartitionRegistry partitions, ClusterFacts facts, ProduceLimits limits, EventLoopGroup codecs) {}

    /** Serves from these replicas. */
    public ProduceServiceApi(Environment environment, ProducerIds producerIds) {
        this.environment = environment;
        this.producerIds = producerIds;
    }

    @Override
    public StreamObserver<ProduceRequest> produce(StreamObserver<ProduceResponse> responses) {
        EventLoop codec = environment.codecs().loopFor(sessionCount.getAndIncrement());
        return new ProduceSession((ServerCallStreamObserver<ProduceResponse>) responses, environment, codec);
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
