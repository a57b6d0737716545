package io.lograft.client.transport;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.lograft.client.core.BrokerAddress;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The one thread of a client: does its network work, runs its callbacks and timers, owns its state. With {@code
 * directExecutor} nothing hops to another thread, so whatever runs here must not block. All methods may be called from
 * any thread.
 */
public final class ClientLoop implements AutoCloseable {
    static final int MESSAGE_BYTES_MAX = 32 << 20;
    /** A stream takes about this much before it is no longer ready. */
    static final int ON_READY_THRESHOLD_BYTES = 1 << 20;

    private static final int FLOW_CONTROL_WINDOW_BYTES = 1 << 20;

    private final EventLoopGroup group;
    private final EventLoop loop;
    private final Class<? extends Channel> channelType;

    public ClientLoop() {
        boolean isEpoll = Epoll.isAvailable();
        DefaultThreadFactory threads = new DefaultThreadFactory("lograft-client", true);
        group = new MultiThreadIoEventLoopGroup(
                1, threads, isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        loop = group.next();
        channelType = isEpoll ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /** Milliseconds of a monotonic clock, the same for all threads. */
    public static long nowMs() {
        return System.nanoTime() / 1_000_000;
    }

    /** Runs the task on the loop, after those handed over before. */
    public void execute(Runnable task) {
        if (!loop.isShuttingDown()) {
            loop.execute(task);
        }
    }

    /** Runs the task on the loop after a delay. */
    public void schedule(Runnable task, long delayMs) {
        if (!loop.isShuttingDown()) {
            loop.schedule(task, delayMs, TimeUnit.MILLISECONDS);
        }
    }

    /** True on the loop's own thread, where nothing may block. */
    public boolean isInLoop() {
        return loop.inEventLoop();
    }

    ManagedChannel channel(BrokerAddress address, int connectTimeoutMs) {
        return NettyChannelBuilder.forAddress(address.host(), address.port())
                .usePlaintext()
                .eventLoopGroup(group)
                .channelType(channelType)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectTimeoutMs)
                .directExecutor()
                .disableRetry()
                .disableServiceConfigLookUp()
                .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .build();
    }

    /**
     * Ends the thread. At once, because a JVM that exits waits for threads that sit in native code, which this one does
     * all the time.
     */
    @Override
    public void close() {
        var ended = group.shutdownGracefully(0, 200, TimeUnit.MILLISECONDS);
        if (!isInLoop()) {
            ended.awaitUninterruptibly(500);
        }
    }
}
