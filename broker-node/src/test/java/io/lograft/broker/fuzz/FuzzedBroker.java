package io.lograft.broker.fuzz;

import io.lograft.broker.api.ClusterFacts;
import io.lograft.broker.api.NothingElse;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.concurrent.EventLoopGroup;
import io.lograft.broker.concurrent.Workers;
import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.LogRead;
import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.metrics.BrokerMetrics;
import io.lograft.broker.produce.ProduceRules;
import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.broker.replica.ReplicaSettings;
import io.lograft.broker.replica.runtime.CollectedFailures;
import io.lograft.broker.replica.runtime.DiskRoom;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.broker.replica.runtime.PartitionRuntime;
import io.lograft.broker.replica.runtime.Ports;
import io.lograft.broker.replica.runtime.ReplicaHost;
import io.lograft.broker.replica.runtime.ReplicaSpec;
import io.lograft.broker.replica.runtime.RetentionPace;
import io.lograft.broker.replica.runtime.UnansweredProposals;
import io.lograft.broker.replica.transport.LeaderConnections;
import io.lograft.broker.replica.transport.ReplicationServer;
import io.lograft.broker.transport.PeerChannels;
import io.lograft.metadata.control.TopicRules;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.ReplicateRequest;
import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Real replicas on a disk in memory: of the three partitions of a topic, with a few records each, broker 1, which this is,
 * leads partition 0 and follows broker 2 in the others; and it leads the empty log of the groups. Everything runs on a {@link FuzzedLoop}.
 */
public final class FuzzedBroker implements AutoCloseable {
    public static final String CLUSTER = "cluster";
    public static final BrokerId SELF = new BrokerId(1);
    public static final BrokerId OTHER = new BrokerId(2);
    public static final long BROKER_EPOCH = 5;
    public static final int LEADER_EPOCH = 3;
    /** That of the first topic of a {@code ClusterFixture}. */
    public static final TopicId TOPIC = new TopicId(7, 7);

    public static final PartitionId LED = new PartitionId(TOPIC, 0);
    public static final PartitionId FOLLOWED = new PartitionId(TOPIC, 1);
    /** As {@link #FOLLOWED}, but outside the in-sync set, so that it may be told to start over. */
    public static final PartitionId REFILLED = new PartitionId(TOPIC, 2);
    /** The log of the consumer groups, led here, too; empty. */
    public static final PartitionId OFFSETS = new PartitionId(new TopicId(1, 1), 0);
    /** The number of a replica's first Follow in a process. */
    public static final long FOLLOW_NUMBER = 1L << 32;

    static final int BATCH_BYTES_MAX = 1 << 16;
    private static final String NAME = "orders";

    /** No other broker has an address, so that nothing is sent anywhere. */
    private static final PeerChannels NOBODY = new PeerChannels(null, broker -> Optional.empty());

    private static final FaultyFileStore DISK = disk();
    private static final ReplicaHost.Settings SETTINGS =
            new ReplicaHost.Settings(ReplicaSettings.DEFAULT, 1, new RetentionPace(300_000, () -> true));

    private final FuzzedLoop loop = new FuzzedLoop();
    private final PartitionRegistry registry = new PartitionRegistry();
    private final ReplicationServer followers = new ReplicationServer(() -> CLUSTER, registry);
    private final Workers storage = new Workers("storage", 1, loop::broke);

    /** Starts it. */
    public FuzzedBroker() {
        ReplicaHost host = new ReplicaHost(
                open(DISK.copy()),
                new ReplicaHost.Setup(loops(), storage, storage, FuzzedLoop.STOPPED, SETTINGS, loop::broke),
                registry,
                new Ports(
                        followers,
                        new LeaderConnections(loop(), NOBODY, registry, ReplicateRequest.Hello::getDefaultInstance),
                        // A replica that stops for good is a promised outcome.
                        new UnansweredProposals(reason -> {}),
                        Runnable::run,
                        // Nothing that comes by the network is a fault of the disk.
                        new CollectedFailures(loop::broke),
                        new DiskRoom(),
                        BrokerMetrics.NONE));
        loop.await(host.recover(name -> LogConfig.DEFAULTS));
        host.configure(spec(LED, SELF));
        host.configure(spec(OFFSETS, SELF));
        host.configure(spec(FOLLOWED, OTHER));
        host.configure(spec(REFILLED, OTHER));
        loop.await(host.onDirectory(() -> {}));
        settle();
    }

