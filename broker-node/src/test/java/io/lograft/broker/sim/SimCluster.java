package io.lograft.broker.sim;

import io.lograft.broker.group.sim.SimGroupClients;
import io.lograft.broker.log.config.RetentionConfig;
import io.lograft.broker.sim.world.SimWorld;
import io.lograft.broker.sim.world.SimulationFailure;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** One run: brokers, quorum, clients and faults, all from one seed. */
final class SimCluster {
    private static final String TOPIC = "events";
    private static final long START_LIMIT_MS = 20_000;
    private static final long REST_LIMIT_MS = 90_000;
    /** Groups take longer: sessions expire, and members wait for each other. */
    private static final long GROUPS_REST_LIMIT_MS = 210_000;
    /** Of so many runs without a mistake one has groups. */
    private static final int RUNS_PER_GROUPS = 4;

    private static final int RUNS_PER_CHANGES = 3;
    /** Of so many one loses the power of any machines under {@code flush.mode=os}, and so what was committed. */
    private static final int RUNS_PER_TAIL_LOSSES = 6;

    /** Of so many runs without a mistake one gives its partitions other replicas all the time. */
    private static final int RUNS_PER_REASSIGNMENTS = 5;

    private static final int REPLICAS = 3;

    private final SimWorld world;
    private final SimNetwork network;
    private final SimChecker checker;
    private final Mutation mutation;
    private FlushMode wantedMode;
    private final int minimum;
    private final boolean changesSettings;
    private final boolean losesTails;
    private final boolean reassigns;
    /** The least number of replicas that a partition ever gets. */
    private final int replicasMin;

    private final RetentionConfig retention;
    private final List<SimMachine> machines = new ArrayList<>();
    private final SimQuorum quorum;
    private final List<PartitionId> partitions = new ArrayList<>();
    private final List<SimProducer> producers = new ArrayList<>();
    private final List<SimConsumer> consumers = new ArrayList<>();
    private final boolean hasGroups;
    private Optional<SimBrokerGroups> groups = Optional.empty();
    private Optional<SimOperator> operator = Optional.empty();
    private long nextId;
    private long topics;
    private int nextClient = SimNetwork.FIRST_CLIENT;
    private boolean isHealed;

    SimCluster(long seed, Mutation mutation, boolean traced) {
        this.world = new SimWorld(seed, traced);
        this.network = new SimNetwork(world);
        this.checker = new SimChecker(this);
        this.mutation = mutation;
        FlushMode drawn = world.chance(0.75) ? FlushMode.COMMIT : FlushMode.OS;
        this.losesTails = mutation == Mutation.NONE ? seed % RUNS_PER_TAIL_LOSSES == 5 : mutation.concernsTails();
        this.wantedMode = losesTails ? FlushMode.OS : drawn;
        this.minimum = world.chance(0.85) ? 2 : 1;
        this.retention = new RetentionConfig(
                world.chance(0.3) ? world.between(500, 10_000) : -1,
                world.chance(0.3) ? world.between(1_000, 20_000) : -1);
        int drawnBrokers = world.chance(0.7) ? 3 : world.between(4, 5);
        this.reassigns =
                mutation == Mutation.NONE ? seed % RUNS_PER_REASSIGNMENTS == 3 : mutation.concernsReassignments();
        this.replicasMin = !reassigns ? REPLICAS : world.chance(0.6) ? 2 : 1;
        int brokers = reassigns ? Math.max(drawnBrokers, world.between(3, 5)) : drawnBrokers;
        for (int id = 1; id <= brokers; id++) {
            machines.add(new SimMachine(this, id));
        }
        this.quorum = new SimQuorum(this);
        this.changesSettings = mutation == Mutation.NONE ? seed % RUNS_PER_CHANGES == 1 : mutation.concernsSettings();
        this.hasGroups = mutation == Mutation.NONE ? seed % RUNS_PER_GROUPS == 0 : mutation.concernsGroups();
    }

    /** Runs to the end; throws a {@link SimulationFailure} where something is broken. Returns what was done. */
    SimReport run() {
        machines.forEach(SimMachine::start);
        await("the brokers to start", () -> liveBrokers() == machines.size());
        await("the topic to be made", this::makeTopic);
        long faultsEndMs = world.nowMs() + world.between(8_000, 30_000);
        if (hasGroups) {
            beginGroups(faultsEndMs - world.nowMs());
        }
        new SimFaults(this, faultsEndMs).begin();
        if (reassigns) {
            SimOperator fresh = new SimOperator(this, faultsEndMs, replicasMin);
            operator = Optional.of(fresh);
            fresh.begin();
        }
        world.runUntil(faultsEndMs);
        heal();
        awaitRest();
        groups.ifPresent(this::requireProgress);
        verifyFiles();
        long commits = groups.map(some -> some.clients().acknowledgedCommits()).orElse(0L);
        return new SimReport(world.nowMs(), world.steps(), checker.acknowledgedBatches(), commits, world.digest());
    }

