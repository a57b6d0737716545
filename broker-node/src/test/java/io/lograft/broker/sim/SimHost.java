package io.lograft.broker.sim;

import io.lograft.broker.cluster.LostReplicas;
import io.lograft.broker.cluster.ReplicaDefaults;
import io.lograft.broker.cluster.ReplicaSpecs;
import io.lograft.broker.log.CorruptLogException;
import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.config.TailConfig;
import io.lograft.broker.log.config.TailRoom;
import io.lograft.broker.log.io.DeletedTrees;
import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.produce.ProduceRules;
import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.replica.runtime.ReplicaSpec;
import io.lograft.broker.sim.world.SimWorld;
import io.lograft.broker.sim.world.SimulationFailure;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.LongUnaryOperator;

/**
 * The log directory of one process and the replicas in it: does what {@code ReplicaHost}, {@code ReplicaFeed} and
 * {@code BrokerStartup} do, without their threads.
 */
final class SimHost {
    /** Less than what is written, so that reads come from memory and from the files. */
    private static final int TAIL_BYTES_MAX = 4_096;

    private static final int ALL_TAILS_BYTES_MAX = 8_192;
    private static final int BATCH_BYTES_MAX = 1 << 20;

    // With room of its own: what other clusters in this JVM have in memory must not change what a seed leads to.
    private final LogConfig config = LogConfig.DEFAULTS
            .withSegmentBytes(2_048)
            .withIndexIntervalBytes(256)
            .withTail(new TailConfig(TAIL_BYTES_MAX, TailConfig.DEFAULTS.age(), new TailRoom(ALL_TAILS_BYTES_MAX)));
    private final SimCluster cluster;
    private final SimWorld world;
    private final SimProcess process;
    private final SimStorage storage;
    private final Map<PartitionId, PartitionLog> recovered = new TreeMap<>();
    private final Set<PartitionId> damaged = new TreeSet<>();
    private final Map<PartitionId, TopicPartition> names = new TreeMap<>();
    private final Map<PartitionId, SimReplica> replicas = new TreeMap<>();
    private final Map<PartitionId, ReplicaSpec> told = new TreeMap<>();
    private final Map<PartitionId, Long> followNumbers = new TreeMap<>();
    /** Names whose directory is about to be given away, and what is to be made under them afterwards. */
    private final Set<TopicPartition> leaving = new HashSet<>();

    private final Map<TopicPartition, ReplicaSpec> waiting = new TreeMap<>();
    private final ArrayDeque<List<SimReplica>> waitingCheckpoints = new ArrayDeque<>();
    private boolean isCheckpointing;
    private LogDirectory directory;
    private LostReplicas.Found found;
    private String directoryId;
    private long letInEpoch = -1;
    private boolean hasToldLosses;
    /** Replicas whose logs were found damaged, and the registrations after which they may be made anew. */
    private final Map<PartitionId, Long> givenUp = new TreeMap<>();

    /** The losses up to this one are among those that the process tells. */
    private int lossesTold;

