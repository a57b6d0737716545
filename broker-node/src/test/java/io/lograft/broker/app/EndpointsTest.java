package io.lograft.broker.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.app.config.HostPort;
import io.lograft.broker.app.config.NetworkConfig;
import io.lograft.broker.metrics.MicrometerMetrics;
import io.lograft.broker.transport.GrpcTransport;
import io.lograft.broker.transport.PeerChannels;
import io.lograft.model.BrokerId;
import io.lograft.proto.v1.MetadataServiceGrpc;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every gRPC tool expects to find beside the services. */
class EndpointsTest {
    private static final String SERVICE = "lograft.v1.MetadataService";

    private final GrpcTransport transport = new GrpcTransport(1);
    private final PeerChannels peers = new PeerChannels(transport, broker -> Optional.empty());
    private final MicrometerMetrics metrics = new MicrometerMetrics();
    private final HostPort anyPort = new HostPort("127.0.0.1", 0);
    private final Endpoints endpoints = new Endpoints(
            new NetworkConfig(anyPort, anyPort, anyPort, anyPort),
            transport,
            List.of(new MetadataServiceGrpc.MetadataServiceImplBase() {}),
            peers,
            metrics,
            new BrokerReadiness(new BrokerId(1)),
            broken -> {});
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        endpoints.start();
        channel = transport.channel("127.0.0.1", endpoints.grpcPort());
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        endpoints.close();
        metrics.close();
        peers.close();
        transport.close();
    }

    @Test
    void healthIsToldOfTheBrokerAndOfEachService() {
        assertThat(health("")).isEqualTo(ServingStatus.SERVING);
        assertThat(health(SERVICE)).isEqualTo(ServingStatus.SERVING);
        endpoints.stopping();
        assertThat(health("")).isEqualTo(ServingStatus.NOT_SERVING);
        assertThat(health(SERVICE)).isEqualTo(ServingStatus.NOT_SERVING);
    }

    private ServingStatus health(String service) {
        return HealthGrpc.newBlockingStub(channel)
                .check(HealthCheckRequest.newBuilder().setService(service).build())
                .getStatus();
    }

    @Test
    void reflectionIsServedInBothVersions() throws Exception {
        var newer = new First<io.grpc.reflection.v1.ServerReflectionResponse>();
        var requests =
                io.grpc.reflection.v1.ServerReflectionGrpc.newStub(channel).serverReflectionInfo(newer);
        requests.onNext(io.grpc.reflection.v1.ServerReflectionRequest.newBuilder()
                .setListServices("")
                .build());
        assertThat(newer.get().toString()).contains(SERVICE);
        requests.onCompleted();

        var older = new First<io.grpc.reflection.v1alpha.ServerReflectionResponse>();
        var olderRequests =
                io.grpc.reflection.v1alpha.ServerReflectionGrpc.newStub(channel).serverReflectionInfo(older);
        olderRequests.onNext(io.grpc.reflection.v1alpha.ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol(SERVICE)
                .build());
        assertThat(older.get().getFileDescriptorResponse().getFileDescriptorProtoCount())
                .isPositive();
        olderRequests.onCompleted();
    }

    /** Takes the first answer. */
    private static final class First<T> implements StreamObserver<T> {
        private final CompletableFuture<T> answer = new CompletableFuture<>();

        T get() throws Exception {
            return answer.get(10, TimeUnit.SECONDS);
        }

        @Override
        public void onNext(T message) {
            answer.complete(message);
        }

        @Override
        public void onError(Throwable failure) {
            answer.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            answer.completeExceptionally(new AssertionError("ended without an answer"));
        }
    }
}
