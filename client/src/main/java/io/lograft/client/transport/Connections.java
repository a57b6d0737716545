package io.lograft.client.transport;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.lograft.client.core.BrokerAddress;
import io.lograft.client.core.ClusterView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One channel per address, and the way to each broker: to the address that metadata name; where that cannot be
 * connected, through a connected bootstrap broker, which relays calls of {@code relay.<broker id>.<service>/<method>}.
 * An address that failed is tried again by the calls that follow, at most once per {@link #RETRY_AFTER_MS}; until it
 * connects they are relayed. Owned by: client loop.
 */
public final class Connections {
    private static final int CONNECT_TIMEOUT_MS = 1_000;
    private static final long RETRY_AFTER_MS = 1_000;

    private final ClientLoop loop;
    private final List<BrokerAddress> bootstrap;
    private final Map<BrokerAddress, Link> links = new LinkedHashMap<>();
    private final Map<String, MethodDescriptor<?, ?>> relayed = new HashMap<>();
    private ClusterView view = ClusterView.EMPTY;
    private boolean isClosed;

    /** A channel, the broker that answered on it (-1 if not known), and when it was last told to connect anew. */
    private static final class Link {
        private final ManagedChannel channel;
        private int brokerId = -1;
        private long retriedMs = Long.MIN_VALUE / 2;

        private Link(ManagedChannel channel) {
            this.channel = channel;
        }

        /** False once connecting has failed, until it succeeds. Starts connecting where nothing was tried yet. */
        private boolean isReachable(long nowMs) {
            if (channel.getState(true) != ConnectivityState.TRANSIENT_FAILURE) {
                return true;
            }
            if (nowMs - retriedMs >= RETRY_AFTER_MS) {
                retriedMs = nowMs;
                channel.resetConnectBackoff();
            }
            return false;
        }

        private boolean isReady() {
            return channel.getState(false) == ConnectivityState.READY;
        }
    }

    Connections(ClientLoop loop, List<BrokerAddress> bootstrap) {
        this.loop = loop;
        this.bootstrap = List.copyOf(bootstrap);
    }

    void viewChanged(ClusterView newView) {
        view = newView;
    }

    /** Notes which broker answered on the channel of an address. */
    void learn(BrokerAddress address, int brokerId) {
        link(address).brokerId = brokerId;
    }

    /** Addresses at which some broker may answer: the bootstrap ones, then the others known. */
    List<BrokerAddress> candidates() {
        List<BrokerAddress> addresses = new ArrayList<>(bootstrap);
        for (ClusterView.Broker broker : view.brokers().values()) {
            BrokerAddress address = new BrokerAddress(broker.host(), broker.port());
            if (!broker.isFenced() && !addresses.contains(address)) {
                addresses.add(address);
            }
        }
        return addresses;
    }

    /** The channel of an address; an unreachable one starts to connect again. */
    Channel channelAt(BrokerAddress address) {
        Link link = link(address);
        if (!link.isReachable(ClientLoop.nowMs())) {
            link.retriedMs = ClientLoop.nowMs();
            link.channel.resetConnectBackoff();
        }
        return link.channel;
    }

    /** Calls to a broker, whichever way it is reached at the time of each call. */
    public Channel channelTo(int brokerId) {
        return new Channel() {
            @Override
            public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
                return route(brokerId, method, options);
            }

            @Override
            public String authority() {
                return "broker-" + brokerId;
            }
        };
    }

    private <Q, R> ClientCall<Q, R> route(int brokerId, MethodDescriptor<Q, R> method, CallOptions options) {
        ClusterView.Broker broker = view.brokers().get(brokerId);
        Link direct = broker == null ? null : link(new BrokerAddress(broker.host(), broker.port()));
        if (direct != null && direct.isReachable(ClientLoop.nowMs())) {
            return direct.channel.newCall(method, options);
        }
        Link other = null;
        for (Link link : links.values()) {
            if (link != direct && link.isReady()) {
                if (link.brokerId == brokerId) {
                    return link.channel.newCall(method, options);
                }
                other = other == null ? link : other;
            }
        }
        boolean isAlive = broker == null || !broker.isFenced();
        if (other != null && isAlive) {
            return other.channel.newCall(relayed(brokerId, method), options);
        }
        return (direct == null ? link(bootstrap.get(0)) : direct).channel.newCall(method, options);
    }

    @SuppressWarnings("unchecked") // The map's key names the method, and with it its types.
    private <Q, R> MethodDescriptor<Q, R> relayed(int brokerId, MethodDescriptor<Q, R> method) {
        String name = "relay." + brokerId + "." + method.getFullMethodName();
        return (MethodDescriptor<Q, R>) relayed.computeIfAbsent(
                name, n -> method.toBuilder().setFullMethodName(n).build());
    }

    private Link link(BrokerAddress address) {
        Link link = links.computeIfAbsent(address, a -> new Link(loop.channel(a, CONNECT_TIMEOUT_MS)));
        if (isClosed) {
            link.channel.shutdownNow();
        }
        return link;
    }

    void close() {
        isClosed = true;
        links.values().forEach(link -> link.channel.shutdownNow());
    }
}
