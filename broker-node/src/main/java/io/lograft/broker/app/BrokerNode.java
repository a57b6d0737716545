package io.lograft.broker.app;

import com.google.protobuf.ByteString;
import io.lograft.broker.app.config.BrokerConfig;
import io.lograft.broker.app.config.CleanerConfig;
import io.lograft.broker.app.config.ConfigException;
import io.lograft.broker.app.config.HostPort;
import io.lograft.broker.app.config.NetworkConfig;
import io.lograft.broker.app.storage.DirectoryAdmin;
import io.lograft.broker.app.storage.DirectoryHosts;
import io.lograft.broker.app.storage.DirectoryMoves;
import io.lograft.broker.app.storage.DiskReserve;
import io.lograft.broker.app.storage.LogStorage;
import io.lograft.broker.app.storage.LogStorages;
import io.lograft.broker.cluster.BrokerSession;
import io.lograft.broker.cluster.LivePeers;
import io.lograft.broker.cluster.MetadataProposals;
import io.lograft.broker.cluster.ReplicaDefaults;
import io.lograft.broker.cluster.ReplicaFeed;
import io.lograft.broker.cluster.SessionConfig;
import io.lograft.broker.cluster.UncleanElectionAlarm;
import io.lograft.broker.concurrent.Clock;
import io.lograft.broker.concurrent.ClockAgreement;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.concurrent.EventLoopGroup;
import io.lograft.broker.concurrent.Workers;
import io.lograft.broker.controller.BrokerFacts;
import io.lograft.broker.controller.ControllerNode;
import io.lograft.broker.controller.ControllerSettings;
import io.lograft.broker.controller.LivenessSettings;
import io.lograft.broker.gateway.LogServiceApi;
import io.lograft.broker.group.runtime.CoordinatorRuntime;
import io.lograft.broker.log.CorruptLogException;
import io.lograft.broker.metrics.MetricNames;
import io.lograft.broker.metrics.MicrometerMetrics;
import io.lograft.broker.replica.ReplicaSettings;
import io.lograft.broker.replica.compaction.Compactor;
import io.lograft.broker.replica.runtime.DiskRoom;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.broker.replica.runtime.Ports;
import io.lograft.broker.replica.runtime.ReplicaHost;
import io.lograft.broker.replica.runtime.RetentionPace;
import io.lograft.broker.replica.transport.LeaderConnections;
import io.lograft.broker.replica.transport.ReplicationServer;
import io.lograft.broker.transport.GrpcTransport;
import io.lograft.broker.transport.PeerChannels;
import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.ProbeResponse;
import io.lograft.proto.v1.ReplicateRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One broker: the one place where its parts are made and joined. {@link #start} returns once everything runs; whether
 * the broker has been let in by the controller {@link BrokerReadiness} says. Safe for use by several threads; closing
 * it is the orderly stop and blocks for it.
 */
public final class BrokerNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerNode.class);
    private static final String LOOPBACK = "127.0.0.1";
    private static final int LOOP_TASKS_MAX = 20_000;
    private static final int LOOPS = Math.max(2, Runtime.getRuntime().availableProcessors());
    /** The file system commits its journal once for all fsyncs that wait, so many at a time cost hardly more than one. */
    private static final int FLUSH_THREADS = 64;

    private static final long DRAIN_MS_MAX = 10_000;
    private static final long HAND_OVER_MS_MAX = 3_000;
    private static final long STOP_MS_MAX = 20_000;
    private static final long CHECKPOINT_MS = 5_000;
    private static final long RESERVE_LOOK_MS = 500;

    private final BrokerConfig config;
    private final MicrometerMetrics metrics = new MicrometerMetrics();
    private final GrpcTransport transport = new GrpcTransport(LOOPS);
    private final EventLoop metadataLoop;
    private final EventLoopGroup partitionLoops;
    private final EventLoopGroup codecLoops;
    private final EventLoopGroup fetchLoops;
    private final EventLoopGroup groupLoops;
    private final List<Workers> storageThreads = new ArrayList<>();
    private final Workers flushThreads;
    private final Workers reserveThread;
    private final LogStorages storages;
    private final PartitionRegistry registry = new PartitionRegistry();
    private final BrokerSession session;
    private final ImageFacts facts;
    private final PeerChannels peers;
    private final CoordinatorRuntime coordinators;
    private final LeaderConnections leaders;
    private final ReplicationServer followers;
    private final DirectoryHosts hosts;
    private final Compactor compactor;
    private final DirectoryMoves moves;
    private final DamagedLogs damagedLogs;
    private final BrokerStartup startup;
    private final ControllerNode controller;
    private final ClockAgreement clocks = new ClockAgreement(Clock.SYSTEM);
    private final LogServiceApi logService;
    private final Endpoints endpoints;

    /**
     * Starts a broker.
     *
     * @param fatal told when an invariant is broken or the storage fails; expected to end the process
     */
    public static BrokerNode start(BrokerConfig config, Consumer<Throwable> fatal) throws IOException, ConfigException {
        BrokerNode node = new BrokerNode(config, fatal);
        try {
            node.endpoints.start();
            node.controller.start();
            node.startup.begin();
            node.compactor.start();
            node.metadataLoop.scheduleEvery(CHECKPOINT_MS, node.hosts::checkpoint);
            node.keepReserves(BrokerDirectories.reserves(config));
            return node;
        } catch (IOException failed) {
            node.abandon();
            throw failed;
        }
    }

    private BrokerNode(BrokerConfig config, Consumer<Throwable> fatal) throws IOException, ConfigException {
        this.config = config;
        storages = LogStorages.open(
                config.brokerId(),
                config.storage().directories(),
                OpenFileLimit.openFiles(config.storage().openFilesMax()));
        metadataLoop = new EventLoop("metadata", Clock.SYSTEM, LOOP_TASKS_MAX, fatal);
        partitionLoops = new EventLoopGroup("partition", LOOPS, Clock.SYSTEM, LOOP_TASKS_MAX, fatal);
        codecLoops = new EventLoopGroup("codec", LOOPS, Clock.SYSTEM, LOOP_TASKS_MAX, fatal);
        fetchLoops = new EventLoopGroup("fetch", LOOPS, Clock.SYSTEM, LOOP_TASKS_MAX, fatal);
        groupLoops = new EventLoopGroup("group", LOOPS, Clock.SYSTEM, LOOP_TASKS_MAX, fatal);
        reserveThread = new Workers("reserve", 1, fatal);
        flushThreads = new Workers("flush", FLUSH_THREADS, fatal);
        BrokerReadiness readiness = new BrokerReadiness(config.brokerId());
        StartupRelay relay = new StartupRelay(readiness, clocks, fatal);
        session = new BrokerSession(sessionConfig(), metadataLoop, transport, relay);
        facts = new ImageFacts(session::image);
        coordinators = coordinatorRuntime();
        peers = new PeerChannels(transport, facts::address);
        leaders = new LeaderConnections(metadataLoop, peers, registry, this::hello);
        session.addListener(new LivePeers(config.brokerId(), leaders::keepOpen));
        followers = new ReplicationServer(session::clusterId, registry);
        hosts = directoryHosts(fatal);
        compactor = compactor(fatal);
        moves = new DirectoryMoves(
                config.brokerId(),
                session,
                metadataLoop,
                hosts,
                config.storage().upkeep().moveBytesPerSecond(),
                fatal);
        damagedLogs = new DamagedLogs(config.brokerId(), session, metadataLoop, hosts, leaders);
        ReplicaFeed feed = new ReplicaFeed(config.brokerId(), hosts, replicaDefaults());
        startup = new BrokerStartup(config.brokerId(), session, config.storage().log(), hosts, feed, damagedLogs);
        relay.joined(startup);
        controller = controllerNode(fatal);
        relay.tells(controller);
        readiness.noteFrom(this::note);
        registerGauges();
        logService = new LogServiceApi(this::ownAddress, fatal);
        endpoints = new Endpoints(
                config.network(),
                transport,
                NodeServices.of(
                        new NodeServices.Parts(
                                config,
                                session,
                                controller,
                                registry,
                                followers,
                                new NodeServices.Clients(facts, peers, coordinators),
                                new DirectoryAdmin(storages, hosts, moves)),
                        new NodeServices.Threads(metadataLoop, fetchLoops, codecLoops),
                        metrics,
                        logService),
                peers,
                metrics,
                readiness,
                fatal);
    }

    private ReplicaDefaults replicaDefaults() {
        return new ReplicaDefaults(-1, config.storage().log(), config.storage().produce());
    }

    private CoordinatorRuntime coordinatorRuntime() {
        CoordinatorRuntime made = new CoordinatorRuntime(
                groupLoops, session::image, config.groups().settings(), GroupKinds::create);
        registry.watch(made);
        session.addListener(made::imageChanged);
        return made;
    }

    /** Each directory has a storage thread, a watch on its room and replicas of its own. */
    private DirectoryHosts directoryHosts(Consumer<Throwable> fatal) {
        DirectoryHosts made = new DirectoryHosts(config.brokerId(), session, metadataLoop, storages, fatal);
        for (LogStorage storage : storages.opened()) {
            Workers thread = new Workers("storage-" + storageThreads.size(), 1, fatal);
            storageThreads.add(thread);
            DiskRoom room = new DiskRoom();
            Ports ports = new Ports(
                    followers,
                    leaders,
                    new MetadataProposals(config.brokerId(), session),
                    flushThreads,
                    storageFailures(made, storage),
                    room,
                    metrics);
            ReplicaHost replicas = new ReplicaHost(storage.directory(), hostSetup(thread, fatal), registry, ports);
            made.add(new DirectoryHosts.Host(storage, replicas, room));
        }
        return made;
    }

    private Compactor compactor(Consumer<Throwable> fatal) {
        CleanerConfig cleaner = config.storage().upkeep().cleaner();
        Compactor.Settings settings = new Compactor.Settings(
                cleaner.mapBytesMax(),
                cleaner.bufferBytes(),
                cleaner.bytesPerSecondMax(),
                cleaner.backoff().toMillis());
        return new Compactor(registry, settings, Clock.SYSTEM, new Compactor.Figures(metrics), fatal);
    }

    private ControllerNode controllerNode(Consumer<Throwable> fatal) {
        return new ControllerNode(
                config.quorum(),
                ControllerSettings.of(LivenessSettings.of(
                        config.liveness().sessionTimeout().toMillis(),
                        config.liveness().disconnectGrace().toMillis())),
                transport,
                peers,
                new BrokerFacts() {
                    @Override
                    public ProbeResponse identity() {
                        return BrokerNode.this.identity();
                    }

                    @Override
                    public VoterSet knownVoters() {
                        return session.voters();
                    }
                },
                fatal);
    }

    /** On a thread of its own, as a disk that hangs must not hold up more than its reserve. */
    private void keepReserves(List<DiskReserve> reserves) {
        metadataLoop.scheduleEvery(RESERVE_LOOK_MS, () -> reserveThread.execute(() -> look(reserves)));
    }

    private void look(List<DiskReserve> reserves) {
        long lackingBytes = 0;
        for (DiskReserve reserve : reserves) {
            try {
                lackingBytes += reserve.look();
            } catch (IOException unknown) {
                // Whether the disk is still good is found out by what has to be written to it.
                LOG.debug("no look at the reserve of a disk: {}", unknown.toString());
            }
        }
        // Which of them share a disk is not asked: at worst records are refused a little early.
        hosts.withhold(lackingBytes);
    }

    private String note() {
        return Stream.of(controller.note(), storages.note(), hosts.note())
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining("; "));
    }

    private void registerGauges() {
        session.addListener(new UncleanElectionAlarm(config.brokerId(), metrics));
        registerStorageGauges();
        registerMetadataGauges();
        metrics.gauge(
                MetricNames.UNDER_REPLICATED,
                "Partitions of the cluster whose in-sync set lacks a replica",
                () -> session.image().underReplicatedCount());
        metrics.gauge(
                MetricNames.OFFLINE,
                "Partitions of the cluster without a leader",
                () -> session.image().offlineCount());
        metrics.gauge(
                MetricNames.UNCLEAN,
                "Partitions of the cluster whose present leader was elected uncleanly",
                () -> session.image().uncleanCount());
        metrics.gauge(
                MetricNames.REPLICAS,
                "Replicas in this broker",
                () -> registry.all().size());
        metrics.gauge(
                MetricNames.LEADERS,
                "Partitions led by this broker",
                () -> registry.all().stream()
                        .filter(partition -> partition.view().isLeader())
                        .count());
    }

    private void registerStorageGauges() {
        metrics.gauge(
                MetricNames.OFFLINE_DIRECTORIES,
                "Log directories of this broker that are configured and cannot be used",
                storages::offlineCount);
        metrics.gauge(
                MetricNames.FULL_DIRECTORIES,
                "Log directories of this broker that refuse records until there is room on their disks",
                hosts::fullCount);
        metrics.gauge(
                MetricNames.LOG_BYTES,
                "Bytes in the .log files of all replicas in this broker",
                () -> registry.all().stream()
                        .mapToLong(partition -> partition.log().sizeBytes())
                        .sum());
        metrics.gauge(
                MetricNames.IS_CLOCK_SOUND,
                "1 while this broker's clock agrees with the controller's, else nothing is deleted for its age",
                () -> clocks.isSound() ? 1 : 0);
    }

    private void registerMetadataGauges() {
        metrics.gauge(
                MetricNames.METADATA_INDEX,
                "Index of the last metadata change applied",
                () -> session.image().index());
        metrics.gauge(
                MetricNames.IS_CONTROLLER,
                "1 while this broker has its session with itself",
                () -> session.controller().filter(config.brokerId()::equals).isPresent() ? 1 : 0);
        metrics.gauge(
                MetricNames.STALLED_VOTERS,
                "Voters of the metadata quorum that answer, but whose log stands still",
                () -> controller.stalledVoters().size());
        metrics.gauge(
                MetricNames.IS_WITHOUT_ITS_VOTE,
                "1 while this broker has something to tell about its vote in the metadata quorum (see /healthz)",
                () -> controller.note().isEmpty() ? 0 : 1);
        metrics.gauge(
                MetricNames.IS_FENCED,
                "1 while the controller has not let this broker in",
                () -> session.image()
                                .broker(config.brokerId())
                                .filter(broker -> broker.isLive())
                                .isPresent()
                        ? 0
                        : 1);
    }

    private ProbeResponse identity() {
        UUID incarnation = session.incarnation();
        ByteBuffer bytes = ByteBuffer.allocate(16)
                .putLong(incarnation.getMostSignificantBits())
                .putLong(incarnation.getLeastSignificantBits())
                .flip();
        return ProbeResponse.newBuilder()
                .setBrokerId(config.brokerId().value())
                .setBrokerEpoch(session.brokerEpoch())
                .setIncarnationId(ByteString.copyFrom(bytes))
                .setClusterId(session.clusterId())
                .build();
    }

    private SessionConfig sessionConfig() {
        NetworkConfig network = config.network();
        String raft = config.isVoter() ? network.raft().toString() : "";
        List<VoterAddress> voters = config.metadata().voters();
        return new SessionConfig(
                config.brokerId(),
                UUID.randomUUID(),
                new BrokerAddress(
                        network.advertised().host(), network.advertised().port(), raft),
                storages::registration,
                storages.clusterId(),
                voters,
                new SessionConfig.Times(
                        config.liveness().heartbeatInterval().toMillis(),
                        config.liveness().sessionTimeout().toMillis(),
                        SessionConfig.Times.STANDARD.requestTimeoutMs()));
    }

    private ReplicaHost.Setup hostSetup(Workers storageThread, Consumer<Throwable> fatal) {
        ReplicaSettings standard = ReplicaSettings.DEFAULT;
        ReplicaSettings settings = new ReplicaSettings(
                config.liveness().replicaLagMax().toMillis(),
                standard.streamlessTimeMaxMs(),
                standard.windowBytes(),
                standard.appendBytesMax(),
                standard.pendingRequestsMax(),
                standard.proposalRetryMs(),
                standard.followRetryMs());
        RetentionPace retention = new RetentionPace(
                config.storage().upkeep().retentionCheckInterval().toMillis(), clocks::isSound);
        return new ReplicaHost.Setup(
                partitionLoops,
                storageThread,
                flushThreads,
                Clock.SYSTEM,
                new ReplicaHost.Settings(settings, config.storage().recoveryThreads(), retention),
                fatal);
    }

    private ReplicateRequest.Hello hello() {
        return ReplicateRequest.Hello.newBuilder()
                .setClusterId(session.clusterId())
                .setBrokerId(config.brokerId().value())
                .setBrokerEpoch(session.brokerEpoch())
                .build();
    }

    private Ports.StorageFailures storageFailures(DirectoryHosts directories, LogStorage storage) {
        return new Ports.StorageFailures() {
            @Override
            public void failed(String what, IOException cause) {
                directories.failed(storage.directoryId(), what, cause);
            }

            @Override
            public void damaged(PartitionId partition, String name, CorruptLogException damage) {
                damagedLogs.found(partition, name, damage);
            }
        };
    }

    /** The gRPC port that it listens at. */
    public int grpcPort() {
        return endpoints.grpcPort();
    }

    /** Where this broker, as its own client, reaches its gRPC port. */
    private String ownAddress() {
        HostPort listener = config.network().grpc();
        return new HostPort(listener.isAllInterfaces() ? LOOPBACK : listener.host(), grpcPort()).toString();
    }

    /** The orderly stop: leaderships move away first, then the logs are flushed and marked as cleanly stopped. */
    @Override
    public void close() {
        LOG.info("broker {} stops", config.brokerId());
        endpoints.stopping();
        await("drain", DRAIN_MS_MAX, session.drain());
        // Last of what needs the controller here: whoever is it now finds this broker drained already.
        await("hand-over of the controller", HAND_OVER_MS_MAX + 1_000, controller.handOver(HAND_OVER_MS_MAX));
        moves.close();
        leaders.close();
        compactor.close();
        await("clean stop of the logs", STOP_MS_MAX, hosts.stopCleanly());
        abandon();
        LOG.info("broker {} has stopped", config.brokerId());
    }

    private void await(String what, long msMax, java.util.concurrent.Future<Void> done) {
        try {
            done.get(msMax, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("{} is not done after {} ms; going on", what, msMax);
        } catch (ExecutionException e) {
            LOG.warn("{} failed: {}", what, String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends everything without ceremony. */
    private void abandon() {
        logService.close();
        moves.close();
        session.close();
        compactor.close();
        endpoints.close();
        controller.close();
        peers.close();
        partitionLoops.close();
        codecLoops.close();
        fetchLoops.close();
        groupLoops.close();
        metadataLoop.close();
        storageThreads.forEach(Workers::close);
        flushThreads.close();
        reserveThread.close();
        storages.close();
        transport.close();
        metrics.close();
    }
}
