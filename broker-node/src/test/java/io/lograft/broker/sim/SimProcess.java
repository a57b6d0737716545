package io.lograft.broker.sim;

import io.lograft.broker.replica.ReplicaEffect;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.replica.StreamKind;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;

/** One life of a broker: its session with the controller, its streams to others, its replicas. */
final class SimProcess {
    private static final long HEARTBEAT_MS = 500;
    private static final long ASK_AGAIN_MS = 700;

    /** The streams to one leader, and the replicas that follow it. */
    private static final class Link {
        final Set<SimReplica> users = new LinkedHashSet<>();
        final Map<StreamKind, SimStream> streams = new EnumMap<>(StreamKind.class);
        final Set<StreamKind> opening = new LinkedHashSet<>();
    }

    private final SimCluster cluster;
    private final SimWorld world;
    private final SimMachine machine;
    private final SimNetwork.Pipe toController;
    private final UUID incarnation;
    private final Map<PartitionId, SimReplica> replicas = new TreeMap<>();
    private final Map<BrokerId, Link> links = new TreeMap<>();
    private final Map<Long, SimStream> streams = new TreeMap<>();
    private ClusterImage image = ClusterImage.empty();
    private long brokerEpoch = -1;
    private boolean alive = true;
    private long resumeAtMs;
    private long askedMs = -ASK_AGAIN_MS;

