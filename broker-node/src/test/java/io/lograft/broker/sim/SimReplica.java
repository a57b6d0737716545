package io.lograft.broker.sim;

import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.broker.replica.PartitionReplica;
import io.lograft.broker.replica.ProduceOutcome;
import io.lograft.broker.replica.ReplicaEffect;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.replica.ReplicaSettings;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The shell of one replica in one process: mailbox, turns, effects, flushes. */
final class SimReplica {

    /** A client's batch with the place for its answer. */
    record Request(SimBatch batch, Consumer<ProduceOutcome> answer) {}

    private final SimWorld world;
    private final SimCluster cluster;
    private final SimProcess process;
    private final SimDisk disk;
    private final PartitionId partition;
    private final PartitionReplica core;
    private final ArrayDeque<ReplicaEvent> mailbox = new ArrayDeque<>();
    private final Map<Long, Request> requests = new HashMap<>();
    private boolean turnScheduled;
    private boolean flushing;
    private int truncations;
    private long tickAtMs = Long.MAX_VALUE;
    private long nextRequestId;
    private PartitionConfiguration told;

    SimReplica(SimCluster cluster, SimProcess process, PartitionId partition, SimDisk disk) {
        this.world = cluster.world();
        this.cluster = cluster;
        this.process = process;
        this.partition = partition;
        this.disk = disk;
        this.core =
                new PartitionReplica(disk.port(cluster.mutation()), ReplicaSettings.DEFAULT, disk.highWatermark(), 1);
    }

    PartitionReplica core() {
        return core;
    }

    PartitionId partition() {
        return partition;
    }

    SimLog log() {
        return disk.log();
    }

    SimProcess process() {
        return process;
    }

    // ---- events

    void configure(PartitionConfiguration configuration) {
        if (!configuration.equals(told)) {
            told = configuration;
            post(new ReplicaEvent.MetadataChanged(configuration));
        }
    }

    void produce(Request request, ProducedFactory event) {
        long id = nextRequestId++;
        requests.put(id, request);
        post(event.withId(id));
    }

    /** Makes the event for a request once its id is known. */
    interface ProducedFactory {
        ReplicaEvent.Produced withId(long requestId);
    }

    void post(ReplicaEvent event) {
        mailbox.add(event);
        scheduleTurn(world.chance(0.2) ? world.between(0, 3) : 0);
    }

    private void scheduleTurn(long delayMs) {
        if (!turnScheduled) {
            turnScheduled = true;
            world.after(delayMs, this::turn);
        }
    }

    private void turn() {
        turnScheduled = false;
        if (!process.isAlive()) {
            return;
        }
        if (process.isPaused()) {
            scheduleTurn(process.resumeAtMs() - world.nowMs());
            return;
        }
        for (int count = world.between(1, 16); count > 0 && !mailbox.isEmpty(); count--) {
            deliver(mailbox.poll());
        }
        deliver(ReplicaEvent.TurnEnded.INSTANCE);
        if (!mailbox.isEmpty()) {
            scheduleTurn(0);
        }
        scheduleTick();
    }

    private void scheduleTick() {
        long dueMs = core.nextDeadlineMs();
        if (dueMs < tickAtMs) {
            tickAtMs = dueMs;
            world.after(dueMs - world.nowMs(), () -> {
                if (tickAtMs == dueMs) {
                    tickAtMs = Long.MAX_VALUE;
                    post(ReplicaEvent.Tick.INSTANCE);
                }
            });
        }
    }

    private void deliver(ReplicaEvent event) {
        if (cluster.mutation() == Mutation.TRUNCATE_TO_HIGH_WATERMARK
                && event instanceof ReplicaEvent.MetadataChanged
                && !core.isFollower()) {
            truncate(core.highWatermark());
        }
        List<ReplicaEffect> effects = new ArrayList<>();
        core.on(event, world.nowMs(), effects);
        if (!(event instanceof ReplicaEvent.TurnEnded) || !effects.isEmpty()) {
            world.trace(() -> this + " " + event + " => " + effects);
        }
        for (ReplicaEffect effect : effects) {
            execute(effect);
        }
        cluster.checker().changed(this);
    }

    // ---- effects

    private void execute(ReplicaEffect effect) {
        switch (effect) {
            case ReplicaEffect.Append append -> append(append);
            case ReplicaEffect.AppendReplicated append -> appendReplicated(append);
            case ReplicaEffect.TruncateTo truncate -> {
                if (cluster.mutation() != Mutation.TRUNCATION_SKIPPED) {
                    truncate(truncate.offset());
                }
            }
            case ReplicaEffect.StartOverAt startOver -> {
                truncations++;
                disk.log().startOver(startOver.offset());
                disk.storeHighWatermark(startOver.offset());
            }
            case ReplicaEffect.AdvanceLogStart advance -> {}
            case ReplicaEffect.RecordFlushMode record -> disk.log().recordFlushMode(record.mode());
            case ReplicaEffect.HighWatermarkChanged changed -> {
                if (world.chance(0.2)) {
                    disk.storeHighWatermark(
                            Math.min(changed.highWatermark(), disk.log().flushedOffset()));
                }
            }
            case ReplicaEffect.Complete complete ->
                requests.remove(complete.requestId()).answer().accept(complete.outcome());
            case ReplicaEffect.ConnectTo connect -> process.connect(connect.leader(), this);
            case ReplicaEffect.DisconnectFrom disconnect -> process.disconnect(disconnect.leader(), this);
            case ReplicaEffect.ProposeIsr propose -> propose(propose);
            case ReplicaEffect.RequestHandOver handOver -> {} // no command for it yet
            case ReplicaEffect.FailReplica fail -> throw new SimulationFailure(this + " stopped: " + fail.reason());
            default -> send(effect);
        }
    }