    private static LogDirectory open(FaultyFileStore store) {
        try {
            return LogDirectory.open(store, "boot");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static FaultyFileStore disk() {
        FaultyFileStore store = new FaultyFileStore();
        try (LogDirectory directory = LogDirectory.open(store, "boot")) {
            directory.beginWriting();
            for (PartitionId id : List.of(LED, FOLLOWED, REFILLED, OFFSETS)) {
                PartitionLog log =
                        directory.createPartition(name(id), id.topic(), FlushMode.COMMIT, LogConfig.DEFAULTS);
                for (int i = 0; i < 2 && !id.equals(OFFSETS); i++) {
                    log.appendAsLeader(ByteBuffer.wrap(batch()), LEADER_EPOCH - 1, FuzzedLoop.NOW_MS);
                }
                log.closeCleanly();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return store;
    }

    /** A batch of two records. */
    public static byte[] batch() {
        BatchBuilder builder = new BatchBuilder(1 << 10);
        builder.append(1_000, "k".getBytes(StandardCharsets.UTF_8), "first".getBytes(StandardCharsets.UTF_8));
        builder.append(2_000, null, "second".getBytes(StandardCharsets.UTF_8));
        return builder.build(BatchOptions.plain(Compression.NONE));
    }

    private static TopicPartition name(PartitionId id) {
        return new TopicPartition(id.equals(OFFSETS) ? TopicRules.OFFSETS_TOPIC : NAME, id.partition());
    }

    private static ReplicaSpec spec(PartitionId id, BrokerId leader) {
        PartitionConfiguration configuration = new PartitionConfiguration(
                SELF,
                BROKER_EPOCH,
                Optional.of(leader),
                LEADER_EPOCH,
                1,
                List.of(member(SELF, !id.equals(REFILLED)), member(OTHER, leader.equals(OTHER))),
                1,
                FlushMode.COMMIT,
                -1);
        return new ReplicaSpec(id, name(id), LogConfig.DEFAULTS, ProduceRules.of(BATCH_BYTES_MAX), configuration);
    }

    private static PartitionConfiguration.Member member(BrokerId id, boolean isInSync) {
        return new PartitionConfiguration.Member(id, BROKER_EPOCH, isInSync, false, true);
    }

    /** The replicas. */
    public PartitionRegistry registry() {
        return registry;
    }

    ReplicationServer followers() {
        return followers;
    }

    /** The same for whoever spreads work over several. */
    public EventLoopGroup loops() {
        return loop.group();
    }

    /** The loop that everything runs on. */
    public EventLoop loop() {
        return loop.loop();
    }

    /** What its services ask about the cluster. */
    public static ClusterFacts facts() {
        return new NothingElse();
    }

    /** See {@link FuzzedLoop#settle}. */
    public void settle() {
        loop.settle();
    }

    /** Fails unless each log can be read from end to end, and holds what is known to be committed. */
    public void checkLogs() {
        for (PartitionRuntime partition : registry.all()) {
            PartitionLog log = partition.log();
            long offset = log.logStartOffset();
            FuzzChecks.check(offset >= 0, partition.name() + " starts at " + offset);
            while (offset < log.logEndOffset()) {
                long next = read(log, offset);
                FuzzChecks.check(next > offset, partition.name() + " has nothing at " + offset);
                offset = next;
            }
            FuzzChecks.check(offset == log.logEndOffset(), partition.name() + " ends at " + log.logEndOffset());
            long committed = partition.view().highWatermark();
            FuzzChecks.check(committed <= offset, partition.name() + " is committed to " + committed + " of " + offset);
        }
    }

    private static long read(PartitionLog log, long offset) {
        try {
            return log.read(offset, BATCH_BYTES_MAX, log.logEndOffset()) instanceof LogRead.Batches batches
                    ? batches.nextOffset()
                    : -1;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        loop.close();
        storage.endWhenDone();
    }
}
