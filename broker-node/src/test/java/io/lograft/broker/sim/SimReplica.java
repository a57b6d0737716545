package io.lograft.broker.sim;

import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.log.state.ProducerSnapshot;
import io.lograft.broker.log.state.ProducerStates;
import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.broker.replica.PartitionReplica;
import io.lograft.broker.replica.ProduceOutcome;
import io.lograft.broker.replica.ReplicaEffect;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.replica.ReplicaSettings;
import io.lograft.broker.replica.runtime.ReadView;
import io.lograft.broker.replica.runtime.ReplicaSpec;
import io.lograft.broker.replica.transport.JoiningThrottle;
import io.lograft.broker.sim.world.SimWorld;
import io.lograft.broker.sim.world.SimulationFailure;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The shell of one replica in one process: mailbox, turns, effects. */
final class SimReplica {

    /** A client's batch with the place for its answer. */
    record Request(ByteBuffer batch, Consumer<ProduceOutcome> answer) {}

    private static final ReadView NOTHING = new ReadView(false, -1, 0, 0);

    private final SimWorld world;
    private final SimCluster cluster;
    private final SimProcess process;
    private final PartitionId partition;
    private final SimReplicaLog log;
    private final SimMutant mutant;
    private final PartitionReplica core;
    private final SimMessages messages;
    private final SimFlusher flusher;
    private final ArrayDeque<ReplicaEvent> mailbox = new ArrayDeque<>();
    private final ArrayDeque<ReplicaEvent> followUps = new ArrayDeque<>();
    private final Map<Long, Request> requests = new HashMap<>();
    private final Map<Long, Consumer<ReplicaEffect.CompleteDeletion>> deletions = new HashMap<>();
    private boolean isTurnScheduled;
    private boolean isStopped;
    private boolean hasFailed;
    private long tickAtMs = Long.MAX_VALUE;
    private long nextRequestId;
    private long verifiedHighWatermark = -1;
    private final List<Runnable> watchers = new ArrayList<>();
    private ReadView view = NOTHING;
    private ReplicaSpec.Joining joining = ReplicaSpec.Joining.NOBODY;

    /**
     * Makes an idle one.
     *
     * @param highWatermark as checkpointed
     * @param firstFollowNumber greater than any that this process has used for the partition
     */
    SimReplica(
            SimCluster cluster,
            SimProcess process,
            PartitionId partition,
            SimReplicaLog log,
            long highWatermark,
            long firstFollowNumber) {
        this.world = cluster.world();
        this.cluster = cluster;
        this.process = process;
        this.partition = partition;
        this.log = log;
        this.mutant = new SimMutant(cluster.mutation());
        this.core = new PartitionReplica(mutant.port(log), ReplicaSettings.DEFAULT, highWatermark, firstFollowNumber);
        this.messages = new SimMessages(process, partition, log);
        this.flusher = new SimFlusher(this, process, process.machine(), world);
    }

    PartitionReplica core() {
        return core;
    }

    PartitionId partition() {
        return partition;
    }

    SimReplicaLog log() {
        return log;
    }

    /** What is in its log. */
    SimLog content() {
        return log.content();
    }

    SimProcess process() {
        return process;
    }

    SimFlusher flusher() {
        return flusher;
    }

    /** For the checker: the high watermark up to which this replica was compared. */
    boolean isVerifiedTo(long highWatermark) {
        boolean before = verifiedHighWatermark == highWatermark;
        verifiedHighWatermark = highWatermark;
        return before;
    }

    boolean isToldFlushMode(FlushMode mode) {
        return core.configuration().filter(known -> known.flushMode() != mode).isEmpty();
    }

    // ---- events

    void configure(ReplicaSpec spec) {
        joining = spec.joining();
        post(new ReplicaEvent.MetadataChanged(spec.configuration()));
    }