    private interface Condition {
        boolean holds();
    }

    private void await(String what, Condition condition) {
        long limitMs = world.nowMs() + START_LIMIT_MS;
        while (!condition.holds()) {
            if (world.nowMs() > limitMs) {
                throw new SimulationFailure("waited in vain for " + what);
            }
            world.runUntil(world.nowMs() + 100);
        }
    }

    private long liveBrokers() {
        return quorum.image().brokers().values().stream()
                .filter(broker -> broker.isLive())
                .count();
    }

    // ---- topics and clients

    /** Makes the topic and its clients, where there is a controller and enough brokers live. */
    private boolean makeTopic() {
        TopicId id = new TopicId(1, topics + 1);
        int partitionCount = world.between(1, 3) + (hasGroups ? 1 : 0);
        boolean isMade = quorum.administer(new MetadataCommand.CreateTopic(
                        id,
                        TOPIC,
                        partitionCount,
                        reassigns ? world.between(replicasMin, REPLICAS) : REPLICAS,
                        new TreeMap<>(),
                        new TopicDefaults(1, REPLICAS, minimum, wantedMode),
                        world.between(0, 1_000),
                        false,
                        false))
                .filter(reply -> reply.isOk())
                .isPresent();
        if (!isMade) {
            return false;
        }
        topics++;
        for (int number = 0; number < partitionCount; number++) {
            PartitionId partition = new PartitionId(id, number);
            partitions.add(partition);
            if (holdsGroups(partition)) {
                continue;
            }
            for (int count = world.between(1, 2); count > 0; count--) {
                producers.add(new SimProducer(this, nextClient++, partition));
            }
            consumers.add(new SimConsumer(this, nextClient++, partition));
        }
        if (isHealed) {
            producers.forEach(SimProducer::stop);
        }
        return true;
    }

    /** Deletes the topic and makes it anew under the same name, as soon as that is possible; not where it has groups. */
    void makeTopicAnew() {
        if (partitions.isEmpty()
                || hasGroups
                || quorum.administer(new MetadataCommand.DeleteTopic(TOPIC, Optional.empty()))
                        .filter(reply -> reply.isOk())
                        .isEmpty()) {
            return;
        }
        producers.forEach(SimProducer::leave);
        consumers.forEach(SimConsumer::leave);
        producers.clear();
        consumers.clear();
        partitions.clear();
        world.after(world.between(0, 300), this::makeTopicOrTryLater);
    }

    private void makeTopicOrTryLater() {
        if (!makeTopic()) {
            world.after(200, this::makeTopicOrTryLater);
        }
    }

    // ---- groups

    private void beginGroups(long faultsMs) {
        SimGroupClients clients = new SimGroupClients(world, faultsMs);
        SimBrokerGroups coordination = new SimBrokerGroups(this, partitions.getFirst(), nextClient++, clients);
        groups = Optional.of(coordination);
        for (SimMachine machine : machines) {
            if (machine.isRunning()) {
                machine.process().replicas().forEach(this::replicaAdded);
            }
        }
        clients.begin(coordination);
    }

    /** Groups are kept in the first partition, where there are some. */
    boolean holdsGroups(PartitionId partition) {
        return hasGroups && partition.partition() == 0;
    }

    Optional<SimBrokerGroups> groups() {
        return groups;
    }

    /** A process runs another replica. */
    void replicaAdded(SimReplica replica) {
        groups.filter(some -> holdsGroups(replica.partition())).ifPresent(some -> some.added(replica));
    }

    private void requireProgress(SimBrokerGroups some) {
        List<Long> before = some.clients().committed();
        world.runUntil(world.nowMs() + 15_000);
        awaitRest();
        List<Long> after = some.clients().committed();
        for (int i = 0; i < before.size(); i++) {
            if (after.get(i) <= before.get(i)) {
                throw new SimulationFailure("nobody goes on with a partition: " + before + ", later " + after);
            }
        }
    }

    // ---- the end

    void restartLater(SimMachine machine) {
        world.after(world.between(50, 6_000), machine::start);
    }

    private void heal() {
        world.trace(() -> "HEALED");
        isHealed = true;
        network.healAll();
        producers.forEach(SimProducer::stop);
        groups.ifPresent(some -> some.clients().heal());
        operator.ifPresent(SimOperator::end);
        for (SimMachine machine : machines) {
            machine.healDisk();
            machine.start();
            if (machine.isRunning()) {
                machine.process().pauseUntil(world.nowMs());
            }
        }
    }

