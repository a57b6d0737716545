package io.lograft.client.transport;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Status;
import io.lograft.client.core.BrokerAddress;
import io.lograft.client.core.ClusterView;
import io.lograft.client.core.Failure;
import io.lograft.client.core.MetadataCache;
import io.lograft.client.core.RetryPolicy;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.DescribeClusterRequest;
import io.lograft.proto.v1.LeaderHint;
import io.lograft.proto.v1.MetadataServiceGrpc;
import io.lograft.proto.v1.WatchMetadataRequest;
import io.lograft.proto.v1.WatchMetadataResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Keeps the view of the cluster up to date: one watch stream to some broker; when it breaks, stays without its first
 * answer, or the broker does not answer a probe, to the next one. Where metadata seem to be out of date, a second watch
 * is opened to another broker, and takes the place of the first one with its first answer: the first one may be the
 * better, and the second broker the one that is in trouble. Owned by: client loop, but for {@link #view}, {@link
 * #await} and {@link #start}, which any thread may use.
 */
public final class Metadata {
    private static final long FIRST_ANSWER_MS = 3_000;
    private static final long PROBE_EVERY_MS = 2_000;
    private static final long PROBE_TIMEOUT_MS = 2_000;
    private static final long SUSPECT_AGAIN_MS = 2_000;

    private final ClientLoop loop;
    private final Connections connections;
    private final MetadataCache cache = new MetadataCache();
    private final List<Consumer<ClusterView>> listeners = new ArrayList<>();
    private final List<Waiter> waiters = new ArrayList<>();

    private volatile ClusterView view = ClusterView.EMPTY;
    private boolean isStarted;
    private boolean isClosed;
    private Watch watch;
    /** The second watch; null while there is none. */
    private Watch other;

    private int attempts;
    private int failures;
    private long suspectedMs = Long.MIN_VALUE / 2;
    private Failure lastFailure = new Failure(ErrorCode.UNAVAILABLE, "no broker was asked yet");

    private record Waiter(Predicate<ClusterView> isEnough, CompletableFuture<Calls.Reply<ClusterView>> done) {}

    Metadata(ClientLoop loop, Connections connections) {
        this.loop = loop;
        this.connections = connections;
    }

    /** The newest view. */
    public ClusterView view() {
        return view;
    }

    /** Starts watching, if nobody did. */
    public void start() {
        loop.execute(() -> {
            if (!isStarted && !isClosed) {
                isStarted = true;
                openNext();
            }
        });
    }

    /** Completes with the first view for which the test holds, or the failure that stood in the way for so long. */
    public CompletableFuture<Calls.Reply<ClusterView>> await(Predicate<ClusterView> isEnough, long timeoutMs) {
        CompletableFuture<Calls.Reply<ClusterView>> done = new CompletableFuture<>();
        start();
        loop.execute(() -> {
            if (isEnough.test(view)) {
                done.complete(new Calls.Reply<>(view, null));
                return;
            }
            Waiter waiter = new Waiter(isEnough, done);
            waiters.add(waiter);
            loop.schedule(
                    () -> {
                        waiters.remove(waiter);
                        done.complete(new Calls.Reply<>(view, lastFailure));
                    },
                    timeoutMs);
        });
        return done;
    }

    /** Why the last watch ended. */
    Failure lastFailure() {
        return lastFailure;
    }

    /** Calls the listener on the loop with every view from now on. */
    public void onChange(Consumer<ClusterView> listener) {
        listeners.add(listener);
    }

    /** Calls it no more. */
    public void forget(Consumer<ClusterView> listener) {
        listeners.remove(listener);
    }

    /** Uses at once what a broker said about a leader. */
    void hint(TopicId topic, int partition, LeaderHint hint) {
        if (cache.applyHint(topic, partition, WireMetadata.leader(hint), hint.getLeaderEpoch())) {
            publish();
        }
    }

    /** Something is wrong that metadata should have told: ask another broker, too, but not all the time. */
    void suspect() {
        long nowMs = ClientLoop.nowMs();
        if (watch == null || nowMs - suspectedMs < SUSPECT_AGAIN_MS) {
            return;
        }
        suspectedMs = nowMs;
        if (other != null) {
            other.cancel("it gave no answer in time");
        }
        BrokerAddress address = nextAddress();
        if (address.equals(watch.address)) {
            address = nextAddress();
        }
        other = new Watch(address);
        other.open();
    }

    void close() {
        isClosed = true;
        if (watch != null) {
            watch.cancel("the client is closed");
        }
        if (other != null) {
            other.cancel("the client is closed");
        }
        Failure closed = new Failure(ErrorCode.UNAVAILABLE, "the client is closed");
        waiters.forEach(waiter -> waiter.done().complete(new Calls.Reply<>(view, closed)));
        waiters.clear();
    }

    private void openNext() {
        if (isClosed) {
            return;
        }
        watch = new Watch(nextAddress());
        watch.open();
    }

    private BrokerAddress nextAddress() {
        List<BrokerAddress> candidates = connections.candidates();
        return candidates.get(attempts++ % candidates.size());
    }

    private void onWatchEnded(Watch ended, Failure failure) {
        if (ended == other) {
            other = null;
        }
        if (ended != watch || isClosed) {
            return;
        }
        watch = other;
        other = null;
        lastFailure = failure;
        if (watch != null) {
            return;
        }
        failures++;
        int candidateCount = connections.candidates().size();
        loop.schedule(this::openNext, failures < candidateCount ? 0 : RetryPolicy.REQUESTS.delayMs(failures));
    }

    private void publish() {
        ClusterView newest = cache.view();
        view = newest;
        connections.viewChanged(newest);
        for (Consumer<ClusterView> listener : List.copyOf(listeners)) {
            listener.accept(newest);
        }
        waiters.removeIf(waiter -> {
            boolean isEnough = waiter.isEnough().test(newest);
            if (isEnough) {
                waiter.done().complete(new Calls.Reply<>(newest, null));
            }
            return isEnough;
        });
    }

    /** One watch stream to one broker. */
    private final class Watch extends ClientCall.Listener<WatchMetadataResponse> {
        private final BrokerAddress address;
        private final Channel channel;
        private final ClientCall<WatchMetadataRequest, WatchMetadataResponse> call;
        private boolean hasAnswered;

        private Watch(BrokerAddress address) {
            this.address = address;
            this.channel = connections.channelAt(address);
            this.call = channel.newCall(MetadataServiceGrpc.getWatchMetadataMethod(), CallOptions.DEFAULT);
        }

        private void open() {
            call.start(this, new io.grpc.Metadata());
            call.request(16);
            call.sendMessage(WatchMetadataRequest.newBuilder()
                    .setKnownIndex(view.index())
                    .setClusterId(view.clusterId())
                    .build());
            call.halfClose();
            loop.schedule(
                    () -> {
                        if (!hasAnswered) {
                            replace(new Failure(
                                    ErrorCode.REQUEST_TIMED_OUT,
                                    address + " gave no metadata within " + FIRST_ANSWER_MS + " ms"));
                        }
                    },
                    FIRST_ANSWER_MS);
        }

        private void cancel(String why) {
            call.cancel(why, null);
        }

        private boolean isInUse() {
            return this == watch || this == other;
        }

        private void replace(Failure why) {
            if (isInUse()) {
                cancel(why.message());
                onWatchEnded(this, why);
            }
        }

        /** The second watch has answered: it is the one from now on. */
        private void takeOver() {
            Watch former = watch;
            watch = this;
            other = null;
            former.cancel("another broker is watched");
        }

        @Override
        public void onMessage(WatchMetadataResponse message) {
            call.request(1);
            if (!isInUse()) {
                return;
            }
            switch (cache.apply(WireMetadata.update(message))) {
                case OTHER_CLUSTER ->
                    replace(new Failure(
                            ErrorCode.CLUSTER_ID_MISMATCH,
                            address + " belongs to cluster " + message.getClusterId() + ", not to "
                                    + view.clusterId()));
                case STALE -> replace(new Failure(ErrorCode.UNAVAILABLE, address + " lags behind"));
                case APPLIED -> {
                    failures = 0;
                    if (this == other) {
                        takeOver();
                    }
                    if (!hasAnswered) {
                        hasAnswered = true;
                        probe();
                    }
                    publish();
                }
            }
        }

        @Override
        public void onClose(Status status, io.grpc.Metadata trailers) {
            onWatchEnded(this, Calls.failure(status.asRuntimeException(trailers)));
        }

        /** Learns who answers here, and finds out when nobody does any more. */
        private void probe() {
            if (!isInUse()) {
                return;
            }
            DescribeClusterRequest request = DescribeClusterRequest.getDefaultInstance();
            Calls.unary(channel, MetadataServiceGrpc.getDescribeClusterMethod(), request, PROBE_TIMEOUT_MS, reply -> {
                if (reply.failure() == null) {
                    connections.learn(address, reply.answer().getAnsweredBy());
                    loop.schedule(this::probe, PROBE_EVERY_MS);
                } else {
                    replace(reply.failure());
                }
            });
        }
    }
}