    void produce(Request request, ProducedFactory event) {
        if (isStopped) {
            return;
        }
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

    /** Its log was found damaged: it takes part in nothing any more, and then something else happens. */
    void giveUp(Runnable afterwards) {
        post(new ReplicaEvent.StorageFailed("its log is damaged"));
        whenGivenUp(afterwards);
    }

    private void whenGivenUp(Runnable afterwards) {
        world.after(5, () -> {
            if (!isGone() && !hasFailed) {
                whenGivenUp(afterwards);
            } else if (!isGone()) {
                afterwards.run();
            }
        });
    }

    private void scheduleTurn(long delayMs) {
        if (!isTurnScheduled) {
            isTurnScheduled = true;
            world.after(delayMs, this::turn);
        }
    }

    boolean isGone() {
        return isStopped || !process.isAlive();
    }

    private void turn() {
        isTurnScheduled = false;
        if (isGone()) {
            return;
        }
        if (process.isPaused()) {
            scheduleTurn(process.resumeAtMs() - world.nowMs());
            return;
        }
        for (int count = world.between(1, 16); count > 0 && !mailbox.isEmpty() && !isGone(); count--) {
            deliver(mailbox.poll());
        }
        deliver(ReplicaEvent.TurnEnded.INSTANCE);
        if (isGone()) {
            return;
        }
        flusher.flushSoon();
        publish();
        if (!mailbox.isEmpty()) {
            scheduleTurn(0);
        }
        scheduleTick();
    }

    /** What others in the process see of it since the last turn. */
    ReadView view() {
        return view;
    }

    /** Somebody in the process wants to know when {@link #view} changes. */
    void watch(Runnable watcher) {
        watchers.add(watcher);
    }

    private void publish() {
        int epoch =
                core.configuration().map(PartitionConfiguration::leaderEpoch).orElse(-1);
        publish(new ReadView(
                core.isLeader(), epoch, core.highWatermark(), content().logStartOffset()));
    }

    private void publish(ReadView now) {
        if (!now.equals(view)) {
            view = now;
            watchers.forEach(Runnable::run);
        }
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

    /** Delivers an event, executes its effects, and then what follows from them. */
    private void deliver(ReplicaEvent event) {
        followUps.addFirst(event);
        while (!followUps.isEmpty() && !isGone()) {
            deliverOne(followUps.poll());
        }
        followUps.clear();
    }

    private void deliverOne(ReplicaEvent event) {
        if (mutant.truncatesToHighWatermark(event, core)) {
            onLog(() ->
                    log.truncateTo(Math.max(core.highWatermark(), log.content().logStartOffset())));
        }
        if (mutant.saysCommitAtOnce(event)) {
            onLog(() -> log.recordFlushMode(FlushMode.COMMIT));
        }
        List<ReplicaEffect> effects = new ArrayList<>();
        core.on(mutant.received(event), world.nowMs(), effects);
        hasFailed = hasFailed || event instanceof ReplicaEvent.StorageFailed;
        if (!(event instanceof ReplicaEvent.TurnEnded) || !effects.isEmpty()) {
            world.trace(() -> this + " " + event + " => " + effects);
        }
        for (ReplicaEffect effect : effects) {
            ReplicaEvent failure = execute(effect);
            if (failure != null) {
                // The core hears of it at once, and nobody looks before.
                followUps.addFirst(failure);
                return;
            }
            if (isGone()) {
                return;
            }
        }
        cluster.checker().changed(this);
    }

    // ---- effects

    /** Executes one effect; answers the event that tells of its failure, null where it went well. */
    private ReplicaEvent execute(ReplicaEffect effect) {
        return switch (effect) {
            case ReplicaEffect.Append append -> append(append);
            case ReplicaEffect.AppendReplicated append -> appendReplicated(append);
            case ReplicaEffect.TruncateTo truncate ->
                cluster.mutation() == Mutation.TRUNCATION_SKIPPED
                        ? null
                        : onLog(() -> log.truncateTo(truncate.offset()));
            case ReplicaEffect.StartOverAt startOver -> onLog(() -> startOver(startOver));
            case ReplicaEffect.RecordFlushMode record -> onLog(() -> recordFlushMode(record.mode()));
            case ReplicaEffect.AdvanceLogStart advance -> onLog(() -> advanceLogStart(advance.offset()));
            default -> {
                tell(effect);
                yield null;
            }
        };
    }

    private void tell(ReplicaEffect effect) {
        switch (effect) {
            // Others hear of it by the next effects, even of a leader whose disk fails at a later one.
            case ReplicaEffect.HighWatermarkChanged changed -> cluster.checker().committed(this);
            case ReplicaEffect.Complete complete ->
                requests.remove(complete.requestId()).answer().accept(complete.outcome());
            case ReplicaEffect.CompleteDeletion done ->
                deletions.remove(done.requestId()).accept(done);
            case ReplicaEffect.ConnectTo connect -> process.links().connect(connect.leader(), this);
            case ReplicaEffect.DisconnectFrom disconnect -> process.links().disconnect(disconnect.leader(), this);
            case ReplicaEffect.ProposeIsr propose -> propose(propose);
            case ReplicaEffect.RequestHandOver handOver -> process.requestHandOver(partition, handOver);
            case ReplicaEffect.FailReplica fail -> throw new SimulationFailure(this + " stopped: " + fail.reason());
            case ReplicaEffect.AppendTo push -> push(push);
            default -> messages.send(effect);
        }
    }

    private interface LogAction {
        void run() throws IOException;
    }

    private ReplicaEvent onLog(LogAction action) {
        try {
            action.run();
            return null;
        } catch (DiskFullException full) {
            return new ReplicaEvent.AppendFailed(ErrorCode.DISK_FULL, String.valueOf(full.getMessage()));
        } catch (IOException failed) {
            process.machine().failed(process, failed);
            return null;
        }
    }

    private void startOver(ReplicaEffect.StartOverAt startOver) throws IOException {
        List<ProducerStates.Entry> producers = startOver.producers() instanceof byte[] snapshot
                ? ProducerSnapshot.decode(snapshot).orElseThrow()
                : List.of();
        log.startOver(startOver.offset(), producers);
        process.host().recordSoon(this);
    }

    private void advanceLogStart(long offset) throws IOException {
        cluster.checker().logStartMoves(this, offset);
        log.advanceLogStart(offset);
        process.host().recordSoon(this);
    }

    /** What {@code RetentionCare} does. */
    void retain() {
        if (core.isLeader() && !isGone()) {
            long start = log.retained(cluster.retention(), mutant.retainedUpTo(core, log.content()));
            if (start > log.content().logStartOffset()) {
                if (mutant.isDeletingTooMuch()) {
                    onLog(() -> advanceLogStart(start));
                } else {
                    post(new ReplicaEvent.RetentionDue(start));
                }
            }
        }
    }

    /** Somebody wants records deleted. */
    void delete(long beforeOffset, Consumer<ReplicaEffect.CompleteDeletion> answer) {
        if (!isStopped) {
            long id = nextRequestId++;
            deletions.put(id, answer);
            post(new ReplicaEvent.DeletionRequested(id, beforeOffset, world.nowMs() + 5_000));
        }
    }

    private ReplicaEvent append(ReplicaEffect.Append append) {
        ByteBuffer batch = requests.get(append.requestId()).batch();
        return onLog(() -> appended(log.append(batch, append.leaderEpoch(), append.baseOffset())));
    }

    /** As the broker does it: where the disk is full the log goes on to say what it said, which errs on the safe side. */
    private void recordFlushMode(FlushMode mode) throws IOException {
        try {
            log.recordFlushMode(mode);
        } catch (DiskFullException full) {
            world.trace(() -> this + " cannot record flush mode " + mode + ": " + full.getMessage());
        }
    }

    private ReplicaEvent appendReplicated(ReplicaEffect.AppendReplicated append) {
        List<SimBatch> fresh = new ArrayList<>();
        boolean[] isRefused = {false};
        ReplicaEvent failure = onLog(() -> isRefused[0] = !log.appendReplicated((ByteBuffer) append.payload(), fresh));
        appended(fresh);
        return isRefused[0] ? new ReplicaEvent.AppendFailed(ErrorCode.CORRUPT_BATCH, "refused by the log") : failure;
    }

    private void appended(List<SimBatch> batches) {
        for (SimBatch batch : batches) {
            cluster.checker().appended(this, batch);
        }
    }

    private void propose(ReplicaEffect.ProposeIsr propose) {
        process.propose(partition, propose);
        ReplicaEvent mistaken = mutant.proposed(propose, core.configuration().orElseThrow());
        if (mistaken != null) {
            post(mistaken);
        }
    }

    private void push(ReplicaEffect.AppendTo push) {
        boolean isLimited = joining.replicas().contains(push.follower());
        JoiningThrottle.Joiner joiner = new JoiningThrottle.Joiner(partition, push.follower());
        long waitMs = isLimited && push.maxBytes() > 0
                ? process.throttle().waitMs(joiner, joining.bytesPerSecond(), world.nowMs())
                : 0;
        boolean isWritable = process.links().isWritable(push.streamId());
        ByteBuffer batches;
        try {
            batches = log.read(push.fromOffset(), isWritable && waitMs == 0 ? push.maxBytes() : 0);
        } catch (IOException failed) {
            process.machine().failed(process, failed);
            return;
        }
        List<SimBatch> sent = SimBatch.decode(batches);
        long next = sent.isEmpty() ? push.fromOffset() : sent.getLast().header().nextOffset();
        if (isWritable) {
            messages.push(push, batches, next);
        }
        followUps.addLast(new ReplicaEvent.Sent(
                push.follower(), push.streamId(), push.number(), next, batches.remaining(), isWritable && waitMs == 0));
        if (isLimited && push.maxBytes() > 0 && waitMs == 0) {
            process.throttle().sent(joiner, joining.bytesPerSecond(), batches.remaining());
        }
        if (isWritable && waitMs > 0) {
            world.after(waitMs, () -> post(new ReplicaEvent.FollowerStreamReady(push.follower(), push.streamId())));
        }
    }

    // ---- the end

    /** Runs no more; what waits is not answered. */
    void stop() {
        isStopped = true;
        publish(NOTHING);
        process.links().forget(this);
        cluster.groups().ifPresent(groups -> groups.removed(this));
    }

    @Override
    public String toString() {
        return process.id() + "/" + cluster.nameOf(partition);
    }
}
