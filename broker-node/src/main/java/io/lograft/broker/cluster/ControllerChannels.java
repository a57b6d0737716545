package io.lograft.broker.cluster;

import io.grpc.ManagedChannel;
import io.lograft.broker.transport.GrpcTransport;
import io.lograft.metadata.ratis.VoterAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One channel to each voter's gRPC port, kept for the life of the broker.
 *
 * <p>Owned by: metadata loop.
 */
final class ControllerChannels implements AutoCloseable {
    private final GrpcTransport transport;
    private final Map<VoterAddress, ManagedChannel> channels = new LinkedHashMap<>();

    ControllerChannels(GrpcTransport transport) {
        this.transport = transport;
    }

    /** A channel that tries to connect now, even if it failed a moment ago. */
    ManagedChannel to(VoterAddress voter) {
        ManagedChannel channel = channels.computeIfAbsent(voter, v -> transport.channel(v.host(), v.grpcPort()));
        channel.resetConnectBackoff();
        return channel;
    }

    List<VoterAddress> opened() {
        return List.copyOf(channels.keySet());
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
        channels.clear();
    }
}