    private void awaitRest() {
        long restMs = hasGroups ? GROUPS_REST_LIMIT_MS : REST_LIMIT_MS;
        long limitMs = world.nowMs() + restMs;
        while (true) {
            world.runUntil(world.nowMs() + 500);
            String unrest = unrest();
            if (unrest == null) {
                return;
            }
            if (world.nowMs() >= limitMs) {
                throw new SimulationFailure("no rest within " + restMs + " ms after the faults: " + unrest);
            }
            // What a fault had scheduled may still come: a broker that was to be drained is stopped now.
            machines.forEach(SimMachine::start);
            machines.forEach(SimMachine::healDisk);
            network.healAll();
        }
    }

    private String unrest() {
        if (partitions.isEmpty()) {
            return "the topic is not made yet";
        }
        for (SimMachine machine : machines) {
            if (!machine.isRunning() || !machine.process().host().isSettled()) {
                return "broker " + machine.id() + " does not take part yet";
            }
        }
        for (int i = 0; i < producers.size(); i++) {
            if (!producers.get(i).isDone()) {
                return "producer " + i + " waits for acknowledgements";
            }
        }
        String unrest = checker.unrest();
        if (unrest != null) {
            return unrest;
        }
        for (int i = 0; i < consumers.size(); i++) {
            if (!consumers.get(i).isDone()) {
                return "consumer " + i + " has not read everything";
            }
        }
        return groups.flatMap(some -> some.clients().unrest()).orElse(null);
    }

    private void verifyFiles() {
        for (SimMachine machine : machines) {
            if (!machine.isRunning()) {
                continue;
            }
            try {
                machine.process().host().verify();
            } catch (IOException failed) {
                throw new SimulationFailure(
                        "R6 broken: the logs of broker " + machine.id() + " cannot be read: " + failed);
            }
        }
    }

    // ---- parts

    SimWorld world() {
        return world;
    }

    SimNetwork network() {
        return network;
    }

    SimQuorum quorum() {
        return quorum;
    }

    SimChecker checker() {
        return checker;
    }

    Mutation mutation() {
        return mutation;
    }

    /** What may be relied on now: commit only once no replica counts its page cache any more, nor will again. */
    FlushMode flushMode() {
        if (!changesSettings) {
            return wantedMode;
        }
        boolean isCommit = wantedMode == FlushMode.COMMIT
                && partitions.stream()
                        .allMatch(partition -> machines.stream()
                                .allMatch(machine -> machine.hasFlushMode(partition, FlushMode.COMMIT)));
        return isCommit ? FlushMode.COMMIT : FlushMode.OS;
    }

    boolean changesSettings() {
        return changesSettings;
    }

    /** True where all may lose their power that have a committed record in their page caches only, and with it that record. */
    boolean losesTails() {
        return losesTails;
    }

    /** True where a machine may lose its power, whatever the others have. */
    boolean mayLosePower() {
        return losesTails || flushMode() == FlushMode.COMMIT;
    }

    /** Somebody changes a setting of the topic that replication depends on. */
    void changeSetting() {
        if (partitions.isEmpty()) {
            return;
        }
        boolean isMode = world.chance(0.5);
        FlushMode mode = world.chance(0.6) ? FlushMode.COMMIT : FlushMode.OS;
        Map<String, String> set = isMode
                ? Map.of("flush.mode", mode.name().toLowerCase(Locale.ROOT))
                : Map.of("min.insync.replicas", Integer.toString(world.between(minimum, REPLICAS)));
        boolean isDone = quorum.administer(
                        new MetadataCommand.AlterTopic(TOPIC, new TreeMap<>(set), new TreeSet<>(), false))
                .filter(reply -> reply.isOk())
                .isPresent();
        if (isDone && isMode) {
            wantedMode = mode;
            if (mode == FlushMode.OS) {
                // What page caches hold may count from now on, so no power goes that was to go soon.
                machines.forEach(machine -> machine.storage().failNoMore());
            }
        }
    }

    RetentionConfig retention() {
        return retention;
    }

    /** The least that is ever in force. */
    int minimum() {
        return Math.min(minimum, replicasMin);
    }

    int size() {
        return machines.size();
    }

    List<SimMachine> machines() {
        return machines;
    }

    /** Those of the topic that is there now; empty while it is being made anew. */
    List<PartitionId> partitions() {
        return partitions;
    }

    SimMachine machine(int id) {
        return machines.get(id - 1);
    }

    /** The process of that broker; null while none runs. */
    SimProcess process(int id) {
        return id < 1 ? null : machine(id).process();
    }

    /** The partition as the quorum knows it now; empty once its topic is deleted. */
    Optional<PartitionImage> partitionImage(PartitionId partition) {
        return quorum.image().partition(partition);
    }

    /** For people, and unique: the how manieth topic of that name, and the partition. */
    String nameOf(PartitionId partition) {
        return partition.topic().low() + "." + partition.partition();
    }

    /** The directory of a partition's log. */
    static String directoryOf(PartitionId partition) {
        return TOPIC + "-" + partition.partition();
    }

    long freshId() {
        return ++nextId;
    }
}
