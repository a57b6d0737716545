package io.lograft.broker.replica.runtime;

import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.log.CorruptLogException;
import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.LogRead;
import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.produce.ProduceCheck;
import io.lograft.broker.replica.FetchVerdict;
import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.broker.replica.PartitionReplica;
import io.lograft.broker.replica.ProduceOutcome;
import io.lograft.broker.replica.ReplicaEffect;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.replica.transport.LeaderConnections;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one replica: delivers events, executes effects, and tells those who wait. Owned by: partition loop. Only the
 * methods that say so may be called by other threads.
 */
public final class PartitionRuntime {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionRuntime.class);

    private final PartitionId id;
    private final TopicPartition topicPartition;
    private final String name;
    private final LoopContext context;
    private final PartitionLog log;
    private final PartitionReplica replica;
    private final EffectExecutor executor;
    private final FlushDriver flushes;
    private final RetentionCare retention;
    private final Ports.StorageFailures failures;
    private final LeaderConnections leaders;
    private final DiskRoom room;
    private final Map<Long, ProduceWork> requests = new HashMap<>();
    private final Map<Long, Consumer<ReplicaEffect.CompleteDeletion>> deletions = new HashMap<>();
    private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
    private final List<ReplicaEffect> effects = new ArrayList<>();
    private final Deque<ReplicaEvent> followUps = new ArrayDeque<>();
    private volatile ReadView view = ReadView.NOTHING;
    private volatile ProduceCheck produceCheck;
    private long lastRequestId;
    private boolean isTouched;
    private boolean isExecuting;
    private volatile boolean isStopped;
    private volatile boolean areFilesHeld;
    private boolean hasViewChanged;
    private ReplicaSpec.Joining joining;
    private long tickDueMs = Long.MAX_VALUE;
    /** The checkpoint that is on disk; null as long as none of this replica is. */
    private LogDirectory.Checkpoint recorded;

    PartitionRuntime(ReplicaSpec spec, LoopContext context, PartitionLog log, PartitionReplica replica, Ports ports) {
        this.id = spec.id();
        this.topicPartition = spec.name();
        this.name = spec.name().toString();
        this.produceCheck = new ProduceCheck(spec.produce());
        this.joining = spec.joining();
        this.context = context;
        this.log = log;
        this.replica = replica;
        this.executor = new EffectExecutor(this, ports);
        this.flushes = new FlushDriver(this, log, ports);
        this.retention = new RetentionCare(this, spec.log().cleanup(), context.retention());
        this.failures = ports.failures();
        this.leaders = ports.leaders();
        this.room = ports.room();
    }

    public PartitionId id() {
        return id;
    }

    /** Topic name and partition number, for people. */
    public String name() {
        return name;
    }

    /** Topic name and partition number. */
    public TopicPartition topicPartition() {
        return topicPartition;
    }

    /** What checks the batches of clients. Any thread. */
    public ProduceCheck produceCheck() {
        return produceCheck;
    }

    /** What readers may know now. Any thread. */
    public ReadView view() {
        return view;
    }

    /** Whole committed batches from an offset; see {@link PartitionLog#read}. Any thread; may read from disk. */
    public LogRead read(long offset, int maxBytes, long endOffset) throws IOException {
        return log.read(offset, maxBytes, endOffset);
    }

    /** The log, for its reads that are safe on any thread. */
    public PartitionLog log() {
        return log;
    }

    /** Registers somebody who is told when the view changes, on the partition's loop. Any thread. */
    public void watch(Runnable watcher) {
        watchers.add(watcher);
    }

    /** Undoes {@link #watch}. Any thread. */
    public void unwatch(Runnable watcher) {
        watchers.remove(watcher);
    }

    /** Takes up what the metadata want now, from the next event on. Any thread. */
    void configure(ReplicaSpec spec) {
        context.loop().execute(() -> {
            if (isStopped) {
                return;
            }
            joining = spec.joining();
            log.reconfigure(spec.log());
            retention.reconfigure(spec.log().cleanup());
            if (!spec.produce().equals(produceCheck.rules())) {
                produceCheck = new ProduceCheck(spec.produce());
            }
            on(new ReplicaEvent.MetadataChanged(spec.configuration()));
        });
    }

    /**
     * Deletes the records below an offset, see {@link ReplicaEvent.DeletionRequested}; the answer comes on the loop, once.
     * Any thread; false as for {@link #produce}.
     */
    public boolean deleteRecords(long beforeOffset, long timeoutMs, Consumer<ReplicaEffect.CompleteDeletion> answer) {
        return context.loop().tryExecute(() -> {
            if (isStopped) {
                answer.accept(refusedDeletion(ErrorCode.NOT_LEADER, name + " is no longer here"));
            } else if (!retention.deletes()) {
                answer.accept(refusedDeletion(
                        ErrorCode.POLICY_VIOLATION,
                        name + ": with cleanup.policy=compact records go only when a newer one has their key"));
            } else {
                long requestId = ++lastRequestId;
                deletions.put(requestId, answer);
                long deadlineMs = context.loop().clock().nowMs() + timeoutMs;
                on(new ReplicaEvent.DeletionRequested(requestId, beforeOffset, deadlineMs));
            }
        });
    }

    private static ReplicaEffect.CompleteDeletion refusedDeletion(ErrorCode code, String message) {
        return new ReplicaEffect.CompleteDeletion(-1, code, message, -1);
    }

    /** Sends an event to the replica. Any thread. */
    public void deliver(ReplicaEvent event) {
        context.loop().execute(() -> on(event));
    }

    /** Takes a batch; false where the loop has too much to do, the work is not kept then. Any thread. */
    public boolean produce(ProduceWork work) {
        return context.loop().tryExecute(() -> accept(work));
    }

    /** Asks what a fetch may get; the answer comes on the loop. Any thread; false as for {@link #produce}. */
    public boolean judgeFetch(long offset, int clientLeaderEpoch, int lastReadEpoch, Consumer<FetchVerdict> answer) {
        return context.loop()
                .tryExecute(() -> answer.accept(
                        isStopped ? gone() : replica.judgeFetch(offset, clientLeaderEpoch, lastReadEpoch)));
    }

    /** Asks what a question for the end of the log gets; as {@link #judgeFetch}. */
    public boolean judgeEnd(int clientLeaderEpoch, Consumer<FetchVerdict> answer) {
        return context.loop().tryExecute(() -> answer.accept(isStopped ? gone() : replica.judgeEnd(clientLeaderEpoch)));
    }

    private FetchVerdict gone() {
        return new FetchVerdict.Refused(
                ErrorCode.NOT_LEADER, name + " is no longer here", Optional.empty(), -1, -1, -1, -1);
    }

    private void accept(ProduceWork work) {
        if (isStopped) {
            work.reply()
                    .complete(
                            new ProduceOutcome.Refused(
                                    ErrorCode.NOT_LEADER, name + " is no longer here", Optional.empty(), -1),
                            -1);
            context.touched(work.stream());
            return;
        }
        long requestId = ++lastRequestId;
        requests.put(requestId, work);
        long deadlineMs = context.loop().clock().nowMs() + work.timeoutMs();
        on(new ReplicaEvent.Produced(requestId, work.header(), work.acks(), deadlineMs, work.clientLeaderEpoch()));
    }

    /** Delivers an event, now. Loop only. */
    void on(ReplicaEvent event) {
        if (isStopped) {
            return;
        }
        if (!isTouched) {
            isTouched = true;
            context.touched(this);
        }
        if (isExecuting) {
            followUps.addLast(event);
            return;
        }
        deliverNow(event);
        for (ReplicaEvent next = followUps.poll(); next != null && !isStopped; next = followUps.poll()) {
            deliverNow(next);
        }
    }

    private void deliverNow(ReplicaEvent event) {
        effects.clear();
        replica.on(event, context.loop().clock().nowMs(), effects);
        isExecuting = true;
        try {
            for (int i = 0; i < effects.size() && !isStopped; i++) {
                ReplicaEvent failure = executor.execute(effects.get(i));
                if (failure != null) {
                    followUps.addFirst(failure);
                    break;
                }
            }
        } finally {
            isExecuting = false;
        }
    }

    /** Ends the turn: the replica sends and answers, a flush starts, watchers are told. Loop only. */
    void endTurn() {
        if (isStopped) {
            return;
        }
        on(ReplicaEvent.TurnEnded.INSTANCE);
        isTouched = false;
        flushes.startIfNeeded();
        publish();
        scheduleTick();
    }

    private void publish() {
        boolean isLeader = replica.isLeader();
        int epoch =
                replica.configuration().map(PartitionConfiguration::leaderEpoch).orElse(-1);
        ReadView now = new ReadView(isLeader, epoch, replica.highWatermark(), log.logStartOffset());
        if (hasViewChanged || !now.equals(view)) {
            view = now;
            hasViewChanged = false;
            watchers.forEach(Runnable::run);
        }
    }

    private void scheduleTick() {
        long dueMs = replica.nextDeadlineMs();
        if (dueMs < tickDueMs) {
            tickDueMs = dueMs;
            context.loop().schedule(dueMs - context.loop().clock().nowMs(), () -> tick(dueMs));
        }
    }

    private void tick(long scheduledMs) {
        if (isStopped || scheduledMs != tickDueMs) {
            return;
        }
        tickDueMs = Long.MAX_VALUE;
        if (replica.nextDeadlineMs() <= context.loop().clock().nowMs()) {
            on(ReplicaEvent.Tick.INSTANCE);
        } else {
            scheduleTick();
        }
    }

    /** Stops running the replica; what waits is answered. Loop only. */
    void stop() {
        if (isStopped) {
            return;
        }
        isStopped = true;
        leaders.forget(id);
        view = ReadView.NOTHING;
        for (ProduceWork work : requests.values()) {
            work.reply()
                    .complete(
                            new ProduceOutcome.Refused(
                                    ErrorCode.OUTCOME_UNKNOWN,
                                    "the replica of " + name + " stopped before the outcome was known",
                                    Optional.empty(),
                                    -1),
                            -1);
            context.touched(work.stream());
        }
        requests.clear();
        List.copyOf(deletions.values())
                .forEach(answer -> answer.accept(refusedDeletion(
                        ErrorCode.OUTCOME_UNKNOWN, "the replica of " + name + " stopped before all had heard")));
        deletions.clear();
        watchers.forEach(Runnable::run);
        LOG.info("{} stopped here", name);
    }

    /** What depends on time alone in the log. Loop only. */
    void tickLog() {
        try {
            retention.tick(replica, log);
            if (log.tick(context.loop().clock().wallMs())) {
                flushes.want();
                flushes.startIfNeeded();
            }
        } catch (DiskFullException full) {
            // The segment stays as it is, however old, until the next tick finds room for another.
            LOG.debug("{}: no room for a new segment: {}", name, full.getMessage());
        } catch (IOException failed) {
            storageFailed(failed);
        }
        flushes.deleteDiscarded();
    }

    /**
     * Something was wrong with the files under this replica, and whoever cares is told. If the directory failed, the
     * replica stops; if its log is damaged, it goes on with what can be read until it is given up. Loop only.
     */
    void storageFailed(IOException failed) {
        report(failed);
        if (!(failed instanceof CorruptLogException)) {
            on(new ReplicaEvent.StorageFailed(String.valueOf(failed.getMessage())));
        }
    }

    /** A reader could not read; what a damaged log means for the replica is seen to. Any thread. */
    public void readFailed(IOException failed) {
        if (failed instanceof CorruptLogException) {
            report(failed);
        }
    }

    /** Tells whoever cares whether it is this log that is damaged, or the directory that failed. Any thread. */
    void report(IOException failed) {
        if (failed instanceof CorruptLogException damage) {
            failures.damaged(id, name, damage);
        } else {
            failures.failed(name, failed);
        }
    }

    /** What to checkpoint; null where nothing has changed since the last time, or the replica has stopped. Any thread. */
    CompletableFuture<LogDirectory.Checkpoint> checkpoint() {
        CompletableFuture<LogDirectory.Checkpoint> point = new CompletableFuture<>();
        context.loop().execute(() -> point.complete(isStopped ? null : changedCheckpoint()));
        return point;
    }

    /** How it is now; null for a replica that has stopped. Any thread. */
    public CompletableFuture<LogDirectory.Checkpoint> state() {
        CompletableFuture<LogDirectory.Checkpoint> point = new CompletableFuture<>();
        context.loop().execute(() -> point.complete(isStopped ? null : checkpointNow()));
        return point;
    }

    private LogDirectory.Checkpoint changedCheckpoint() {
        LogDirectory.Checkpoint now = checkpointNow();
        return now.equals(recorded) ? null : now;
    }

    private LogDirectory.Checkpoint checkpointNow() {
        long highWatermark = Math.min(replica.highWatermark(), log.flushedOffset());
        return new LogDirectory.Checkpoint(log.recoveryPoint(), highWatermark, log.logStartOffset());
    }

    /** The checkpoint is on disk. Any thread. */
    void checkpointed(LogDirectory.Checkpoint point) {
        context.loop().execute(() -> {
            if (isStopped) {
                return;
            }
            recorded = point;
            try {
                long before = log.recordedLogStart();
                log.recorded(point.recoveryPoint(), point.logStartOffset());
                if (log.recordedLogStart() != before) {
                    on(ReplicaEvent.LogStartRecorded.INSTANCE);
                }
            } catch (IOException failed) {
                storageFailed(failed);
            }
        });
    }

    /** Something to be done with the log on the partition's loop. */
    public interface LogWork<T> {
        T on(PartitionLog log, long highWatermark) throws IOException;
    }

    /** Has something done with the log, for a thread that waits for it; null for a replica that has stopped. Any thread. */
    public <T> CompletableFuture<T> withLog(LogWork<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        context.loop().execute(() -> {
            try {
                done.complete(isStopped ? null : work.on(log, replica.highWatermark()));
            } catch (DiskFullException full) {
                done.completeExceptionally(full);
            } catch (IOException failed) {
                storageFailed(failed);
                done.completeExceptionally(failed);
            }
        });
        return done;
    }

    /** Nothing may take the place of the log's files while they are copied, or may again. Any thread. */
    public CompletableFuture<Void> holdFiles(boolean held) {
        return CompletableFuture.runAsync(() -> areFilesHeld = held, context.loop());
    }

    /** True while {@link #holdFiles} says so. Any thread. */
    public boolean areFilesHeld() {
        return areFilesHeld;
    }

    /** True while records are refused for want of room. Any thread. */
    public boolean isDiskShort() {
        return room.isShort();
    }

    /** Stops; the future completes once nothing uses the log any more, which can be closed then. Loop only. */
    void stopForGood(CompletableFuture<PartitionRuntime> stopped) {
        stop();
        flushes.whenIdle(() -> stopped.complete(this));
    }

    /** Flushes and closes the log of a replica that has stopped; the last checkpoint. Blocks for a few fsyncs. */
    LogDirectory.Checkpoint closeLog() throws IOException {
        log.closeCleanly();
        return checkpointNow();
    }

    public boolean isStopped() {
        return isStopped;
    }

    ProduceWork request(long requestId) {
        return requests.get(requestId);
    }

    void completeDeletion(ReplicaEffect.CompleteDeletion deletion) {
        deletions.remove(deletion.requestId()).accept(deletion);
    }

    ProduceWork takeRequest(long requestId) {
        return requests.remove(requestId);
    }

    void viewChanged() {
        hasViewChanged = true;
    }

    LoopContext context() {
        return context;
    }

    ReplicaSpec.Joining joining() {
        return joining;
    }

    EventLoop loop() {
        return context.loop();
    }

    FlushDriver flushes() {
        return flushes;
    }

    PartitionReplica replica() {
        return replica;
    }
}
