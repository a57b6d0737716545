package io.lograft.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.lograft.broker.concurrent.Clock;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.controller.BrokerFacts;
import io.lograft.broker.controller.ControllerNode;
import io.lograft.broker.controller.ControllerSettings;
import io.lograft.broker.controller.LivenessSettings;
import io.lograft.broker.transport.GrpcTransport;
import io.lograft.broker.transport.PeerChannels;
import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.ratis.MetadataQuorum;
import io.lograft.metadata.ratis.QuorumConfig;
import io.lograft.metadata.ratis.QuorumTimings;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.model.BrokerId;
import io.lograft.proto.v1.ProbeResponse;
import io.lograft.wire.RemoteError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;

/** Brokers without logs in this JVM: the quorum, the controller's service and the session of each, on loopback. */
final class TestCluster implements AutoCloseable {
    private static final long DEADLINE_MS = 90_000;
    static final long SESSION_TIMEOUT_MS = 1_500;

    private final Path root;
    private final QuorumTimings timings;
    private final long sessionTimeoutMs;
    private final List<VoterAddress> voters = new ArrayList<>();
    private final Map<Integer, VoterAddress> spares = new TreeMap<>();
    final Map<Integer, TestBroker> brokers = new TreeMap<>();
    /** What the log directories of a broker say that is started now. */
    String clusterIdOfTheNext = "";

    /** With times that are short enough to wait for them to run out. */
    TestCluster(Path root, int voterCount) throws IOException {
        this(root, voterCount, QuorumTimings.several(), SESSION_TIMEOUT_MS);
    }

    /** With times that do not run out even where the machine stands still for seconds. */
    static TestCluster patient(Path root, int voterCount) throws IOException {
        QuorumTimings timings = new QuorumTimings(3_000, 6_000, 100, 250, 30_000, 10_000, 600_000);
        return new TestCluster(root, voterCount, timings, 20_000);
    }

    private TestCluster(Path root, int voterCount, QuorumTimings timings, long sessionTimeoutMs) throws IOException {
        this.root = root;
        this.timings = timings;
        this.sessionTimeoutMs = sessionTimeoutMs;
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 2 * voterCount; i++) {
            sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        }
        for (int id = 1; id <= voterCount; id++) {
            int raftPort = sockets.get(2 * id - 2).getLocalPort();
            int grpcPort = sockets.get(2 * id - 1).getLocalPort();
            voters.add(new VoterAddress(new BrokerId(id), "127.0.0.1", raftPort, grpcPort));
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
    }

    void startVoters() throws IOException {
        for (VoterAddress voter : voters) {
            startVoter(voter.broker().value());
        }
    }

    TestBroker startVoter(int id) throws IOException {
        VoterAddress voter = voters.get(id - 1);
        return start(id, voter.grpcPort(), Optional.of(voter));
    }

    /** A broker that does not vote (yet). */
    TestBroker startObserver(int id) throws IOException {
        spares.remove(id);
        return start(id, 0, Optional.empty());
    }

    /** One that was started before, with the same configuration and directory. */
    TestBroker restartObserver(int id) throws IOException {
        return start(id, 0, Optional.empty());
    }