    private void append(ReplicaEffect.Append append) {
        SimLog log = disk.log();
        log.append(requests.get(append.requestId()).batch(), append.leaderEpoch());
        cluster.checker().appended(this, append.baseOffset());
        flushSoon();
    }

    private void appendReplicated(ReplicaEffect.AppendReplicated append) {
        @SuppressWarnings("unchecked") // what a SimReplica has sent
        List<SimBatch> batches = (List<SimBatch>) append.payload();
        String problem = disk.log().appendReplicated(batches, append.leaderEpoch());
        if (problem != null) {
            throw new SimulationFailure("R6: " + this + " " + problem);
        }
        for (SimBatch batch : batches) {
            cluster.checker().appended(this, batch.header().baseOffset());
        }
        flushSoon();
    }

    private void truncate(long offset) {
        truncations++;
        disk.log().truncateTo(offset);
        disk.storeHighWatermark(Math.min(disk.highWatermark(), offset));
    }

    private void propose(ReplicaEffect.ProposeIsr propose) {
        process.propose(partition, propose);
        if (cluster.mutation() == Mutation.LEAVERS_NOT_COUNTED) {
            List<BrokerId> members =
                    propose.members().stream().map(ReplicaEffect.IsrMember::id).toList();
            post(new ReplicaEvent.MetadataChanged(SimConfigurations.withoutOthers(told, members)));
        }
    }

    private void send(ReplicaEffect effect) {
        switch (effect) {
            case ReplicaEffect.SendFollow e ->
                process.toLeader(
                        e.leader(),
                        e.streamId(),
                        partition,
                        peer -> new ReplicaEvent.FollowReceived(
                                process.brokerId(),
                                process.brokerEpoch(),
                                e.streamId(),
                                peer.kind(),
                                e.leaderEpoch(),
                                e.number(),
                                e.logStartOffset(),
                                e.logEndOffset(),
                                e.epochs()));
            case ReplicaEffect.SendAck e ->
                process.toLeader(
                        e.leader(),
                        e.streamId(),
                        partition,
                        peer -> new ReplicaEvent.FollowerAcked(
                                process.brokerId(),
                                e.streamId(),
                                e.leaderEpoch(),
                                e.number(),
                                e.logEndOffset(),
                                e.flushedOffset(),
                                e.osMode()));
            case ReplicaEffect.SendUnfollow e ->
                process.toLeader(
                        e.leader(),
                        e.streamId(),
                        partition,
                        peer -> new ReplicaEvent.UnfollowReceived(process.brokerId(), e.streamId(), e.number()));
            case ReplicaEffect.SendFollowing e ->
                process.toFollower(
                        e.streamId(),
                        partition,
                        new ReplicaEvent.FollowingReceived(
                                e.streamId(),
                                e.leaderEpoch(),
                                e.number(),
                                e.truncateTo(),
                                e.startOver(),
                                e.highWatermark()));
            case ReplicaEffect.RefuseFollow e ->
                process.toFollower(
                        e.streamId(),
                        partition,
                        new ReplicaEvent.FollowRefusedReceived(e.streamId(), e.number(), e.code(), e.message()));
            case ReplicaEffect.AppendTo e -> push(e);
            default -> throw new IllegalStateException("not a message: " + effect);
        }
    }

    private void push(ReplicaEffect.AppendTo push) {
        boolean writable = process.isWritable(push.streamId());
        List<SimBatch> batches = writable ? disk.log().read(push.fromOffset(), push.maxBytes()) : List.of();
        long next = batches.isEmpty()
                ? push.fromOffset()
                : batches.getLast().header().nextOffset();
        int bytes = 0;
        for (SimBatch batch : batches) {
            bytes += batch.header().sizeBytes();
        }
        if (writable) {
            process.toFollower(
                    push.streamId(),
                    partition,
                    new ReplicaEvent.AppendReceived(
                            push.streamId(),
                            push.leaderEpoch(),
                            push.number(),
                            push.fromOffset(),
                            next,
                            push.highWatermark(),
                            push.logStartOffset(),
                            batches.isEmpty() ? null : batches));
        }
        deliver(new ReplicaEvent.Sent(
                push.follower(),
                push.streamId(),
                push.number(),
                next,
                bytes,
                writable && process.isWritable(push.streamId())));
    }

    // ---- flushing

    /** Group commit: one round at a time; what is appended meanwhile waits for the next. */
    void flushSoon() {
        SimLog log = disk.log();
        if (flushing || log.flushedOffset() == log.logEndOffset()) {
            return;
        }
        boolean background = log.flushMode() == FlushMode.OS;
        if (background && !world.chance(0.05)) {
            return;
        }
        flushing = true;
        long target = log.logEndOffset();
        int truncationsBefore = truncations;
        world.after(process.fsyncMs(), () -> {
            if (!process.isAlive()) {
                return;
            }
            flushing = false;
            if (truncations == truncationsBefore && log.flushedTo(target)) {
                post(ReplicaEvent.Flushed.INSTANCE);
            }
            flushSoon();
        });
    }

    @Override
    public String toString() {
        return process.id() + "/" + partition.partition();
    }
}