    SimProcess(SimCluster cluster, SimMachine machine) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.machine = machine;
        this.toController = cluster.network().pipe(machine.id(), SimNetwork.CONTROLLER);
        this.incarnation = new UUID(world.nextLong(), machine.id());
        world.after(0, this::heartbeat);
    }

    int id() {
        return machine.id();
    }

    BrokerId brokerId() {
        return new BrokerId(machine.id());
    }

    long brokerEpoch() {
        return brokerEpoch;
    }

    boolean isAlive() {
        return alive;
    }

    boolean isPaused() {
        return resumeAtMs > world.nowMs();
    }

    long resumeAtMs() {
        return resumeAtMs;
    }

    void pauseUntil(long timeMs) {
        resumeAtMs = timeMs;
    }

    long fsyncMs() {
        return machine.fsyncMs();
    }

    /** Null where the process has no such replica (yet). */
    SimReplica replica(PartitionId partition) {
        return replicas.get(partition);
    }

    Collection<SimReplica> replicas() {
        return replicas.values();
    }

    void kill() {
        alive = false;
        cluster.controller().sessionBroke(id(), brokerEpoch);
        for (SimStream stream : List.copyOf(streams.values())) {
            // What is under way may still arrive, or be lost with the connection.
            world.after(world.between(0, 4), stream::breakNow);
        }
    }

    // ---- the session with the controller

    private void heartbeat() {
        if (!alive) {
            return;
        }
        if (isPaused()) {
            world.after(resumeAtMs - world.nowMs(), this::heartbeat);
            return;
        }
        SimController controller = cluster.controller();
        long knownIndex = image.index();
        if (brokerEpoch >= 0) {
            toController.send(() -> controller.heartbeat(id(), incarnation, knownIndex));
            askToBeUnfenced();
        } else if (askedMs + ASK_AGAIN_MS <= world.nowMs()) {
            askedMs = world.nowMs();
            toController.send(() -> {
                if (alive) {
                    controller.register(id(), incarnation, this::learn);
                }
            });
        }
        world.after(HEARTBEAT_MS, this::heartbeat);
    }

    private void learn(ClusterImage newer) {
        if (!alive || newer.index() <= image.index()) {
            return;
        }
        if (isPaused()) {
            world.after(resumeAtMs - world.nowMs(), () -> learn(newer));
            return;
        }
        BrokerImage self = newer.broker(brokerId()).orElse(null);
        if (self == null || !self.incarnation().equals(incarnation)) {
            return;
        }
        image = newer;
        brokerEpoch = self.epoch();
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.isReplica(brokerId())) {
                    PartitionId id = new PartitionId(topic.id(), partition.partition());
                    replicas.computeIfAbsent(
                                    id, fresh -> new SimReplica(cluster, this, fresh, machine.disk(fresh, topic)))
                            .configure(SimConfigurations.of(image, topic, partition, brokerId(), brokerEpoch));
                }
            }
        }
        askToBeUnfenced();
    }

    private void askToBeUnfenced() {
        boolean wanted = image.broker(brokerId())
                .filter(self -> self.fenced() && self.epoch() == brokerEpoch)
                .isPresent();
        if (!wanted || askedMs + ASK_AGAIN_MS > world.nowMs()) {
            return;
        }
        askedMs = world.nowMs();
        BrokerRef self = new BrokerRef(brokerId(), brokerEpoch);
        List<LostReplica> lost =
                cluster.mutation() == Mutation.LOST_REPLICAS_NOT_TOLD ? List.of() : machine.lostReplicas();
        Runnable known = machine.lossesKnown();
        toController.send(() -> {
            boolean accepted = cluster.controller()
                    .command(new MetadataCommand.UnfenceBroker(self, lost))
                    .isOk();
            if (accepted) {
                known.run();
            }
        });
    }

    void propose(PartitionId partition, ReplicaEffect.ProposeIsr proposal) {
        List<BrokerRef> members = new ArrayList<>();
        for (ReplicaEffect.IsrMember member : proposal.members()) {
            members.add(new BrokerRef(member.id(), member.brokerEpoch()));
        }
        IsrProposal wish = new IsrProposal(
                partition,
                new BrokerRef(brokerId(), brokerEpoch),
                proposal.leaderEpoch(),
                proposal.partitionEpoch(),
                members);
        toController.send(() -> cluster.controller().command(new MetadataCommand.AlterIsr(List.of(wish))));
    }

    // ---- streams, as follower

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

    private void open(BrokerId leader, StreamKind kind, long delayMs) {
        Link link = links.get(leader);
        if (link.opening.add(kind)) {
            world.after(delayMs, () -> tryToOpen(leader, link, kind));
        }
    }

    private void tryToOpen(BrokerId leader, Link link, StreamKind kind) {
        link.opening.remove(kind);
        if (!alive || link.users.isEmpty() || link.streams.containsKey(kind)) {
            return;
        }
        SimProcess peer = cluster.process(leader.value());
        SimNetwork network = cluster.network();
        boolean reachable = peer != null
                && peer.isAlive()
                && !peer.isPaused()
                && !isPaused()
                && network.isUp(id(), peer.id())
                && network.isUp(peer.id(), id());
        if (!reachable) {
            open(leader, kind, world.between(50, 300));
            return;
        }
        SimStream stream = new SimStream(cluster, cluster.freshId(), kind, this, peer);
        world.trace(() -> "stream " + stream + " opens");
        link.streams.put(kind, stream);
        streams.put(stream.id(), stream);
        peer.streams.put(stream.id(), stream);
        link.users.forEach(user -> user.post(new ReplicaEvent.LeaderStreamOpened(leader, kind, stream.id())));
    }

    void leaderStreamClosed(SimStream stream) {
        streams.remove(stream.id());
        if (!alive) {
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
            stream.toLeader(() -> stream.leader().receiveAsLeader(stream, partition, event));
        }
    }

    // ---- streams, as leader

    private void receiveAsLeader(SimStream stream, PartitionId partition, ReplicaEvent event) {
        if (!alive) {
            return;
        }
        SimReplica replica = replicas.get(partition);
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
        return stream == null || stream.isWritable();
    }

    void followerStreamReady(SimStream stream) {
        replicas.values()
                .forEach(replica -> replica.post(
                        new ReplicaEvent.FollowerStreamReady(stream.follower().brokerId(), stream.id())));
    }

    void followerStreamClosed(SimStream stream) {
        streams.remove(stream.id());
        if (alive) {
            replicas.values()
                    .forEach(replica -> replica.post(new ReplicaEvent.FollowerStreamClosed(
                            stream.follower().brokerId(), stream.id())));
        }
    }

    /** Any stream of this process, for faults; null if it has none. */
    SimStream anyStream() {
        return streams.isEmpty() ? null : List.copyOf(streams.values()).get(world.between(0, streams.size() - 1));
    }
}