    /** Where a broker that is not configured as a voter is, and where its Raft server would be. */
    private VoterAddress spare(BrokerId broker) {
        return spares.computeIfAbsent(broker.value(), id -> {
            try (ServerSocket raft = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    ServerSocket grpc = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return new VoterAddress(broker, "127.0.0.1", raft.getLocalPort(), grpc.getLocalPort());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private TestBroker start(int id, int port, Optional<VoterAddress> voter) throws IOException {
        TestBroker broker = new TestBroker(id, port, voter);
        TestBroker former = brokers.put(id, broker);
        assertThat(former == null || former.isDead)
                .as("broker %s was started twice", id)
                .isTrue();
        broker.start();
        return broker;
    }

    Path dir(int id) {
        return root.resolve("broker-" + id);
    }

    /** The id of the controller, as all running brokers see it. */
    int awaitController() {
        await(
                "one controller in the eyes of all",
                () -> running().stream()
                                        .map(broker -> broker.session.controller())
                                        .distinct()
                                        .count()
                                == 1
                        && running().getFirst().session.controller().isPresent());
        return running().getFirst().session.controller().orElseThrow().value();
    }

    List<TestBroker> running() {
        return brokers.values().stream().filter(broker -> !broker.isDead).toList();
    }

    void awaitLive(int... ids) {
        for (TestBroker broker : running()) {
            for (int id : ids) {
                await("broker " + id + " is live in the eyes of broker " + broker.id, () -> broker.sees(id, true));
            }
        }
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE_MS * 1_000_000;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long until %s", what).isLessThan(deadline);
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void close() {
        List<Thread> closing = running().stream()
                .map(broker -> Thread.ofPlatform().start(broker::kill))
                .toList();
        for (Thread thread : closing) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    final class TestBroker implements SessionListener {
        final int id;
        final ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();
        final ConcurrentLinkedQueue<Throwable> fatal = new ConcurrentLinkedQueue<>();
        private final GrpcTransport transport = new GrpcTransport(1);
        final EventLoop loop;
        private final Server server;
        private final PeerChannels peers;
        final ControllerNode node;
        final BrokerSession session;
        volatile boolean isDead;
        volatile long controllerWallMs;

        TestBroker(int id, int port, Optional<VoterAddress> voter) throws IOException {
            this.id = id;
            BrokerId broker = new BrokerId(id);
            loop = new EventLoop("metadata-" + id, Clock.SYSTEM, 1_000, fatal::add);
            peers = new PeerChannels(transport, this::addressOf);
            VoterAddress self = voter.orElseGet(() -> spare(broker));
            QuorumConfig quorum =
                    new QuorumConfig(self, voters, dir(id), "127.0.0.1", timings, QuorumConfig.Limits.STANDARD);
            ControllerSettings settings = ControllerSettings.of(LivenessSettings.of(sessionTimeoutMs, 300));
            node = new ControllerNode(quorum, settings, transport, peers, new Facts(), fatal::add);
            NettyServerBuilder builder = transport.server(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port == 0 ? self.grpcPort() : port));
            node.services().forEach(builder::addService);
            server = builder.build().start();
            session = new BrokerSession(
                    new SessionConfig(
                            broker,
                            UUID.randomUUID(),
                            new BrokerAddress("127.0.0.1", server.getPort(), ""),
                            List.of(),
                            clusterIdOfTheNext,
                            voters,
                            new SessionConfig.Times(200, sessionTimeoutMs, 30_000)),
                    loop,
                    transport,
                    this);
        }

        @Override
        public void clockHeard(long wallMs) {
            controllerWallMs = wallMs;
        }

        private Optional<InetSocketAddress> addressOf(BrokerId broker) {
            return session.image()
                    .broker(broker)
                    .map(known -> InetSocketAddress.createUnresolved(
                            known.address().host(), known.address().port()));
        }

        private final class Facts implements BrokerFacts {
            @Override
            public ProbeResponse identity() {
                return TestBroker.this.identity();
            }

            @Override
            public VoterSet knownVoters() {
                return session.voters();
            }
        }

        private ProbeResponse identity() {
            UUID incarnation = session.incarnation();
            ByteBuffer bytes = ByteBuffer.allocate(16)
                    .putLong(incarnation.getMostSignificantBits())
                    .putLong(incarnation.getLeastSignificantBits())
                    .flip();
            return ProbeResponse.newBuilder()
                    .setBrokerId(id)
                    .setBrokerEpoch(session.brokerEpoch())
                    .setIncarnationId(ByteString.copyFrom(bytes))
                    .build();
        }

        private void start() throws IOException {
            node.start();
            session.unfence(List.of());
            session.start();
        }

        ClusterImage image() {
            return session.image();
        }

        int grpcPort() {
            return server.getPort();
        }

        boolean isVoting() {
            return node.quorum().filter(MetadataQuorum::isMember).isPresent();
        }

        boolean sees(int other, boolean isLive) {
            return image().broker(new BrokerId(other))
                    .filter(broker -> broker.isLive() == isLive)
                    .isPresent();
        }

        /** As if the process died: all its connections and ports go at once. */
        void kill() {
            isDead = true;
            session.close();
            server.shutdownNow();
            node.close();
            peers.close();
            loop.close();
            transport.close();
        }

        @Override
        public void registered(long brokerEpoch, boolean isResumed) {
            events.add(isResumed ? "resumed" : "registered");
        }

        @Override
        public void votersKnown(VoterSet voters, Set<BrokerId> stalled) {
            node.votersHeard(voters, stalled);
        }

        @Override
        public void disconnected() {
            events.add("disconnected");
        }

        @Override
        public void refused(RemoteError error) {
            events.add("refused " + error.code() + ": " + error.message());
        }
    }
}
