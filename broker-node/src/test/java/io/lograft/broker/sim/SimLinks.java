package io.lograft.broker.sim;

import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.replica.StreamKind;
import io.lograft.broker.sim.world.SimWorld;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** The replication streams of one process, to those it follows and from those who follow it. */
final class SimLinks {

    /** The streams to one leader, and the replicas that follow it. */
    private static final class Link {
        final Set<SimReplica> users = new LinkedHashSet<>();
        final Map<StreamKind, SimStream> streams = new EnumMap<>(StreamKind.class);
        final Set<StreamKind> opening = new LinkedHashSet<>();
    }

    private final SimCluster cluster;
    private final SimWorld world;
    private final SimProcess process;
    private final Map<BrokerId, Link> links = new TreeMap<>();
    private final Map<Long, SimStream> streams = new TreeMap<>();

    SimLinks(SimCluster cluster, SimProcess process) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.process = process;
    }

    // ---- as follower

    void connect(BrokerId leader, SimReplica user) {
        Link link = links.computeIfAbsent(leader, fresh -> new Link());
        link.users.add(user);
        for (StreamKind kind : StreamKind.values()) {
            SimStream stream = link.streams.get(kind);
            if (stream != null) {
                user.post(new ReplicaEvent.LeaderStreamOpened(leader, kind, stream.id()));
            } else {
                open(leader, kind, world.between(0, 10));
            }
        }
    }

    void disconnect(BrokerId leader, SimReplica user) {
        links.get(leader).users.remove(user);
    }

    /** The replica runs no more. */
    void forget(SimReplica user) {
        links.values().forEach(link -> link.users.remove(user));
    }

    private void open(BrokerId leader, StreamKind kind, long delayMs) {
        Link link = links.get(leader);
        if (link.opening.add(kind)) {
            world.after(delayMs, () -> tryToOpen(leader, link, kind));
        }
    }

    private void tryToOpen(BrokerId leader, Link link, StreamKind kind) {
        link.opening.remove(kind);
        if (!process.isAlive() || link.users.isEmpty() || link.streams.containsKey(kind)) {
            return;
        }
        SimProcess peer = cluster.process(leader.value());
        boolean reachable = peer != null
                && peer.isAlive()
                && !peer.isPaused()
                && !process.isPaused()
                && cluster.network().isUpBothWays(process.id(), peer.id());
        if (!reachable) {
            open(leader, kind, world.between(50, 300));
            return;
        }
        SimStream stream = new SimStream(cluster, cluster.freshId(), kind, process, peer);
        world.trace(() -> "stream " + stream + " opens");
        link.streams.put(kind, stream);
        streams.put(stream.id(), stream);
        peer.links().streams.put(stream.id(), stream);
        link.users.forEach(user -> user.post(new ReplicaEvent.LeaderStreamOpened(leader, kind, stream.id())));
    }

    void leaderStreamClosed(SimStream stream) {
        streams.remove(stream.id());
        if (!process.isAlive()) {
            return;
        }
        BrokerId leader = stream.leader().brokerId();
        Link link = links.get(leader);
        link.streams.remove(stream.kind(), stream);
        link.users.forEach(user -> user.post(new ReplicaEvent.LeaderStreamClosed(leader, stream.kind(), stream.id())));
        open(leader, stream.kind(), world.between(0, 100));
    }

    void toLeader(BrokerId leader, long streamId, PartitionId partition, Function<SimStream, ReplicaEvent> message) {
        SimStream stream = streams.get(streamId);
        if (stream != null && stream.isOpen() && stream.leader().brokerId().equals(leader)) {
            ReplicaEvent event = message.apply(stream);
            stream.toLeader(() -> stream.leader().links().receiveAsLeader(stream, partition, event));
        }
    }

    // ---- as leader

    private void receiveAsLeader(SimStream stream, PartitionId partition, ReplicaEvent event) {
        if (!process.isAlive()) {
            return;
        }
        SimReplica replica = process.replica(partition);
        if (replica != null) {
            replica.post(event);
        } else if (event instanceof ReplicaEvent.FollowReceived follow) {
            toFollower(
                    stream.id(),
                    partition,
                    new ReplicaEvent.FollowRefusedReceived(
                            stream.id(), follow.number(), ErrorCode.UNKNOWN_PARTITION, "not yet"));
        }
    }

    void toFollower(long streamId, PartitionId partition, ReplicaEvent event) {
        SimStream stream = streams.get(streamId);
        if (stream != null && stream.isOpen()) {
            stream.toFollower(() -> {
                SimReplica replica = stream.follower().replica(partition);
                if (stream.follower().isAlive() && replica != null) {
                    replica.post(event);
                }
            });
        }
    }

    boolean isWritable(long streamId) {
        SimStream stream = streams.get(streamId);
        return stream != null && stream.isWritable();
    }

    void followerStreamReady(SimStream stream) {
        process.replicas()
                .forEach(replica -> replica.post(
                        new ReplicaEvent.FollowerStreamReady(stream.follower().brokerId(), stream.id())));
    }

    void followerStreamClosed(SimStream stream) {
        streams.remove(stream.id());
        if (process.isAlive()) {
            process.replicas()
                    .forEach(replica -> replica.post(new ReplicaEvent.FollowerStreamClosed(
                            stream.follower().brokerId(), stream.id())));
        }
    }

    // ---- ends

    /** Any stream of this process, for faults; null if it has none. */
    SimStream any() {
        return streams.isEmpty() ? null : List.copyOf(streams.values()).get(world.between(0, streams.size() - 1));
    }

    /** The registration has ended that the streams to leaders introduced this process under. */
    void introduceAnew() {
        List.copyOf(streams.values()).stream()
                .filter(stream -> stream.follower() == process)
                .forEach(SimStream::breakNow);
    }

    /** The process died; its peers notice at once, or after so long a silence at most. */
    void breakAll(int silentMs) {
        for (SimStream stream : List.copyOf(streams.values())) {
            // What is under way may still arrive, or be lost with the connection.
            world.after(world.between(0, 4 + silentMs), stream::breakNow);
        }
    }
}
