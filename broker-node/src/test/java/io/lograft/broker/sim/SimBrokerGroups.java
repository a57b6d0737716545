package io.lograft.broker.sim;

import io.lograft.broker.concurrent.Clock;
import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.GroupSettings;
import io.lograft.broker.group.GroupShard;
import io.lograft.broker.group.runtime.SimulatedShard;
import io.lograft.broker.group.sim.SimCoordination;
import io.lograft.broker.group.sim.SimGroupClients;
import io.lograft.broker.log.LogRead;
import io.lograft.broker.replica.Acks;
import io.lograft.broker.replica.ProduceOutcome;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.replica.runtime.ProduceWork;
import io.lograft.broker.replica.runtime.ReadView;
import io.lograft.broker.sim.world.SimWorld;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Groups whose coordinator is whichever broker leads one of the partitions: the shard that serves in brokers, over each
 * replica of it, and clients that reach brokers over the network.
 */
final class SimBrokerGroups implements SimCoordination {
    /** Offsets stay for as long as a run can last, whatever the clocks on the wall do. */
    private static final GroupSettings SETTINGS =
            new GroupSettings(1_000, 1_800_000, 10_000, 60_000, 50, 100, 4_096, Long.MAX_VALUE / 4);

    private final SimCluster cluster;
    private final SimWorld world;
    private final PartitionId partition;
    private final int clientId;
    private final SimGroupClients clients;
    /** In the order in which they came, so that a seed leads to the same run every time. */
    private final Map<SimReplica, Seat> seats = new LinkedHashMap<>();

    private final Map<Object, CompletableFuture<Void>> connections = new HashMap<>();
    /** By client: the broker that it takes for its coordinator. */
    private final Map<String, Integer> known = new HashMap<>();

    private long memberIds;

    /** A shard with its loop. */
    private record Seat(SimulatedShard shard, Loop loop) {}

