package io.lograft.broker.transport;

import io.grpc.ManagedChannel;
import io.lograft.model.BrokerId;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One channel for each other broker, at the address that the metadata name now. When a broker's address changes, its
 * old channel is shut down once it is asked for again. Safe for use by several threads.
 */
public final class PeerChannels implements AutoCloseable {
    private record Peer(InetSocketAddress address, ManagedChannel channel) {}

    private final GrpcTransport transport;
    private final Function<BrokerId, Optional<InetSocketAddress>> addresses;
    private final Map<BrokerId, Peer> peers = new HashMap<>();

    /**
     * Opens nothing yet.
     *
     * @param addresses the newest known address of a broker, unresolved; empty for an unknown one
     */
    public PeerChannels(GrpcTransport transport, Function<BrokerId, Optional<InetSocketAddress>> addresses) {
        this.transport = transport;
        this.addresses = addresses;
    }

    /** The channel to a broker; empty where the metadata know no such broker. */
    public synchronized Optional<ManagedChannel> channelTo(BrokerId broker) {
        Optional<InetSocketAddress> address = addresses.apply(broker);
        if (address.isEmpty()) {
            return Optional.empty();
        }
        Peer peer = peers.get(broker);
        if (peer == null || !peer.address().equals(address.get())) {
            if (peer != null) {
                peer.channel().shutdown();
            }
            InetSocketAddress at = address.get();
            peer = new Peer(at, transport.channel(at.getHostString(), at.getPort()));
            peers.put(broker, peer);
        }
        return Optional.of(peer.channel());
    }

    @Override
    public synchronized void close() {
        peers.values().forEach(peer -> peer.channel().shutdownNow());
        peers.clear();
    }
}
