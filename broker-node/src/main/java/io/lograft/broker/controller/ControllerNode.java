package io.lograft.broker.controller;

import io.grpc.BindableService;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.concurrent.TimeLimit;
import io.lograft.broker.concurrent.Workers;
import io.lograft.broker.transport.GrpcTransport;
import io.lograft.broker.transport.PeerChannels;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.ratis.LeadershipListener;
import io.lograft.metadata.ratis.MetadataQuorum;
import io.lograft.metadata.ratis.QuorumConfig;
import io.lograft.metadata.ratis.QuorumDirectory;
import io.lograft.metadata.ratis.QuorumFormation;
import io.lograft.metadata.ratis.QuorumStatus;
import io.lograft.metadata.ratis.Voter;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.DescribeVoterResponse;
import io.lograft.wire.GrpcErrors;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker's part in the metadata quorum: the services that every broker has, and on a voter the quorum itself.
 *
 * <p>A broker votes where its metadata directory says so, or where the configuration names it and the quorum is yet to be
 * formed. One that is named, but whose directory is new or damaged while the others have a quorum, has forgotten its
 * votes: it goes on as a broker without a vote until an operator replaces it ({@link #note} says so). A broker without a
 * vote becomes a voter when a controller asks it to get ready and then adds it; no restart is needed. One that hears from
 * the controller that it was removed stops its Raft server and goes on.
 *
 * <p>Safe for use by several threads. What opens and closes the directory runs on one thread.
 */
public final class ControllerNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerNode.class);
    private static final long REMOVAL_NEWS_MS = 10_000;
    private static final Duration CLOSE_MAX = Duration.ofSeconds(10);

    private final BrokerId self;
    private final QuorumConfig config;
    private final GrpcTransport transport;
    private final EventLoop loop;
    private final Workers starter;
    private final Consumer<Throwable> fatal;
    private final ControllerRuntime runtime;
    private final QuorumCare care;
    private final ControllerServiceApi service;
    private final QuorumServiceApi quorumService;
    private volatile QuorumDirectory directory;
    private volatile MetadataQuorum quorum;
    private volatile String note = "";
    private volatile VoterSet heard = VoterSet.UNKNOWN;
    private volatile boolean isStalled;
    /** This directory was a voter's while this process ran. */
    private volatile boolean hasVoted;

    private volatile boolean isClosed;

    /**
     * Starts nothing yet.
     *
     * @param channels to other brokers
     * @param facts about this process
     * @param fatal told when the quorum fails; expected to end the process
     */
    public ControllerNode(
            QuorumConfig config,
            ControllerSettings settings,
            GrpcTransport transport,
            PeerChannels channels,
            BrokerFacts facts,
            Consumer<Throwable> fatal) {
        this.self = config.self().broker();
        this.config = config;
        this.transport = transport;
        this.fatal = fatal;
        this.loop = new EventLoop("controller", io.lograft.broker.concurrent.Clock.SYSTEM, 10_000, fatal);
        this.starter = new Workers("quorum-start", 1, fatal);
        BrokerProbe probe = new BrokerProbe(loop, channels, settings.probeTimeoutMs());
        this.runtime = new ControllerRuntime(self, loop, settings, probe, this::submit);
        this.care = new QuorumCare(loop, runtime::tellAll);
        runtime.greetWith(care::greeting);
        Registrations registrations = new Registrations(runtime, loop, probe, this::submit);
        this.service = new ControllerServiceApi(self, loop, runtime, registrations, new Facts(facts));
        VoterChanges changes = new VoterChanges(self, loop, channels::channelTo, runtime::image);
        this.quorumService = new QuorumServiceApi(self, loop, changes, care, this::running, this::prepare);
    }

    private CompletableFuture<CommandReply> submit(MetadataCommand command) {
        MetadataQuorum running = quorum;
        return running == null
                ? CompletableFuture.completedFuture(
                        CommandReply.refused(ErrorCode.NOT_CONTROLLER, "broker " + self + " does not vote any more"))
                : running.submit(command);
    }

    private Optional<Running> running() {
        return quorum().map(Running::new);
    }

    /** The quorum that runs here. */
    private record Running(MetadataQuorum quorum) implements ControllerServiceApi.Quorum {
        @Override
        public boolean isController() {
            return quorum.isController();
        }

        @Override
        public Optional<BrokerId> leader() {
            return quorum.leader();
        }

        @Override
        public ClusterImage image() {
            return quorum.image();
        }

        @Override
        public CompletableFuture<CommandReply> submit(MetadataCommand command) {
            return quorum.submit(command);
        }

        @Override
        public CompletableFuture<Long> barrier() {
            return quorum.barrier();
        }

        @Override
        public List<Voter> formation() {
            return quorum.formation();
        }

        @Override
        public VoterSet voters() {
            return quorum.voters();
        }

        @Override
        public QuorumStatus status() {
            return quorum.status();
        }

        @Override
        public CompletableFuture<CommandReply> setVoters(VoterSet present, List<Voter> wanted, long timeoutMs) {
            return quorum.setVoters(present, wanted, timeoutMs);
        }

        @Override
        public CompletableFuture<CommandReply> transferTo(Voter voter, long timeoutMs) {
            return quorum.transferTo(voter, timeoutMs);
        }

        @Override
        public CompletableFuture<Boolean> handOver(long timeoutMs) {
            return quorum.handOver(timeoutMs);
        }
    }

    /** What the service asks about this broker's part. */
    private final class Facts implements ControllerServiceApi.NodeFacts {
        private final BrokerFacts broker;

        private Facts(BrokerFacts broker) {
            this.broker = broker;
        }

        @Override
        public BrokerFacts broker() {
            return broker;
        }

        @Override
        public Optional<Running> quorum() {
            return running();
        }

        @Override
        public boolean mayBecomeController() {
            return directory != null && note.isEmpty();
        }

        @Override
        public VoterSet voters() {
            MetadataQuorum running = quorum;
            VoterSet own = running == null ? VoterSet.UNKNOWN : running.voters();
            VoterSet heard = broker.knownVoters();
            return own.index() >= heard.index() ? own : heard;
        }

        @Override
        public Optional<DescribeVoterResponse> describeVoter() {
            QuorumDirectory opened = directory;
            if (opened == null) {
                return Optional.empty();
            }
            MetadataQuorum running = quorum;
            return Optional.of(DescribeVoterResponse.newBuilder()
                    .setSelf(new Voter(config.self(), opened.directoryId()).toString())
                    .addAllFormation(VoterMessages.texts(opened.formation().orElse(List.of())))
                    .addAllVoters(
                            running == null
                                    ? List.of()
                                    : VoterMessages.texts(running.voters().voters()))
                    .build());
        }
    }

    /** To be served on the gRPC port before {@link #start}. */
    public List<BindableService> services() {
        return List.of(service, quorumService);
    }

    /** The quorum, once it runs here. */
    public Optional<MetadataQuorum> quorum() {
        return Optional.ofNullable(quorum);
    }

    /** Voters whose log stands still, as far as is known here. */
    public Set<BrokerId> stalledVoters() {
        return care.stalled();
    }

    /** What an operator should know about this broker's vote; empty where all is well. */
    public String note() {
        MetadataQuorum running = quorum;
        if (running == null) {
            return note;
        }
        if (!running.isMember()) {
            return "broker " + self + " is ready to vote but no voter; to make it one: lograft metadata add-voter "
                    + self;
        }
        return isStalled
                ? "the metadata log of voter " + self + " stands still. " + QuorumFormation.replacement(self)
                : "";
    }

    /** On a voter: opens its directory now; forms or joins the quorum in the background. */
    public void start() throws IOException {
        if (config.isNamed()) {
            directory = QuorumDirectory.open(config.dir(), self);
        } else if (QuorumDirectory.isPresent(config.dir())) {
            try {
                directory = QuorumDirectory.open(config.dir(), self);
            } catch (IOException foreign) {
                // Nobody asked this broker to vote, so it does not matter yet whose directory this is.
                LOG.warn("broker {} cannot vote with its metadata directory: {}", self, foreign.getMessage());
                return;
            }
        } else {
            return;
        }
        if (directory.loss().isPresent()) {
            stayOutside(directory.loss().get() + ". " + QuorumFormation.replacement(self));
        } else if (directory.isRemoved()) {
            stayOutside(wasRemoved());
        } else if (config.isNamed() || directory.formation().isPresent()) {
            starter.execute(this::startQuorum);
        }
    }

    private String wasRemoved() {
        return "broker " + self + " was removed from the voters; to make it one again: lograft metadata add-voter "
                + self;
    }

    private void stayOutside(String reason) {
        note = reason;
        LOG.warn("broker {} does not vote in the metadata quorum: {}", self, reason);
    }

    private void startQuorum() {
        try {
            Optional<List<Voter>> formation = directory.formation();
            if (formation.isEmpty()) {
                switch (new FormationRound(config, directory, transport, () -> isClosed).run()) {
                    case QuorumFormation.Outcome.Formed formed -> formation = Optional.of(formed.voters());
                    case QuorumFormation.Outcome.Outside outside -> stayOutside(outside.reason());
                    case QuorumFormation.Outcome.Waiting closed -> {}
                }
            }
            if (formation.isPresent() && !isClosed) {
                run(formation.get());
            }
        } catch (IOException failed) {
            LOG.error("the metadata quorum cannot start here: {}", failed.getMessage());
            fatal.accept(failed);
        }
    }

    private void run(List<Voter> formation) throws IOException {
        LOG.info("the metadata quorum was formed of {}", formation);
        MetadataQuorum started = MetadataQuorum.start(
                config, directory, formation, new MetadataQuorum.Listeners(runtime, new Leadership(), fatal));
        runtime.quorumStarted(started);
        hasVoted = started.isMember();
        quorum = started;
        note = "";
        loop.execute(() -> care.quorumStarted(started));
        // The session may have heard before this voter ran that it was removed while it was away.
        leaveIfRemoved(heard);
    }

    /** Passes on to the loop what Ratis tells. */
    private final class Leadership implements LeadershipListener {
        @Override
        public void becameController(long term) {
            runtime.becameController(term);
        }

        @Override
        public void lostController() {
            runtime.lostController();
        }

        @Override
        public void votersChanged(VoterSet voters) {
            loop.execute(() -> care.votersChanged(voters));
        }

        @Override
        public void serverStopped() {
            LOG.info("the Raft server has stopped; waiting for the controller to say whether this voter was removed");
            loop.execute(() -> loop.schedule(REMOVAL_NEWS_MS, ControllerNode.this::checkRemoval));
        }
    }

    /** The server stopped a while ago: as the session has not told of a removal, it did not stop for that. */
    private void checkRemoval() {
        MetadataQuorum running = quorum;
        if (running != null && !isClosed) {
            fatal.accept(new IllegalStateException("the Raft server of the metadata quorum stopped by itself"));
        }
    }

    /** The controller tells who the voters are, and which of them stand still. From any thread. */
    public void votersHeard(VoterSet voters, Set<BrokerId> stalled) {
        heard = voters;
        isStalled = stalled.contains(self);
        leaveIfRemoved(voters);
    }

    private void leaveIfRemoved(VoterSet voters) {
        MetadataQuorum running = quorum;
        if (running == null || isClosed) {
            return;
        }
        if (voters.has(running.self())) {
            hasVoted = true;
        }
        if (VoterRules.isRemoved(running.self(), hasVoted || running.isMember(), running.voters(), voters)) {
            try {
                starter.execute(() -> leave(running));
            } catch (RejectedExecutionException closed) {
                LOG.debug("closed while this voter was removed", closed);
            }
        }
    }

    private void leave(MetadataQuorum running) {
        if (quorum != running) {
            return;
        }
        try {
            directory.markRemoved();
            note = wasRemoved();
            quorum = null;
            loop.execute(care::quorumStopped);
            running.close();
            runtime.quorumStopped();
            LOG.info("broker {} was removed from the voters; it goes on without a vote", self);
        } catch (IOException failed) {
            LOG.error("the metadata quorum could not be left: {}", failed.getMessage());
            fatal.accept(failed);
        }
    }

    /** Starts a Raft server that a controller can add, under a fresh identity where the former one is used up. */
    private CompletableFuture<Voter> prepare(List<Voter> formation) {
        CompletableFuture<Voter> ready = new CompletableFuture<>();
        try {
            starter.execute(() -> {
                try {
                    ready.complete(prepareHere(formation));
                } catch (IOException failed) {
                    LOG.error("broker {} cannot get ready to vote: {}", self, failed.getMessage());
                    ready.completeExceptionally(
                            GrpcErrors.exception(ErrorCode.STORAGE_ERROR, String.valueOf(failed.getMessage())));
                } catch (io.grpc.StatusRuntimeException refused) {
                    ready.completeExceptionally(refused);
                }
            });
        } catch (RejectedExecutionException closed) {
            ready.completeExceptionally(GrpcErrors.exception(ErrorCode.UNAVAILABLE, "broker " + self + " is stopping"));
        }
        return ready;
    }

    private Voter prepareHere(List<Voter> formation) throws IOException {
        MetadataQuorum running = quorum;
        if (running == null) {
            QuorumDirectory opened = directory == null ? QuorumDirectory.open(config.dir(), self) : directory;
            boolean isUsedUp = opened.loss().isPresent()
                    || opened.isRemoved()
                    || !opened.formation().orElse(formation).equals(formation);
            directory = isUsedUp ? opened.renew() : opened;
            LOG.info("broker {} gets ready to vote, with directory {}", self, directory.directoryId());
            run(formation);
            running = quorum;
        }
        if (!running.formation().equals(formation)) {
            throw GrpcErrors.exception(
                    ErrorCode.CLUSTER_ID_MISMATCH,
                    "broker " + self + " belongs to the quorum formed of " + running.formation() + ", not of "
                            + formation);
        }
        return running.self();
    }

    /** Before an orderly stop: another voter becomes the controller, if there is one. */
    public CompletableFuture<Void> handOver(long timeoutMs) {
        MetadataQuorum running = quorum;
        if (running == null || !running.isController()) {
            return CompletableFuture.completedFuture(null);
        }
        LOG.info("broker {} hands over as the controller", self);
        return running.handOver(timeoutMs).thenAccept(isDone -> {
            if (!isDone) {
                LOG.warn("no other voter took over from the controller, broker {}", self);
            }
        });
    }

    @Override
    public void close() {
        isClosed = true;
        starter.close();
        MetadataQuorum running = quorum;
        if (running != null) {
            // Ratis' own close has no limit, and the process is to end.
            TimeLimit.within(CLOSE_MAX, running::close)
                    .ifPresent(why -> LOG.warn("close of the metadata quorum: {}", why));
        }
        loop.close();
    }
}