    SimBrokerGroups(SimCluster cluster, PartitionId partition, int clientId, SimGroupClients clients) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.partition = partition;
        this.clientId = clientId;
        this.clients = clients;
    }

    boolean isHeldBy(PartitionId other) {
        return partition.equals(other);
    }

    SimGroupClients clients() {
        return clients;
    }

    // ---- replicas

    /** A process has a replica of the partition. */
    void added(SimReplica replica) {
        Loop loop = new Loop(replica);
        SimulatedShard shard = new SimulatedShard(new Replica(replica, cluster.mutation()), loop, this::newCore);
        seats.put(replica, new Seat(shard, loop));
        replica.watch(shard::viewChanged);
        shard.viewChanged();
    }

    /** The replica runs no more. */
    void removed(SimReplica replica) {
        Seat seat = seats.remove(replica);
        if (seat != null) {
            seat.loop().execute(seat.shard()::close);
        }
    }

    private GroupShard newCore() {
        return new GroupShard(
                SETTINGS,
                (groupId, kind) -> clients.create(groupId),
                clients.catalog(),
                client -> client + "-" + ++memberIds);
    }

    // ---- clients

    @Override
    public void receive(String from, Object connection, GroupRequest request, Consumer<GroupReply> answer) {
        int broker = coordinatorOf(from);
        world.trace(() -> from + " -> broker " + broker + ": " + request);
        cluster.network()
                .pipe(clientId, broker)
                .send(() -> arrive(broker, connection, request, reply -> {
                    world.trace(() -> "   " + from + " <- broker " + broker + ": " + reply);
                    if (reply instanceof Refused refused && refused.code() == ErrorCode.NOT_COORDINATOR) {
                        known.remove(from);
                    }
                    answer.accept(reply);
                }));
    }

    /**
     * A client stays with the coordinator that it knows until that refuses it, or it happens to look again: then it asks
     * any broker, which may be behind the times.
     */
    private int coordinatorOf(String client) {
        if (world.chance(0.2)) {
            known.remove(client);
        }
        return known.computeIfAbsent(client, fresh -> {
            int asked = world.between(1, cluster.size());
            return Optional.ofNullable(cluster.process(asked))
                    .flatMap(process -> process.session().image().partition(partition))
                    .filter(PartitionImage::hasLeader)
                    .map(PartitionImage::leader)
                    .orElse(asked);
        });
    }

    private void arrive(int broker, Object connection, GroupRequest request, Consumer<GroupReply> answer) {
        SimProcess process = cluster.process(broker);
        if (process == null) {
            return;
        }
        Consumer<GroupReply> reply =
                told -> cluster.network().pipe(broker, clientId).send(() -> answer.accept(told));
        SimReplica replica = process.replica(partition);
        Seat seat = replica == null ? null : seats.get(replica);
        if (seat == null) {
            reply.accept(new Refused(ErrorCode.NOT_COORDINATOR, "broker " + broker + " has no replica"));
            return;
        }
        CompletableFuture<Void> gone = connections.computeIfAbsent(connection, fresh -> new CompletableFuture<>());
        if (request instanceof GroupRequest.FetchOffsets) {
            // After the barrier the broker knows at least the leader epoch that the quorum has by now.
            int epoch = cluster.partitionImage(partition)
                    .map(PartitionImage::leaderEpoch)
                    .orElse(-1);
            seat.loop().execute(() -> seat.shard().handleAsOf(epoch, request, gone, reply));
        } else {
            seat.loop().execute(() -> seat.shard().handle(request, gone, reply));
        }
    }

    @Override
    public void abandoned(Object connection) {
        CompletableFuture<Void> gone = connections.remove(connection);
        if (gone != null) {
            gone.complete(null);
        }
    }

    @Override
    public void topicsChanged() {
        for (Seat seat : List.copyOf(seats.values())) {
            seat.loop().execute(() -> seat.shard().topicsChanged(clients.catalog()));
        }
    }

    /** The brokers' own faults see to that. */
    @Override
    public void change() {}

    @Override
    public Optional<GroupDescription> describe(String groupId) {
        SimProcess process = cluster.partitionImage(partition)
                .map(image -> cluster.process(image.leader()))
                .orElse(null);
        SimReplica replica = process == null ? null : process.replica(partition);
        Seat seat = replica == null ? null : seats.get(replica);
        List<Collection<GroupDescription>> known = new ArrayList<>();
        if (seat != null) {
            // Answered at once, or not at all while it loads.
            seat.shard().list(known::add);
        }
        return known.stream()
                .flatMap(Collection::stream)
                .filter(group -> group.groupId().equals(groupId))
                .findFirst();
    }

    // ---- ports

    /** Runs tasks of one process in their order, while it lives and is not stopped. */
    private final class Loop implements SimulatedShard.Loop {
        private final SimProcess process;
        private final Clock clock;
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

        Loop(SimReplica replica) {
            process = replica.process();
            int bootMs = world.between(0, 1_000_000);
            clock = new Clock() {
                @Override
                public long nowMs() {
                    return bootMs + world.nowMs();
                }

                @Override
                public long wallMs() {
                    return process.machine().wallMs();
                }
            };
        }

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
            world.after(world.between(0, 1), this::runNext);
        }

        private void runNext() {
            if (!process.isAlive()) {
                tasks.clear();
            } else if (process.isPaused()) {
                world.after(process.resumeAtMs() - world.nowMs(), this::runNext);
            } else if (!tasks.isEmpty()) {
                tasks.poll().run();
            }
        }

        @Override
        public void schedule(long delayMs, Runnable task) {
            world.after(Math.max(0, delayMs), () -> execute(task));
        }

        @Override
        public Clock clock() {
            return clock;
        }
    }

    /** What the shard sees of a replica. */
    private record Replica(SimReplica replica, Mutation mutation) implements SimulatedShard.Replica {
        @Override
        public String name() {
            return replica.toString();
        }

        @Override
        public ReadView view() {
            return replica.view();
        }

        @Override
        public long logEndOffset() {
            return mutation == Mutation.GROUPS_NOT_LOADED
                    ? view().logStartOffset()
                    : replica.content().logEndOffset();
        }

        @Override
        public LogRead read(long offset, int maxBytes, long endOffset) throws IOException {
            return replica.log().readCommitted(offset, maxBytes, endOffset);
        }

        @Override
        public boolean produce(ProduceWork work) {
            if (replica.isGone()) {
                work.reply()
                        .complete(
                                new ProduceOutcome.Refused(
                                        ErrorCode.NOT_LEADER, replica + " is no longer here", Optional.empty(), -1),
                                -1);
                return true;
            }
            Consumer<ProduceOutcome> answer = outcome -> work.reply().complete(outcome, -1);
            boolean isHeld = mutation != Mutation.GROUP_ANSWERS_NOT_HELD;
            long deadlineMs = replica.process().nowMs() + work.timeoutMs();
            replica.produce(
                    new SimReplica.Request(work.batch(), isHeld ? answer : ignored -> {}),
                    requestId -> new ReplicaEvent.Produced(
                            requestId, work.header(), Acks.ALL, deadlineMs, work.clientLeaderEpoch()));
            if (!isHeld) {
                answer.accept(new ProduceOutcome.Acknowledged(0, view().leaderEpoch(), 0, 1, 1, false));
            }
            return true;
        }

        @Override
        public void readFailed(IOException failed) {
            replica.process().machine().failed(replica.process(), failed);
        }
    }
}
