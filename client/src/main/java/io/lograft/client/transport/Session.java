package io.lograft.client.transport;

import io.lograft.client.core.BrokerAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * All that belongs to one connected client: its loop, connections and metadata, and the runtimes that share them. For
 * all threads; connects on first use.
 */
public final class Session implements AutoCloseable {
    private static final long CLOSE_MS_MAX = 1_000;

    private final ClientLoop loop = new ClientLoop();
    private final Connections connections;
    private final Metadata metadata;
    private final Calls calls;
    private final OffsetLookup offsets;
    private final GroupCalls groups;

    /** A session with the cluster that these brokers belong to; one live one is enough, which has to be found in time. */
    public Session(List<BrokerAddress> bootstrap, long connectTimeoutMs) {
        connections = new Connections(loop, bootstrap);
        metadata = new Metadata(loop, connections);
        calls = new Calls(loop, connections, connectTimeoutMs);
        offsets = new OffsetLookup(loop, metadata, connections);
        groups = new GroupCalls(loop, metadata, connections, calls);
    }

    public ClientLoop loop() {
        return loop;
    }

    public Connections connections() {
        return connections;
    }

    public Metadata metadata() {
        return metadata;
    }

    public Calls calls() {
        return calls;
    }

    public OffsetLookup offsets() {
        return offsets;
    }

    public GroupCalls groups() {
        return groups;
    }

    /** True on the thread that runs callbacks, which must not block. */
    public boolean isInLoop() {
        return loop.isInLoop();
    }

    public ProducerRuntime producer(ProducerSettings settings) {
        return new ProducerRuntime(loop, metadata, connections, calls, settings);
    }

    public ConsumerRuntime consumer(ConsumerRuntime.Settings settings) {
        return new ConsumerRuntime(loop, metadata, connections, offsets, settings);
    }

    /** Ends all calls and the thread. Whatever still waits fails. */
    @Override
    public void close() {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        loop.execute(() -> {
            metadata.close();
            connections.close();
            ended.complete(null);
        });
        if (!loop.isInLoop()) {
            // Late or not: the loop ends now.
            ended.completeOnTimeout(null, CLOSE_MS_MAX, TimeUnit.MILLISECONDS).join();
        }
        loop.close();
    }
}
