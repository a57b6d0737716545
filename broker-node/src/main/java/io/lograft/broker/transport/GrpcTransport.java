package io.lograft.broker.transport;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * The network threads of one broker and the settings that all its servers and channels share: one event-loop group for
 * everything, callbacks on its threads ({@code directExecutor}: so callbacks decode and hand over, they never block), a
 * fixed flow-control window of 1 MiB. {@code docs/benchmarks.md} has the measurements behind these values.
 */
public final class GrpcTransport implements AutoCloseable {
    /** Greatest size of one gRPC message, in bytes. */
    public static final int MESSAGE_BYTES_MAX = 16 << 20;

    private static final int FLOW_CONTROL_WINDOW_BYTES = 1 << 20;
    private static final int CONNECT_TIMEOUT_MS = 2_000;
    /** gRPC allows no less. */
    private static final int KEEP_ALIVE_SECONDS = 10;

    private static final int UNANSWERED_SECONDS_MAX = 3;

    private final EventLoopGroup eventLoops;
    private final Class<? extends ServerChannel> serverChannelType;
    private final Class<? extends Channel> channelType;

    /** Starts {@code threads} network threads: epoll where the platform has it. */
    public GrpcTransport(int threads) {
        if (Epoll.isAvailable()) {
            eventLoops = new MultiThreadIoEventLoopGroup(threads, EpollIoHandler.newFactory());
            serverChannelType = EpollServerSocketChannel.class;
            channelType = EpollSocketChannel.class;
        } else {
            eventLoops = new MultiThreadIoEventLoopGroup(threads, NioIoHandler.newFactory());
            serverChannelType = NioServerSocketChannel.class;
            channelType = NioSocketChannel.class;
        }
    }

    /** A builder for a server that listens at the address. */
    public NettyServerBuilder server(InetSocketAddress address) {
        return NettyServerBuilder.forAddress(address)
                .bossEventLoopGroup(eventLoops)
                .workerEventLoopGroup(eventLoops)
                .channelType(serverChannelType)
                .directExecutor()
                .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .maxInboundMetadataSize(16 << 10)
                .permitKeepAliveTime(1, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true);
    }

    /**
     * A channel to another broker; connects on first use, and again by itself. The caller shuts it down. A connection on
     * which nothing is acknowledged any more ends after a few seconds (the kernel watches what was sent, pings watch an
     * idle one): one that was cut would else be waited for as long as it was cut before.
     */
    public ManagedChannel channel(String host, int port) {
        return NettyChannelBuilder.forAddress(host, port)
                .usePlaintext()
                .eventLoopGroup(eventLoops)
                .channelType(channelType)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                .directExecutor()
                .disableRetry()
                .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(UNANSWERED_SECONDS_MAX, TimeUnit.SECONDS)
                .build();
    }

    /** Ends the network threads; servers and channels must have been shut down before. */
    @Override
    public void close() {
        eventLoops.shutdownGracefully(0, 1_000, TimeUnit.MILLISECONDS).awaitUninterruptibly(2_000);
    }
}
