package io.lograft.broker.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.DescribeClusterRequest;
import io.lograft.proto.v1.DescribeClusterResponse;
import io.lograft.proto.v1.MetadataServiceGrpc;
import io.lograft.proto.v1.ProduceBatch;
import io.lograft.proto.v1.ProduceRequest;
import io.lograft.proto.v1.ProduceResponse;
import io.lograft.proto.v1.ProduceResult;
import io.lograft.proto.v1.ProduceServiceGrpc;
import io.lograft.wire.GrpcErrors;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RelayRegistryTest {
    private static final int MESSAGES = 2_000;

    private final GrpcTransport transport = new GrpcTransport(2);
    private final Queue<RuntimeException> brokenStarts = new ConcurrentLinkedQueue<>();
    private Server target;
    private Server relay;
    private ManagedChannel toTarget;
    private ManagedChannel toRelay;

    @BeforeEach
    void start() throws IOException {
        target = transport
                .server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new Echo())
                .addService(new Describe())
                .build()
                .start();
        toTarget = transport.channel("127.0.0.1", target.getPort());
        relay = transport
                .server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .intercept(new Starts(brokenStarts))
                .fallbackHandlerRegistry(new RelayRegistry(
                        broker -> broker.equals(new BrokerId(7)) ? Optional.of(toTarget) : Optional.empty()))
                .build()
                .start();
        toRelay = transport.channel("127.0.0.1", relay.getPort());
    }

    @AfterEach
    void stop() {
        toRelay.shutdownNow();
        toTarget.shutdownNow();
        relay.shutdownNow();
        target.shutdownNow();
        transport.close();
    }

    @Test
    void passesAUnaryCallOn() {
        DescribeClusterResponse answer = MetadataServiceGrpc.newBlockingStub(through("7"))
                .describeCluster(DescribeClusterRequest.getDefaultInstance());
        assertThat(answer.getClusterId()).isEqualTo("the target");
    }

    @Test
    void passesAStreamOnInOrderAndWholeWhereBothSidesPush() throws Exception {
        CompletableFuture<List<Long>> done = new CompletableFuture<>();
        StreamObserver<ProduceRequest> requests =
                ProduceServiceGrpc.newStub(through("7")).produce(new Collector(done));
        byte[] payload = new byte[10_000];
        for (int i = 0; i < MESSAGES; i++) {
            requests.onNext(ProduceRequest.newBuilder()
                    .addBatches(ProduceBatch.newBuilder().setCorrelationId(i).setRecords(ByteString.copyFrom(payload)))
                    .build());
        }
        requests.onCompleted();
        assertThat(done.get(30, TimeUnit.SECONDS)).hasSize(MESSAGES).isSorted();
    }

    @Test
    void passesTheTargetsErrorOn() {
        assertThatThrownBy(() -> MetadataServiceGrpc.newBlockingStub(through("7"))
                        .withDeadlineAfter(10, TimeUnit.SECONDS)
                        .listTopics(io.lograft.proto.v1.ListTopicsRequest.getDefaultInstance()))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("UNIMPLEMENTED");
    }

    @Test
    void saysThatABrokerIsUnknown() {
        assertThatThrownBy(() -> MetadataServiceGrpc.newBlockingStub(through("8"))
                        .describeCluster(DescribeClusterRequest.getDefaultInstance()))
                .hasMessageContaining("NOT_FOUND")
                .hasMessageContaining("broker 8")
                .satisfies(failure -> assertThat(GrpcErrors.of(failure).code()).isEqualTo(ErrorCode.UNKNOWN_BROKER));
    }

    @Test
    void saysThatABrokerCannotBeReached() {
        target.shutdownNow();
        // The first call finds it out; the second one ends while it is being started.
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> MetadataServiceGrpc.newBlockingStub(through("7"))
                            .withDeadlineAfter(10, TimeUnit.SECONDS)
                            .describeCluster(DescribeClusterRequest.getDefaultInstance()))
                    .hasMessageContaining("UNAVAILABLE");
        }
        assertThat(brokenStarts).isEmpty();
    }

    @Test
    void relaysOnlyTheServicesOfClients() {
        assertThat(new RelayRegistry(b -> Optional.of(toTarget))
                        .lookupMethod("relay.7.lograft.v1.ReplicationService/Replicate", null))
                .isNull();
        assertThat(new RelayRegistry(b -> Optional.of(toTarget))
                        .lookupMethod("relay.7.relay.8.lograft.v1.ProduceService/Produce", null))
                .isNull();
    }

    private Channel through(String broker) {
        return ClientInterceptors.intercept(toRelay, new ClientInterceptor() {
            @Override
            public <Q, P> ClientCall<Q, P> interceptCall(
                    MethodDescriptor<Q, P> method, CallOptions options, Channel next) {
                String name = "relay." + broker + "." + method.getFullMethodName();
                return next.newCall(method.toBuilder().setFullMethodName(name).build(), options);
            }
        });
    }

    /** Notes what the start of a call throws: gRPC would only log it. */
    private record Starts(Queue<RuntimeException> broken) implements ServerInterceptor {
        @Override
        public <Q, P> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, P> call, Metadata headers, ServerCallHandler<Q, P> next) {
            try {
                return next.startCall(call, headers);
            } catch (RuntimeException e) {
                broken.add(e);
                throw e;
            }
        }
    }

    private record Collector(CompletableFuture<List<Long>> done, List<Long> seen)
            implements StreamObserver<ProduceResponse> {
        Collector(CompletableFuture<List<Long>> done) {
            this(done, new ArrayList<>());
        }

        @Override
        public void onNext(ProduceResponse response) {
            response.getResultsList().forEach(result -> seen.add(result.getCorrelationId()));
        }

        @Override
        public void onError(Throwable failure) {
            done.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            done.complete(seen);
        }
    }

    private static final class Describe extends MetadataServiceGrpc.MetadataServiceImplBase {
        @Override
        public void describeCluster(DescribeClusterRequest request, StreamObserver<DescribeClusterResponse> observer) {
            observer.onNext(DescribeClusterResponse.newBuilder()
                    .setClusterId("the target")
                    .build());
            observer.onCompleted();
        }
    }

    private static final class Echo extends ProduceServiceGrpc.ProduceServiceImplBase {
        @Override
        public StreamObserver<ProduceRequest> produce(StreamObserver<ProduceResponse> observer) {
            return new StreamObserver<>() {
                @Override
                public void onNext(ProduceRequest request) {
                    observer.onNext(ProduceResponse.newBuilder()
                            .addResults(ProduceResult.newBuilder()
                                    .setCorrelationId(request.getBatches(0).getCorrelationId()))
                            .build());
                }

                @Override
                public void onError(Throwable failure) {
                    observer.onError(failure);
                }

                @Override
                public void onCompleted() {
                    observer.onCompleted();
                }
            };
        }
    }
}
