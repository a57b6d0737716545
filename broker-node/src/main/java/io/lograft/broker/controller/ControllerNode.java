package io.lograft.broker.controller;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.concurrent.Workers;
import io.lograft.broker.transport.GrpcTransport;
import io.lograft.broker.transport.PeerChannels;
import io.lograft.metadata.ratis.MetadataQuorum;
import io.lograft.metadata.ratis.QuorumConfig;
import io.lograft.metadata.ratis.QuorumDirectory;
import io.lograft.metadata.ratis.QuorumFormation;
import io.lograft.metadata.ratis.Voter;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.model.BrokerId;
import io.lograft.proto.v1.ControllerServiceGrpc;
import io.lograft.proto.v1.DescribeVoterRequest;
import io.lograft.proto.v1.DescribeVoterResponse;
import io.lograft.proto.v1.ProbeResponse;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker's part in the metadata quorum: the service that every broker has, and on a voter the quorum itself, which is
 * formed with the other voters first. Safe for use by several threads.
 */
public final class ControllerNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerNode.class);
    private static final long FORMATION_PAUSE_MS = 50;
    private static final long FORMATION_ANSWER_MS = 500;

    private final BrokerId self;
    private final Optional<QuorumConfig> config;
    private final GrpcTransport transport;
    private final EventLoop loop;
    private final Workers starter;
    private final Consumer<Throwable> fatal;
    private final ControllerRuntime runtime;
    private final ControllerServiceApi service;
    private volatile QuorumDirectory directory;
    private volatile MetadataQuorum quorum;
    private volatile boolean isClosed;

    /**
     * Starts nothing yet.
     *
     * @param config empty for a broker that is no voter
     * @param channels to other brokers, for probes
     * @param identity what this process answers to a probe
     * @param fatal told when the quorum fails; expected to end the process
     */
    public ControllerNode(
            BrokerId self,
            Optional<QuorumConfig> config,
            ControllerSettings settings,
            GrpcTransport transport,
            PeerChannels channels,
            Supplier<ProbeResponse> identity,
            Consumer<Throwable> fatal) {
        this.self = self;
        this.config = config;
        this.transport = transport;
        this.fatal = fatal;
        this.loop = new EventLoop("controller", io.lograft.broker.concurrent.Clock.SYSTEM, 10_000, fatal);
        this.starter = new Workers("quorum-start", 1, fatal);
        BrokerProbe probe = new BrokerProbe(loop, channels, settings.probeTimeoutMs());
        this.runtime = new ControllerRuntime(self, loop, settings, probe);
        Registrations registrations = new Registrations(runtime, loop, probe, command -> quorum.submit(command));
        this.service = new ControllerServiceApi(
                self, loop, runtime, registrations, this::quorum, identity, this::describeVoter);
    }

    /** To be served on the gRPC port before {@link #start}. */
    public BindableService service() {
        return service;
    }

    /** The quorum, once it runs here. */
    public Optional<MetadataQuorum> quorum() {
        return Optional.ofNullable(quorum);
    }

    /** On a voter: opens its directory now; forms or joins the quorum in the background. */
    public void start() throws IOException {
        if (config.isEmpty()) {
            return;
        }
        QuorumConfig own = config.get();
        directory = QuorumDirectory.open(own.dir(), own.self());
        starter.execute(() -> startQuorum(own));
    }

    private void startQuorum(QuorumConfig own) {
        try {
            Optional<List<Voter>> voters = directory.formation();
            if (voters.isEmpty()) {
                voters = form(own);
            }
            if (voters.isEmpty() || isClosed) {
                return;
            }
            MetadataQuorum started = MetadataQuorum.start(
                    own, directory, voters.get(), new MetadataQuorum.Listeners(runtime, runtime, fatal));
            runtime.quorumStarted(started);
            quorum = started;
        } catch (IOException failed) {
            LOG.error("the metadata quorum cannot start here: {}", failed.getMessage());
            fatal.accept(failed);
        }
    }

    private Optional<List<Voter>> form(QuorumConfig own) throws IOException {
        Voter voter = new Voter(own.selfAddress(), directory.directoryId());
        Map<BrokerId, QuorumFormation.Report> reports = new HashMap<>();
        String lastReason = "";
        while (!isClosed) {
            switch (QuorumFormation.decide(voter, own.voters(), reports)) {
                case QuorumFormation.Outcome.Formed formed -> {
                    LOG.info("the metadata quorum is formed of {}", formed.voters());
                    return Optional.of(formed.voters());
                }
                case QuorumFormation.Outcome.Refused refused -> throw new IOException(refused.reason());
                case QuorumFormation.Outcome.Waiting waiting -> {
                    if (!waiting.reason().equals(lastReason)) {
                        lastReason = waiting.reason();
                        LOG.info("{}", lastReason);
                    }
                }
            }
            own.voters().stream()
                    .filter(other -> !other.broker().equals(self))
                    .forEach(other -> ask(other).ifPresent(report -> reports.put(other.broker(), report)));
            pause();
        }
        return Optional.empty();
    }

    private Optional<QuorumFormation.Report> ask(VoterAddress other) {
        ManagedChannel channel = transport.channel(other.host(), other.grpcPort());
        try {
            DescribeVoterResponse answer = ControllerServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(FORMATION_ANSWER_MS, TimeUnit.MILLISECONDS)
                    .describeVoter(DescribeVoterRequest.getDefaultInstance());
            if (answer.getSelf().isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new QuorumFormation.Report(
                    Voter.parse(answer.getSelf()),
                    answer.getFormationList().stream().map(Voter::parse).toList()));
        } catch (StatusRuntimeException notUp) {
            return Optional.empty();
        } finally {
            channel.shutdownNow();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(FORMATION_PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<DescribeVoterResponse> describeVoter() {
        QuorumDirectory opened = directory;
        if (opened == null || config.isEmpty()) {
            return Optional.empty();
        }
        Voter voter = new Voter(config.get().selfAddress(), opened.directoryId());
        return Optional.of(
                ControllerServiceApi.describe(voter, opened.formation().orElse(List.of())));
    }

    @Override
    public void close() {
        isClosed = true;
        starter.close();
        MetadataQuorum running = quorum;
        if (running != null) {
            try {
                running.close();
            } catch (IOException failed) {
                LOG.warn("the metadata quorum did not close cleanly: {}", failed.toString());
            }
        }
        loop.close();
    }
}
