package io.lograft.broker.replica.transport;

import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.replica.StreamKind;
import io.lograft.broker.transport.PeerChannels;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.ReplicateRequest;
import io.lograft.proto.v1.ReplicateResponse;
import io.lograft.proto.v1.ReplicationServiceGrpc;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams to the brokers that lead partitions which this broker follows: two to each, opened when the first
 * partition wants them, opened anew with growing pauses while any still does. To brokers that may come to lead one ({@link
 * #keepOpen}) they are open beforehand, so that writes need not wait for that when leadership moves. Its state is owned by
 * the loop given to it; the public methods may be called by any thread.
 */
public final class LeaderConnections implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderConnections.class);
    private static final long RETRY_MS_MIN = 50;
    private static final long RETRY_MS_MAX = 1_000;

    private final EventLoop loop;
    private final PeerChannels channels;
    private final ReplicaInbox inbox;
    private final Supplier<ReplicateRequest.Hello> hello;
    private final Map<Long, LeaderStream> streams = new ConcurrentHashMap<>();
    // Owned by the loop.
    private final Map<BrokerId, Leader> leaders = new HashMap<>();
    private long lastStreamId;
    private boolean isClosed;

    /**
     * Opens nothing yet.
     *
     * @param hello this broker's introduction, without the kind of stream; asked for at each opening
     */
    public LeaderConnections(
            EventLoop loop, PeerChannels channels, ReplicaInbox inbox, Supplier<ReplicateRequest.Hello> hello) {
        this.loop = loop;
        this.channels = channels;
        this.inbox = inbox;
        this.hello = hello;
    }

    /** The open stream with this id. */
    public Optional<LeaderStream> stream(long streamId) {
        return Optional.ofNullable(streams.get(streamId));
    }

    /** The partition follows this broker from now on; it is told of each stream that is or gets open. */
    public void connect(BrokerId leader, PartitionId partition) {
        loop.execute(() -> {
            Leader entry = leaders.computeIfAbsent(leader, Leader::new);
            entry.partitions.add(partition);
            entry.links.values().forEach(link -> link.wanted(partition));
        });
    }

    /** The partition no longer follows this broker. */
    public void disconnect(BrokerId leader, PartitionId partition) {
        loop.execute(() -> drop(leader, partition));
    }

    /** The partition is no longer here. */
    public void forget(PartitionId partition) {
        loop.execute(() -> {
            for (BrokerId leader : List.copyOf(leaders.keySet())) {
                drop(leader, partition);
            }
        });
    }

    /** Keeps streams to exactly these brokers open, besides those that a partition wants. */
    public void keepOpen(Set<BrokerId> brokers) {
        Set<BrokerId> kept = Set.copyOf(brokers);
        loop.execute(() -> {
            for (Leader entry : List.copyOf(leaders.values())) {
                entry.isKept = kept.contains(entry.id);
                dropIfUnwanted(entry);
            }
            for (BrokerId broker : kept) {
                Leader entry = leaders.computeIfAbsent(broker, Leader::new);
                entry.isKept = true;
                entry.links.values().forEach(Link::openUnlessPausing);
            }
        });
    }

    /** Opens all streams anew: they introduce this broker under a registration that has ended. */
    public void introduceAnew() {
        loop.execute(
                () -> leaders.values().forEach(leader -> leader.links.values().forEach(Link::renew)));
    }

    private void drop(BrokerId leader, PartitionId partition) {
        Leader entry = leaders.get(leader);
        if (entry != null && entry.partitions.remove(partition)) {
            dropIfUnwanted(entry);
        }
    }

    private void dropIfUnwanted(Leader entry) {
        if (entry.partitions.isEmpty() && !entry.isKept) {
            leaders.remove(entry.id);
            entry.links.values().forEach(Link::drop);
        }
    }

    @Override
    public void close() {
        loop.execute(() -> {
            isClosed = true;
            leaders.values().forEach(leader -> leader.links.values().forEach(Link::drop));
            leaders.clear();
        });
    }

    /** A broker that leads some of our partitions, or may come to. */
    private final class Leader {
        private final BrokerId id;
        private boolean isKept;
        private final Set<PartitionId> partitions = new HashSet<>();
        private final Map<StreamKind, Link> links = new EnumMap<>(StreamKind.class);

        private Leader(BrokerId id) {
            this.id = id;
            for (StreamKind kind : StreamKind.values()) {
                links.put(kind, new Link(this, kind));
            }
        }
    }

    /** One of the two streams to a leader, through all its attempts. */
    private final class Link {
        private final Leader leader;
        private final StreamKind kind;
        private LeaderStream stream;
        private boolean isOpen;
        private boolean isDropped;
        private long retryMs = RETRY_MS_MIN;

        private Link(Leader leader, StreamKind kind) {
            this.leader = leader;
            this.kind = kind;
        }

        private void wanted(PartitionId partition) {
            if (isOpen) {
                inbox.deliver(partition, new ReplicaEvent.LeaderStreamOpened(leader.id, kind, stream.id()));
            } else {
                openUnlessPausing();
            }
        }

        private void openUnlessPausing() {
            if (stream == null && retryMs == RETRY_MS_MIN) {
                open();
            }
        }

        private void open() {
            if (isDropped || isClosed || stream != null) {
                return;
            }
            Optional<ManagedChannel> channel = channels.channelTo(leader.id);
            if (channel.isEmpty()) {
                retryLater();
                return;
            }
            channel.get().resetConnectBackoff();
            stream = new LeaderStream(++lastStreamId, leader.id, kind);
            ReplicationServiceGrpc.newStub(channel.get()).replicate(new Responses(this, stream));
            stream.greet(hello.get().toBuilder()
                    .setKind(StreamMessages.toProto(kind))
                    .build());
        }

        private void opened(LeaderStream which) {
            if (which != stream || isOpen) {
                return;
            }
            isOpen = true;
            retryMs = RETRY_MS_MIN;
            streams.put(which.id(), which);
            LOG.info("{} stream {} to broker {} is open", kind, which.id(), leader.id);
            for (PartitionId partition : leader.partitions) {
                inbox.deliver(partition, new ReplicaEvent.LeaderStreamOpened(leader.id, kind, which.id()));
            }
        }

        private void closed(LeaderStream which, String reason) {
            if (which != stream) {
                return;
            }
            streams.remove(which.id());
            stream = null;
            if (isOpen) {
                isOpen = false;
                LOG.info("{} stream {} to broker {} is closed: {}", kind, which.id(), leader.id, reason);
                for (PartitionId partition : leader.partitions) {
                    inbox.deliver(partition, new ReplicaEvent.LeaderStreamClosed(leader.id, kind, which.id()));
                }
            }
            retryLater();
        }

        private void retryLater() {
            if (!isDropped && !isClosed) {
                loop.schedule(retryMs, this::open);
                retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
            }
        }

        private void renew() {
            LeaderStream former = stream;
            if (former != null) {
                former.close();
                closed(former, "this broker has registered anew");
            }
        }

        private void drop() {
            isDropped = true;
            isOpen = false;
            if (stream != null) {
                streams.remove(stream.id());
                stream.close();
            }
        }
    }

    /** Callbacks of one call; they come one at a time on a network thread. */
    private final class Responses implements ClientResponseObserver<ReplicateRequest, ReplicateResponse> {
        private final Link link;
        private final LeaderStream stream;
        private boolean isAccepted;

        private Responses(Link link, LeaderStream stream) {
            this.link = link;
            this.stream = stream;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<ReplicateRequest> requests) {
            stream.attach(requests);
        }

        @Override
        public void onNext(ReplicateResponse response) {
            if (!isAccepted) {
                isAccepted = true;
                loop.execute(() -> link.opened(stream));
                return;
            }
            StreamMessages.deliver(response, stream.id(), inbox);
        }

        @Override
        public void onError(Throwable failure) {
            stream.ended();
            loop.execute(() -> link.closed(stream, String.valueOf(failure.getMessage())));
        }

        @Override
        public void onCompleted() {
            stream.ended();
            loop.execute(() -> link.closed(stream, "ended by the leader"));
        }
    }
}
