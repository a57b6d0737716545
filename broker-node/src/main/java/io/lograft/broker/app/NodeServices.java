package io.lograft.broker.app;

import io.grpc.BindableService;
import io.lograft.broker.api.AdminServiceApi;
import io.lograft.broker.api.FetchServiceApi;
import io.lograft.broker.api.FetchSession;
import io.lograft.broker.api.LeadershipBarrier;
import io.lograft.broker.api.LogStates;
import io.lograft.broker.api.MetadataServiceApi;
import io.lograft.broker.api.MetadataWatches;
import io.lograft.broker.api.ProduceLimits;
import io.lograft.broker.api.ProduceServiceApi;
import io.lograft.broker.api.deletion.RecordDeletions;
import io.lograft.broker.api.group.GroupServiceApi;
import io.lograft.broker.api.leadership.AssignmentOperations;
import io.lograft.broker.api.leadership.FencingHistory;
import io.lograft.broker.api.leadership.LeadershipOperations;
import io.lograft.broker.api.offsets.LeaderOffsets;
import io.lograft.broker.api.quorum.QuorumAdmin;
import io.lograft.broker.api.storage.LogDirectories;
import io.lograft.broker.api.storage.LogDirectoryServiceApi;
import io.lograft.broker.app.config.BrokerConfig;
import io.lograft.broker.app.config.GroupConfig;
import io.lograft.broker.cluster.BlockProducerIds;
import io.lograft.broker.cluster.BrokerSession;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.concurrent.EventLoopGroup;
import io.lograft.broker.controller.ControllerNode;
import io.lograft.broker.gateway.LogServiceApi;
import io.lograft.broker.group.runtime.CoordinatorRuntime;
import io.lograft.broker.group.runtime.OffsetsTopic;
import io.lograft.broker.metrics.BrokerMetrics;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.broker.replica.transport.ReplicationServer;
import io.lograft.broker.transport.PeerChannels;
import io.lograft.metadata.ratis.MetadataQuorum;
import io.lograft.metadata.ratis.QuorumStatus;
import io.lograft.model.BrokerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Makes the gRPC services of a broker out of its parts. */
final class NodeServices {
    private static final long PRODUCE_IN_FLIGHT_BYTES = 64L << 20;
    private static final long PRODUCE_TIMEOUT_MS = 30_000;
    private static final long PRODUCE_TIMEOUT_MS_MAX = 300_000;

    /** The parts that serve. */
    record Parts(
            BrokerConfig config,
            BrokerSession session,
            ControllerNode controller,
            PartitionRegistry registry,
            ReplicationServer followers,
            Clients clients,
            LogDirectories directories) {
        ImageFacts facts() {
            return clients.facts();
        }

        PeerChannels peers() {
            return clients.peers();
        }

        CoordinatorRuntime coordinators() {
            return clients.coordinators();
        }
    }

    /** What serves clients besides the partitions themselves. */
    record Clients(ImageFacts facts, PeerChannels peers, CoordinatorRuntime coordinators) {}

    /** The threads that serve. */
    record Threads(EventLoop metadata, EventLoopGroup fetch, EventLoopGroup codec) {}

    private NodeServices() {}

    /** All services but health and reflection. */
    static List<BindableService> of(Parts parts, Threads threads, BrokerMetrics metrics, LogServiceApi logService) {
        BrokerSession session = parts.session();
        LeadershipBarrier barrier = () -> session.barrier().thenAccept(index -> {});
        NodeState state = NodeState.of(parts.config(), session);
        BlockProducerIds producerIds = new BlockProducerIds(state.self(), session);
        LeaderOffsets offsets = new LeaderOffsets(
                parts.registry(), parts.facts(), barrier, threads.fetch().loopFor(0));
        MetadataWatches watches = new MetadataWatches(state, threads.metadata());
        session.addListener((before, now, records) -> watches.changed());
        FencingHistory fencing = new FencingHistory();
        session.addListener((before, now, records) ->
                fencing.changed(before, now, threads.metadata().clock().wallMs()));
        List<BindableService> services = new ArrayList<>(parts.controller().services());
        services.addAll(List.of(
                parts.followers(),
                new ProduceServiceApi(
                        new ProduceServiceApi.Environment(
                                parts.registry(), parts.facts(), limits(parts.config()), threads.codec()),
                        producerIds::next),
                new FetchServiceApi(
                        new FetchSession.Environment(parts.registry(), parts.facts(), barrier, metrics),
                        threads.fetch()),
                new MetadataServiceApi(
                        state, watches, offsets, new LogStates(state.self(), offsets, parts.peers()::channelTo)),
                new AdminServiceApi(
                        session::submit,
                        parts.config().topics(),
                        quorumAdmin(parts),
                        new LeadershipOperations(state, session::submit, fencing),
                        new AssignmentOperations(state, session::submit),
                        new RecordDeletions(state, parts.registry(), barrier, parts.peers()::channelTo)),
                logService,
                new LogDirectoryServiceApi(state.self(), parts.directories(), parts.peers()::channelTo),
                groups(parts, state, barrier)));
        return List.copyOf(services);
    }

    private static BindableService groups(Parts parts, NodeState state, LeadershipBarrier barrier) {
        GroupConfig config = parts.config().groups();
        OffsetsTopic topic = new OffsetsTopic(
                parts.session()::image,
                parts.session()::submit,
                new OffsetsTopic.Settings(
                        config.partitionCount(),
                        config.replicationFactor(),
                        config.segmentBytes(),
                        parts.config().topics()));
        return new GroupServiceApi(parts.coordinators(), topic, state, parts.facts(), barrier).service();
    }

    private static QuorumAdmin quorumAdmin(Parts parts) {
        QuorumAdmin.Facts facts = new QuorumAdmin.Facts() {
            @Override
            public BrokerId self() {
                return parts.config().brokerId();
            }

            @Override
            public Optional<BrokerId> controller() {
                return parts.session().controller();
            }

            @Override
            public Optional<QuorumStatus> status() {
                return parts.controller().quorum().map(MetadataQuorum::status);
            }

            @Override
            public Set<BrokerId> stalled() {
                return parts.controller().stalledVoters();
            }
        };
        return new QuorumAdmin(facts, parts.session()::changeVoters, parts.peers()::channelTo);
    }

    private static ProduceLimits limits(BrokerConfig config) {
        return new ProduceLimits(
                config.storage().produce().batchBytesMax(),
                PRODUCE_IN_FLIGHT_BYTES,
                PRODUCE_TIMEOUT_MS,
                PRODUCE_TIMEOUT_MS_MAX);
    }
}
