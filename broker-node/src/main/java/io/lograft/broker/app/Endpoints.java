package io.lograft.broker.app;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.lograft.broker.app.config.HostPort;
import io.lograft.broker.app.config.NetworkConfig;
import io.lograft.broker.concurrent.Workers;
import io.lograft.broker.http.HttpEndpoints;
import io.lograft.broker.metrics.MicrometerMetrics;
import io.lograft.broker.transport.GrpcTransport;
import io.lograft.broker.transport.PeerChannels;
import io.lograft.broker.transport.RelayRegistry;
import io.lograft.broker.transport.RequestGuard;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ports of a broker: gRPC with all services, health and reflection, and HTTP. Made, started and closed once. */
final class Endpoints implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Endpoints.class);
    private static final int HTTP_THREADS = 2;
    private static final long STOP_MS_MAX = 500;

    private final NetworkConfig network;
    private final GrpcTransport transport;
    private final List<BindableService> services;
    private final PeerChannels peers;
    private final MicrometerMetrics metrics;
    private final BrokerReadiness readiness;
    private final Workers httpThreads;
    private final HealthStatusManager health = new HealthStatusManager();
    private Server server;
    private HttpEndpoints http;

    /**
     * Listens nowhere yet.
     *
     * @param services all but health and reflection
     */
    Endpoints(
            NetworkConfig network,
            GrpcTransport transport,
            List<BindableService> services,
            PeerChannels peers,
            MicrometerMetrics metrics,
            BrokerReadiness readiness,
            Consumer<Throwable> fatal) {
        this.network = network;
        this.transport = transport;
        this.services = List.copyOf(services);
        this.peers = peers;
        this.metrics = metrics;
        this.readiness = readiness;
        this.httpThreads = new Workers("http", HTTP_THREADS, fatal);
    }

    /** Opens both ports. */
    void start() throws IOException {
        NettyServerBuilder builder = transport
                .server(address(network.grpc()))
                .intercept(metrics.grpcInterceptor())
                .fallbackHandlerRegistry(new RelayRegistry(peers::channelTo))
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance())
                .addService(olderReflection());
        services.forEach(service -> builder.addService(RequestGuard.around(service.bindService())));
        server = builder.build().start();
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
        server.getServices()
                .forEach(service ->
                        health.setStatus(service.getServiceDescriptor().getName(), ServingStatus.SERVING));
        http = new HttpEndpoints(
                address(network.http()), httpThreads, readiness::health, readiness::readiness, metrics::scrape);
        LOG.info("gRPC listens at {}, HTTP at {}", server.getListenSockets(), http.port());
    }

    /** Version v1alpha of reflection, the only one that many tools know, Python's client among them. */
    @SuppressWarnings("deprecation")
    private static BindableService olderReflection() {
        return ProtoReflectionService.newInstance();
    }

    private static InetSocketAddress address(HostPort listener) {
        return listener.isAllInterfaces()
                ? new InetSocketAddress(listener.port())
                : new InetSocketAddress(listener.host(), listener.port());
    }

    int grpcPort() {
        return server.getPort();
    }

    /** Health checks fail from now on, so that balancers send nobody here; calls are still served. */
    void stopping() {
        readiness.stopping();
        health.enterTerminalState();
    }

    @Override
    public void close() {
        if (http != null) {
            http.close();
        }
        if (server != null) {
            server.shutdown();
            try {
                if (!server.awaitTermination(STOP_MS_MAX, TimeUnit.MILLISECONDS)) {
                    server.shutdownNow();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        httpThreads.close();
    }
}