    SimHost(SimCluster cluster, SimProcess process) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.process = process;
        this.storage = process.machine().storage();
    }

    // ---- the start

    void recover() throws IOException {
        if (cluster.mutation() == Mutation.RECOVERY_SKIPPED) {
            pretendCleanStop();
        }
        directory = LogDirectory.open(storage.files(), storage.bootId());
        LogDirectory.LastStop stop = directory.lastStop();
        found = new LostReplicas.Found(
                directory.identity().isEmpty(),
                directory.identity().map(LogDirectory.Identity::brokerEpoch).orElse(-1L),
                stop.isClean() || stop.isSameBoot());
        directoryId = directory
                .identity()
                .map(LogDirectory.Identity::directoryId)
                .orElseGet(() -> new UUID(world.nextLong(), world.nextLong()).toString());
        directory.beginWriting();
        if (!directory.damagedPartitions().isEmpty()) {
            throw new SimulationFailure(
                    "P3 broken: broker " + process.id() + " does not know what is in " + directory.damagedPartitions());
        }
        for (Map.Entry<TopicPartition, TopicId> entry : directory.partitions().entrySet()) {
            recover(
                    entry.getKey(),
                    new PartitionId(entry.getValue(), entry.getKey().partition()));
        }
    }

    private void pretendCleanStop() throws IOException {
        if (storage.files().exists("meta.properties")) {
            storage.files()
                    .open(".clean-shutdown", io.lograft.broker.log.io.FileStore.OpenMode.REPLACE)
                    .close();
        }
    }

    private void recover(TopicPartition name, PartitionId id) throws IOException {
        names.put(id, name);
        try {
            PartitionLog log =
                    directory.openPartition(name, config, process.machine().wallMs());
            recovered.put(id, log);
            long highWatermark = directory.checkpointedHighWatermark(name);
            world.trace(() -> "broker " + process.id() + " has recovered " + cluster.nameOf(id) + " from "
                    + log.logStartOffset() + " to " + log.logEndOffset() + ", high watermark " + highWatermark);
            SimLog content = SimReplicaLog.read(log, hashesAtRecovery(id));
            content.hashes(hashes(id));
            storage.recovered(id, content);
        } catch (CorruptLogException corrupt) {
            world.trace(
                    () -> "broker " + process.id() + " has lost " + cluster.nameOf(id) + ": " + corrupt.getMessage());
            storage.foundDamaged(id, String.valueOf(corrupt.getMessage()));
            // Opened it may have been, without a look at the damage.
            recovered.remove(id);
            damaged.add(id);
        }
    }

    String directoryId() {
        return directoryId;
    }

    /** Records the registration, unless the loss of what was there before is still to be told; false where the disk failed. */
    boolean recordRegistration(ClusterImage image, long brokerEpoch) {
        boolean isForgetful = letInEpoch < 0
                && cluster.mutation() != Mutation.REGISTRATION_RECORDED_TOO_EARLY
                && LostReplicas.isForgetful(image, process.brokerId(), DirectoryId.parse(directoryId), found());
        return isForgetful || record(brokerEpoch, false);
    }

    /** The broker was let in; false where the disk failed. */
    boolean recordLetIn(long brokerEpoch) {
        return record(brokerEpoch, true);
    }

    private boolean record(long brokerEpoch, boolean isLetIn) {
        try {
            directory.recordIdentity(
                    new LogDirectory.Identity(cluster.quorum().clusterId(), directoryId, process.id(), brokerEpoch));
            storage.brokerEpochRecorded(brokerEpoch);
            if (isLetIn) {
                directory.lossesTold();
                storage.lossesTold(lossesTold);
            }
            return true;
        } catch (IOException failed) {
            process.machine().failed(process, failed);
            return false;
        }
    }

    private LostReplicas.Found found() {
        return cluster.mutation() == Mutation.OLD_COPY_NOT_NOTICED
                ? new LostReplicas.Found(found.isNew(), Long.MAX_VALUE, found.tailsAreSafe())
                : found;
    }

    /** What this broker cannot vouch for; told once. */
    List<LostReplica> losses(ClusterImage image) {
        if (hasToldLosses && cluster.mutation() == Mutation.DAMAGE_NOT_TOLD) {
            return List.of();
        }
        if (hasToldLosses || cluster.mutation() == Mutation.LOST_REPLICAS_NOT_TOLD) {
            lossesTold = storage.lossCount();
            return LostReplicas.ofDamaged(image, process.brokerId(), givenUp.keySet());
        }
        hasToldLosses = true;
        Map<PartitionId, LostReplicas.LogState> logs = new TreeMap<>();
        recovered.forEach((id, log) -> logs.put(id, LostReplicas.LogState.of(log)));
        List<LostReplica> lost = LostReplicas.find(
                image,
                process.brokerId(),
                List.of(new LostReplicas.Directory(DirectoryId.parse(directoryId), found(), logs, damaged)),
                true);
        lossesTold = storage.lossCount();
        return cluster.mutation() == Mutation.TAIL_LENGTHS_NOT_TOLD
                ? lost.stream()
                        .map(replica -> new LostReplica(replica.partition(), replica.cause(), -1, 0))
                        .toList()
                : lost;
    }

    // ---- replicas

    Collection<SimReplica> replicas() {
        return replicas.values();
    }

    SimReplica replica(PartitionId partition) {
        return replicas.get(partition);
    }

    /** Brings the replicas to what the metadata say, from the moment on at which the broker is let in. */
    void feed(ClusterImage image, long brokerEpoch) {
        boolean isFirst = letInEpoch < 0;
        boolean isLetIn = image.broker(process.brokerId())
                .filter(own -> own.epoch() == brokerEpoch && own.isLive())
                .isPresent();
        if (isLetIn && letInEpoch != brokerEpoch) {
            letInEpoch = brokerEpoch;
            if (!recordLetIn(brokerEpoch)) {
                return;
            }
        }
        if (letInEpoch < 0) {
            return;
        }
        ReplicaDefaults defaults = new ReplicaDefaults(brokerEpoch, config, ProduceRules.of(BATCH_BYTES_MAX));
        Map<PartitionId, ReplicaSpec> own = new TreeMap<>();
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.isReplica(process.brokerId())) {
                    ReplicaSpec spec = ReplicaSpecs.of(image, topic, partition, process.brokerId(), defaults);
                    own.put(spec.id(), spec);
                }
            }
        }
        if (isFirst) {
            Map<PartitionId, TopicPartition> unknown = new TreeMap<>(names);
            unknown.keySet().removeAll(own.keySet());
            unknown.forEach(this::remove);
        }
        for (PartitionId gone : List.copyOf(told.keySet())) {
            if (!own.containsKey(gone)) {
                remove(gone, told.remove(gone).name());
            }
        }
        own.forEach((id, spec) -> {
            if (process.isAlive() && !spec.equals(told.put(id, spec))) {
                configure(spec);
            }
        });
    }

    /** True where the broker was let in, and no deletion is under way. */
    boolean isSettled() {
        return letInEpoch >= 0 && leaving.isEmpty();
    }

    private void configure(ReplicaSpec spec) {
        SimReplica replica = replicas.get(spec.id());
        if (replica != null && isToBeMadeAnew(spec)) {
            world.trace(() -> "broker " + process.id() + " makes " + spec.name() + " anew");
            waiting.put(spec.name(), spec);
            takeAway(replica, spec.name());
            return;
        }
        if (replica == null) {
            if (leaving.contains(spec.name())) {
                waiting.put(spec.name(), spec);
                return;
            }
            try {
                replica = open(spec);
            } catch (DiskFullException full) {
                // Tried again: nothing was made that would be in the way.
                world.trace(() -> "broker " + process.id() + " cannot make " + spec.name() + ": " + full.getMessage());
                world.after(500, () -> openLater(spec.id()));
                return;
            } catch (IOException failed) {
                process.machine().failed(process, failed);
                return;
            }
            replicas.put(spec.id(), replica);
            cluster.replicaAdded(replica);
        }
        replica.configure(spec);
    }

    /** A read met damage in this replica's log: what {@code DamagedLogs} does then. */
    void giveUp(PartitionId id) {
        SimReplica replica = replicas.get(id);
        if (replica != null && !givenUp.containsKey(id)) {
            givenUp.put(id, Long.MAX_VALUE);
            storage.damageIsRead();
            replica.giveUp(() -> {
                givenUp.replace(id, process.brokerEpoch());
                process.session().registerAnew();
            });
        }
    }

    boolean hasGivenUp() {
        return !givenUp.isEmpty();
    }

    private boolean isToBeMadeAnew(ReplicaSpec spec) {
        Long epoch = givenUp.get(spec.id());
        PartitionConfiguration wanted = spec.configuration();
        boolean isCountedOn = wanted.member(wanted.self())
                .filter(own -> own.inSync() || own.eligible())
                .isPresent();
        return epoch != null
                && wanted.selfBrokerEpoch() > epoch
                && wanted.isOwnLife()
                && (!isCountedOn || cluster.mutation() == Mutation.DAMAGE_NOT_TOLD);
    }

    private void openLater(PartitionId id) {
        ReplicaSpec newest = told.get(id);
        if (process.isAlive() && newest != null && !replicas.containsKey(id)) {
            configure(newest);
        }
    }

    private SimReplica open(ReplicaSpec spec) throws IOException {
        PartitionLog log = recovered.remove(spec.id());
        if (log == null) {
            if (damaged.remove(spec.id())) {
                directory.deletePartition(spec.name(), spec.id().topic());
                storage.deleted(spec.id());
                storage.deletedForGood(spec.id());
            }
            log = cluster.mutation() == Mutation.TOPIC_ID_NOT_CHECKED
                            && storage.files().exists(spec.name().toString())
                    ? directory.openPartition(
                            spec.name(), spec.log(), process.machine().wallMs())
                    : directory.createPartition(
                            spec.name(), spec.id().topic(), spec.configuration().flushMode(), spec.log());
            storage.created(spec.id(), SimReplicaLog.read(log, hashes(spec.id())));
        }
        long firstNumber = followNumbers.merge(spec.id(), 1L << 32, Long::sum);
        return new SimReplica(
                cluster,
                process,
                spec.id(),
                new SimReplicaLog(log, storage.content(spec.id()), hashes(spec.id()), process.machine()),
                directory.checkpointedHighWatermark(spec.name()),
                firstNumber);
    }

    /** The metadata no longer have this replica here: stops it and gives its files away. */
    private void remove(PartitionId id, TopicPartition name) {
        waiting.remove(name);
        names.remove(id);
        SimReplica replica = replicas.get(id);
        PartitionLog idle = recovered.remove(id);
        if (replica != null) {
            takeAway(replica, name);
        } else if (idle != null) {
            idle.abandon();
            delete(id, name);
        } else if (damaged.remove(id)) {
            delete(id, name);
        }
    }

    private void takeAway(SimReplica replica, TopicPartition name) {
        PartitionId id = replica.partition();
        replicas.remove(id);
        givenUp.remove(id);
        leaving.add(name);
        replica.stop();
        replica.flusher().whenIdle(() -> {
            replica.log().abandon();
            delete(id, name);
        });
    }

    private void delete(PartitionId id, TopicPartition name) {
        storage.deleted(id);
        try {
            if (cluster.mutation() != Mutation.TOPIC_ID_NOT_CHECKED) {
                directory.deletePartition(name, id.topic());
                storage.deletedForGood(id);
                new DeletedTrees(directory.store()).delete(() -> false);
            }
        } catch (IOException failed) {
            process.machine().failed(process, failed);
            return;
        }
        leaving.remove(name);
        ReplicaSpec next = waiting.remove(name);
        if (next != null && told.containsKey(next.id())) {
            configure(told.get(next.id()));
        }
    }

    private LongUnaryOperator hashes(PartitionId id) {
        return offset -> cluster.checker().committedHash(id, offset);
    }

    /** What was committed may be lost since, and the log begin with it nevertheless. */
    private LongUnaryOperator hashesAtRecovery(PartitionId id) {
        SimLog before = storage.content(id);
        return offset -> {
            long known = before == null ? -1 : before.prefixHash(offset);
            return known == -1 ? cluster.checker().committedHash(id, offset) : known;
        };
    }

    // ---- time

    void tick() {
        for (SimReplica replica : List.copyOf(replicas.values())) {
            try {
                replica.log().tick();
                if (!cluster.holdsGroups(replica.partition())) {
                    replica.retain();
                }
            } catch (DiskFullException full) {
                world.trace(() -> replica + " cannot roll its log: " + full.getMessage());
            } catch (IOException failed) {
                process.machine().failed(process, failed);
                return;
            }
        }
    }

    private record Asked(SimReplica replica, TopicPartition name, LogDirectory.Checkpoint point) {}

    /** Asks the replicas, writes what they say a little later, and tells them a little later again. */
    void checkpoint() {
        checkpoint(List.copyOf(replicas.values()));
    }

    /** The log start of this replica moved. */
    void recordSoon(SimReplica replica) {
        if (cluster.mutation() == Mutation.LOG_START_NOT_RECORDED) {
            return;
        }
        world.after(world.between(0, 20), () -> {
            if (process.isAlive() && replicas.get(replica.partition()) == replica) {
                checkpoint(List.of(replica));
            }
        });
    }

    private void checkpoint(List<SimReplica> which) {
        waitingCheckpoints.add(which);
        checkpointNext();
    }

    /** One after the other, as {@code HostCheckpoints} does. */
    private void checkpointNext() {
        List<SimReplica> which = isCheckpointing ? null : waitingCheckpoints.poll();
        if (which == null) {
            return;
        }
        isCheckpointing = true;
        List<Asked> asked = new ArrayList<>();
        which.stream()
                .filter(replica -> replicas.get(replica.partition()) == replica)
                .forEach(replica -> asked.add(
                        new Asked(replica, told.get(replica.partition()).name(), checkpointOf(replica))));
        world.after(world.between(0, 20), () -> {
            write(asked);
            isCheckpointing = false;
            checkpointNext();
        });
    }

    private static LogDirectory.Checkpoint checkpointOf(SimReplica replica) {
        return replica.log().checkpoint(replica.core().highWatermark());
    }

    private void write(List<Asked> all) {
        if (!process.isAlive()) {
            return;
        }
        List<Asked> asked = all.stream().filter(this::isThere).toList();
        Map<TopicPartition, LogDirectory.Checkpoint> points = new TreeMap<>();
        asked.forEach(one -> points.put(one.name(), one.point()));
        try {
            directory.checkpoint(points);
        } catch (DiskFullException full) {
            world.trace(() -> "broker " + process.id() + " cannot write checkpoints: " + full.getMessage());
            return;
        } catch (IOException failed) {
            process.machine().failed(process, failed);
            return;
        }
        world.after(world.between(0, 5), () -> asked.forEach(this::written));
    }

    /** False where the replica left; its name may be another topic's by now. */
    private boolean isThere(Asked asked) {
        return replicas.get(asked.replica().partition()) == asked.replica();
    }

    private void written(Asked asked) {
        if (!process.isAlive() || !isThere(asked)) {
            return;
        }
        try {
            if (asked.replica().log().checkpointed(asked.point())) {
                asked.replica().post(ReplicaEvent.LogStartRecorded.INSTANCE);
            }
        } catch (IOException failed) {
            process.machine().failed(process, failed);
        }
    }

    // ---- the end

    void closeCleanly() throws IOException {
        Map<TopicPartition, LogDirectory.Checkpoint> points = new TreeMap<>();
        for (SimReplica replica : replicas.values()) {
            replica.stop();
            replica.flusher().finish();
            replica.log().closeCleanly();
            points.put(told.get(replica.partition()).name(), checkpointOf(replica));
        }
        for (PartitionLog idle : recovered.values()) {
            long highWatermark = directory.checkpointedHighWatermark(idle.name());
            idle.closeCleanly();
            points.put(
                    idle.name(),
                    new LogDirectory.Checkpoint(idle.recoveryPoint(), highWatermark, idle.logStartOffset()));
        }
        directory.checkpoint(points);
        if (damaged.isEmpty() && leaving.isEmpty() && givenUp.isEmpty()) {
            directory.closeCleanly();
        } else {
            directory.close();
        }
    }

    void markFailed() {
        if (directory != null) {
            directory.markFailed();
        }
    }

    /** Compares all files with what was noted of them, and looks for directories that nobody needs. */
    void verify() throws IOException {
        Set<TopicPartition> wanted = new TreeSet<>();
        for (SimReplica replica : new ArrayList<>(replicas.values())) {
            replica.log().verify();
            wanted.add(told.get(replica.partition()).name());
        }
        if (!directory.partitions().keySet().equals(wanted) && cluster.mutation() == Mutation.NONE) {
            throw new SimulationFailure("broker " + process.id() + " has the logs "
                    + directory.partitions().keySet() + ", not " + wanted);
        }
    }
}
