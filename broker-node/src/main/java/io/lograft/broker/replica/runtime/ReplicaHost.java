package io.lograft.broker.replica.runtime;

import io.lograft.broker.concurrent.Clock;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.concurrent.EventLoopGroup;
import io.lograft.broker.concurrent.Workers;
import io.lograft.broker.log.CorruptLogException;
import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.broker.replica.PartitionReplica;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.replica.ReplicaSettings;
import io.lograft.broker.replica.purge.Purger;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens, feeds, checkpoints and removes the replicas of this broker in its log directory. All work on the directory runs
 * on one storage thread, in order; the public methods only send it there and may be called by any thread.
 */
public final class ReplicaHost {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaHost.class);
    private static final long LOG_TICK_MS = 1_000;
    private static final long ROOM_LOOK_MS = 250;

    /**
     * What a host needs besides its directory.
     *
     * @param loops partitions are spread over them
     * @param storage exactly one thread
     * @param fatal told of an invariant that is broken on a thread that opens or closes logs
     */
    public record Setup(
            EventLoopGroup loops,
            Workers storage,
            Workers flushes,
            Clock clock,
            Settings settings,
            Consumer<Throwable> fatal) {}

    /**
     * How replicas are run.
     *
     * @param recoveryThreads how many logs are opened or closed at a time, at a start and a stop
     */
    public record Settings(ReplicaSettings replica, int recoveryThreads, RetentionPace retention) {}

    private final LogDirectory directory;
    private final Setup setup;
    private final PartitionRegistry registry;
    private final Ports ports;
    private final Map<EventLoop, LoopContext> contexts = new HashMap<>();
    private final Purger purger;
    private final HostMoves moves;
    private final HostCheckpoints checkpoints;
    /** Those of this directory; changed by the storage thread. */
    private final Map<PartitionId, PartitionRuntime> own = new ConcurrentHashMap<>();
    // Owned by the storage thread.
    private final Map<PartitionId, PartitionLog> recovered = new HashMap<>();
    private final Set<PartitionId> damaged = new HashSet<>();
    private final Set<TopicPartition> nameless = new HashSet<>();
    private final Map<PartitionId, TopicPartition> names = new LinkedHashMap<>();
    private final Map<PartitionId, ReplicaSpec> waitingForRoom = new LinkedHashMap<>();
    private final NewLogs newLogs;
    /** Names whose files are about to be given away; nothing can be made under them before. */
    private final Set<TopicPartition> leaving = new HashSet<>();
    /** What is wanted under such a name: a topic was deleted and made anew, or a replica was given up. */
    private final Map<TopicPartition, ReplicaSpec> awaiting = new HashMap<>();

    /** Replicas with damaged logs, and the broker epochs after which they may be made anew. */
    private final Map<PartitionId, Long> givenUp = new HashMap<>();

    private boolean isStopping;

    /** Opens nothing yet. */
    public ReplicaHost(LogDirectory directory, Setup setup, PartitionRegistry registry, Ports ports) {
        this.directory = directory;
        this.setup = setup;
        this.registry = registry;
        this.ports = ports;
        this.purger = new Purger(directory.store(), setup.fatal());
        this.moves = new HostMoves(directory, setup, ports, purger);
        this.checkpoints = new HostCheckpoints(directory, setup, ports, own);
        this.newLogs = new NewLogs(setup.storage(), setup.flushes(), this::make, this::openMade);
        for (EventLoop loop : setup.loops().all()) {
            contexts.put(loop, new LoopContext(loop, setup.settings().retention(), checkpoints::recordSoon));
            loop.scheduleEvery(LOG_TICK_MS, () -> tickLogs(loop));
        }
        setup.loops()
                .loopFor(0)
                .scheduleEvery(ROOM_LOOK_MS, () -> setup.storage().execute(this::lookForRoom));
    }

    /**
     * The state of the logs after a start.
     *
     * @param damaged logs that cannot be used
     * @param nameless directories that do not say which topic they belong to
     */
    public record Recovered(
            Map<PartitionId, PartitionLog> logs, Set<PartitionId> damaged, Set<TopicPartition> nameless) {}

    /** Opens and recovers every log of the directory; to be done once, before anything else. */
    public CompletableFuture<Recovered> recover(Function<TopicPartition, LogConfig> configs) {
        CompletableFuture<Recovered> done = new CompletableFuture<>();
        setup.storage().execute(() -> {
            try {
                directory.beginWriting();
                moves.begin();
                for (TopicPartition name : directory.damagedPartitions()) {
                    LOG.error("{}: this replica is lost: partition.metadata does not say whose it is", name);
                    nameless.add(name);
                }
                directory
                        .partitions()
                        .forEach((name, topic) -> names.put(new PartitionId(topic, name.partition()), name));
                Map<PartitionId, PartitionLog> opened = new ConcurrentHashMap<>();
                Set<PartitionId> lost = ConcurrentHashMap.newKeySet();
                LogRounds.run(round("opened"), List.copyOf(names.keySet()), id -> open(id, configs, opened, lost))
                        .whenCompleteAsync((nothing, failed) -> opened(opened, lost, failed, done), setup.storage());
            } catch (IOException failed) {
                done.completeExceptionally(failed);
            }
        });
        return done;
    }

    private LogRounds.Round round(String verb) {
        return new LogRounds.Round(verb, directory.toString(), setup.settings().recoveryThreads(), setup.fatal());
    }

    /** On one of several threads; the names do not change meanwhile. */
    private void open(
            PartitionId id,
            Function<TopicPartition, LogConfig> configs,
            Map<PartitionId, PartitionLog> opened,
            Set<PartitionId> lost)
            throws IOException {
        TopicPartition name = names.get(id);
        try {
            opened.put(
                    id,
                    directory.openPartition(
                            name, configs.apply(name), setup.clock().wallMs()));
        } catch (CorruptLogException corrupt) {
            LOG.error("{}: this replica is lost and will be refilled: {}", name, corrupt.getMessage());
            lost.add(id);
        }
    }

    private void opened(
            Map<PartitionId, PartitionLog> opened,
            Set<PartitionId> lost,
            Throwable failed,
            CompletableFuture<Recovered> done) {
        if (failed != null) {
            opened.values().forEach(PartitionLog::abandon);
            done.completeExceptionally(failed);
            return;
        }
        recovered.putAll(opened);
        damaged.addAll(lost);
        // What a process before this one did not come to.
        purger.begin();
        done.complete(new Recovered(Map.copyOf(recovered), Set.copyOf(damaged), Set.copyOf(nameless)));
    }

    /**
     * Brings a replica to what the metadata want: makes or opens it if it does not run, else tells it. A log that is
     * missing or damaged is replaced by an empty one: the broker must have told the controller of its loss before.
     */
    public void configure(ReplicaSpec spec) {
        setup.storage().execute(() -> configureNow(spec));
    }

    private void configureNow(ReplicaSpec spec) {
        if (isStopping) {
            return;
        }
        if (leaving.contains(spec.name())) {
            awaiting.put(spec.name(), spec);
            return;
        }
        PartitionRuntime former = own.get(spec.id());
        if (former != null && isToBeMadeAnew(spec)) {
            LOG.info("{}: nobody counts on this damaged replica any more, it is made anew and refilled", spec.name());
            awaiting.put(spec.name(), spec);
            takeAway(former);
            return;
        }
        if (former != null) {
            former.configure(spec);
        } else if (recovered.containsKey(spec.id())
                || damaged.contains(spec.id())
                || nameless.contains(spec.name())
                || moves.has(spec.id())) {
            openMade(spec, () -> recoveredOrAnew(spec));
        } else {
            newLogs.want(spec);
        }
    }

    private void openMade(ReplicaSpec spec, NewLogs.Outcome log) {
        PartitionRuntime runtime = isStopping ? null : open(spec, log);
        if (runtime != null) {
            runtime.configure(spec);
        }
    }

    /**
     * Ends a replica whose log is damaged; completes once it takes part in nothing any more. The damaged log stays until
     * {@link #letBeMadeAnew}.
     */
    public CompletableFuture<Void> giveUp(PartitionId partition, String reason) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        setup.storage().execute(() -> {
            PartitionRuntime runtime = own.get(partition);
            if (isStopping || runtime == null) {
                done.complete(null);
                return;
            }
            givenUp.put(partition, Long.MAX_VALUE);
            runtime.loop().execute(() -> {
                runtime.on(new ReplicaEvent.StorageFailed(reason));
                done.complete(null);
            });
        });
        return done;
    }

    /**
     * Has a replica that was given up made anew, empty, and refilled, once the metadata count on it in neither set under
     * a later registration than this one. What leaders know of the replica, and what they propose from that, is bound to
     * the broker epoch that it followed under, and is void with that; it has followed under this one at the latest.
     */
    public void letBeMadeAnew(PartitionId partition, long lastBrokerEpoch) {
        setup.storage().execute(() -> givenUp.replace(partition, lastBrokerEpoch));
    }

    private boolean isToBeMadeAnew(ReplicaSpec spec) {
        Long epoch = givenUp.get(spec.id());
        PartitionConfiguration wanted = spec.configuration();
        return epoch != null && wanted.selfBrokerEpoch() > epoch && wanted.isOwnLife() && wanted.isExpendable();
    }

    /** Gives away the files of replicas that the metadata do not have here; to be done before the first configure. */
    public void removeUnknown(Set<PartitionId> known) {
        setup.storage().execute(() -> {
            Map<PartitionId, TopicPartition> unknown = new LinkedHashMap<>(names);
            unknown.keySet().removeAll(known);
            unknown.forEach((id, name) -> {
                LOG.info("{}: the metadata do not have {} (topic id {}) here any more", directory, name, id.topic());
                remove(id, name);
            });
            moves.dropUnknown(known);
        });
    }

    /** Asks the disk how much room it has, and makes the logs that waited for some. */
    private void lookForRoom() {
        if (isStopping) {
            return;
        }
        ports.room().measure(directory);
        if (ports.room().isShort()) {
            return;
        }
        for (ReplicaSpec spec : List.copyOf(waitingForRoom.values())) {
            openMade(spec, () -> recoveredOrAnew(spec));
        }
    }

    private PartitionLog make(ReplicaSpec spec) throws IOException {
        return directory.createPartition(
                spec.name(), spec.id().topic(), spec.configuration().flushMode(), spec.log());
    }

    private PartitionLog recoveredOrAnew(ReplicaSpec spec) throws IOException {
        PartitionLog log = recovered.remove(spec.id());
        if (log != null) {
            return log;
        }
        boolean isDamaged = damaged.remove(spec.id());
        Optional<PartitionLog> moved = moves.open(spec);
        if (moved.isPresent()) {
            return moved.get();
        }
        if (nameless.remove(spec.name()) || isDamaged) {
            directory.deletePartition(spec.name(), spec.id().topic());
            purger.begin();
        }
        return make(spec);
    }

    private PartitionRuntime open(ReplicaSpec spec, NewLogs.Outcome made) {
        try {
            PartitionLog log = made.log();
            long highWatermark = directory.checkpointedHighWatermark(spec.name());
            long firstNumber = registry.firstFollowNumber(spec.id());
            PartitionReplica replica =
                    new PartitionReplica(new LogView(log), setup.settings().replica(), highWatermark, firstNumber);
            LoopContext context = contexts.get(setup.loops().loopFor(spec.id().hashCode()));
            PartitionRuntime runtime = new PartitionRuntime(spec, context, log, replica, ports);
            registry.add(runtime);
            own.put(spec.id(), runtime);
            waitingForRoom.remove(spec.id());
            return runtime;
        } catch (DiskFullException full) {
            if (waitingForRoom.put(spec.id(), spec) == null) {
                LOG.warn("{}: no room for its log, it is made once there is: {}", spec.name(), full.getMessage());
            }
            return null;
        } catch (IOException failed) {
            ports.failures().failed(spec.name().toString(), failed);
            return null;
        }
    }

    /**
     * The metadata no longer have this replica here: stops it and gives its files away for deletion. Completes once no
     * replica of it runs here any more.
     */
    public CompletableFuture<Void> remove(PartitionId partition, TopicPartition name) {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        setup.storage().execute(() -> {
            awaiting.remove(name);
            PartitionRuntime runtime = own.get(partition);
            waitingForRoom.remove(partition);
            newLogs.forget(partition);
            PartitionLog idle = recovered.remove(partition);
            if (idle != null) {
                idle.abandon();
                delete(name, partition);
            } else if (runtime != null) {
                takeAway(runtime);
            } else if (damaged.remove(partition) || moves.forget(partition)) {
                delete(name, partition);
            }
            gone.complete(null);
        });
        return gone;
    }

    /** The directory has failed: no replica of it runs any more, and nothing is written to it but the mark of that. */
    public void abandon() {
        setup.storage().execute(() -> {
            if (isStopping) {
                return;
            }
            isStopping = true;
            directory.markFailed();
            purger.end();
            recovered.values().forEach(PartitionLog::abandon);
            recovered.clear();
            for (PartitionRuntime runtime : List.copyOf(own.values())) {
                leaves(runtime);
                runtime.loop().execute(() -> {
                    runtime.stop();
                    runtime.flushes().whenIdle(runtime.log()::abandon);
                });
            }
        });
    }

    /** Does something with the directory itself, on its thread. */
    public CompletableFuture<Void> onDirectory(Runnable task) {
        return CompletableFuture.runAsync(task, setup.storage());
    }

    /** Replicas that run in this directory. Any thread. */
    public Collection<PartitionRuntime> replicas() {
        return own.values();
    }

    /**
     * Ends a replica and closes its log, so that a complete copy can take its place in another directory: what is
     * checkpointed of it. It comes back with the next {@link #configure}, and its files go with {@link #remove}.
     */
    public CompletableFuture<LogDirectory.Checkpoint> release(PartitionId partition) {
        CompletableFuture<LogDirectory.Checkpoint> closed = new CompletableFuture<>();
        setup.storage().execute(() -> {
            PartitionRuntime runtime = own.get(partition);
            if (isStopping || runtime == null) {
                closed.completeExceptionally(new IOException(partition + " does not run in " + directory));
                return;
            }
            leaves(runtime);
            moves.release(runtime, closed);
        });
        return closed;
    }

    /** A complete copy of that replica is here, which takes the replica's place with the next {@link #configure}. */
    public CompletableFuture<Void> arrived(PartitionId partition, TopicPartition name, LogDirectory.Checkpoint point) {
        CompletableFuture<Void> noted = new CompletableFuture<>();
        setup.storage().execute(() -> moves.arrived(partition, name, point, noted));
        return noted;
    }

    /** A copy is not to take the replica's place after all. */
    public void forgetArrival(PartitionId partition, TopicPartition name) {
        setup.storage().execute(() -> moves.dropCopy(partition, name));
    }

    private void leaves(PartitionRuntime runtime) {
        own.remove(runtime.id());
        registry.remove(runtime);
    }

    /** Stops a replica and deletes its files. */
    private void takeAway(PartitionRuntime runtime) {
        TopicPartition name = runtime.topicPartition();
        givenUp.remove(runtime.id());
        leaving.add(name);
        leaves(runtime);
        runtime.loop().execute(() -> {
            runtime.stop();
            runtime.flushes().whenIdle(() -> {
                runtime.log().abandon();
                setup.storage().execute(() -> delete(name, runtime.id()));
            });
        });
    }

    private void delete(TopicPartition name, PartitionId partition) {
        try {
            directory.deletePartition(name, partition.topic());
            purger.begin();
            LOG.info("{} is deleted here, its files go in the background", name);
        } catch (IOException failed) {
            ports.failures().failed(name.toString(), failed);
            return;
        }
        leaving.remove(name);
        ReplicaSpec successor = awaiting.remove(name);
        if (successor != null) {
            configureNow(successor);
        }
    }

    private void tickLogs(EventLoop loop) {
        for (PartitionRuntime runtime : own.values()) {
            if (runtime.loop() == loop && !runtime.isStopped()) {
                runtime.tickLog();
            }
        }
    }

    /** Writes the checkpoints of all replicas; to be called every few seconds. */
    public CompletableFuture<Void> checkpoint() {
        return checkpoints.write();
    }

    /**
     * Stops every replica, flushes and closes the logs and marks the directory as cleanly stopped. The future fails, and
     * the mark is not made, where any of that fails.
     */
    public CompletableFuture<Void> stopCleanly() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        setup.storage().execute(() -> {
            boolean hasFailed = isStopping;
            isStopping = true;
            if (hasFailed) {
                directory.close();
                done.complete(null);
                return;
            }
            // Nothing is deleted any more once the directory is unlocked.
            purger.end().thenRun(() -> setup.storage().execute(() -> stop(done)));
        });
        return done;
    }

    private void stop(CompletableFuture<Void> done) {
        // After a clean stop damage would not be looked for; a log on its way out is not flushed.
        checkpoints.stop(recovered.values(), () -> damaged.isEmpty() && leaving.isEmpty() && givenUp.isEmpty(), done);
    }
}
