package io.lograft.metadata.ratis;

import io.lograft.metadata.codec.CommandCodec;
import io.lograft.metadata.codec.ReplyCodec;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This broker's voter in the metadata quorum. Commands are accepted where this voter is the controller; the image can
 * be read everywhere, but trails elsewhere.
 *
 * <pre>{@code
 * QuorumDirectory directory = QuorumDirectory.open(config.dir(), config.self().broker());
 * MetadataQuorum quorum = MetadataQuorum.start(config, directory, voters, listeners);
 * CommandReply reply = quorum.submit(new MetadataCommand.NoOp()).join();
 * }</pre>
 *
 * <p>Safe for use by several threads; nothing blocks but {@link #start} and {@link #close}.
 */
public final class MetadataQuorum implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MetadataQuorum.class);
    /** How long one successor may take; the next may do better. */
    private static final long HAND_OVER_TRY_MS = 1_500;

    private static final long LOG_FAILED_HAND_OVER_MS = 1_000;
    /** Version of commands and records that a cluster formed by this software starts with. */
    private static final int METADATA_VERSION = 1;

    /** Who hears what of the quorum. {@code fatal} is expected to end the process. */
    public record Listeners(CommittedListener committed, LeadershipListener leadership, Consumer<Throwable> fatal) {}

    private final QuorumConfig config;
    private final List<Voter> formation;
    private final Voter self;
    private final RaftGroup group;
    private final RaftServer server;
    private final Listeners listeners;
    private final MetadataStateMachine stateMachine;
    private final LeadershipWatch leadership;
    private final ExecutorService submitter;
    private final RaftAdmin admin;
    private final Semaphore inFlight;
    // A client id of this process alone: Ratis answers a repeated (client, call) with the first outcome.
    private final ClientId clientId = ClientId.randomId();
    private final AtomicLong callIds = new AtomicLong(1);
    private volatile boolean isClosed;

    private MetadataQuorum(QuorumConfig config, QuorumDirectory directory, List<Voter> formation, Listeners listeners)
            throws IOException {
        this.config = config;
        this.formation = formation;
        this.listeners = listeners;
        this.self = new Voter(config.self(), directory.directoryId());
        boolean isFounder = formation.stream().anyMatch(self::isSameMember);
        this.group = isFounder ? QuorumGroup.of(formation) : QuorumGroup.withoutMembers(formation);
        this.inFlight = new Semaphore(config.limits().inFlightMax());
        this.submitter = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("metadata-submit").daemon(true).factory());
        this.leadership = new LeadershipWatch(this, listeners.leadership(), config.timings());
        this.stateMachine = new MetadataStateMachine(
                directory.storeDir(), listeners.committed(), leadership::lookSoon, new Failures());
        RaftProperties properties = QuorumProperties.of(config, directory.raftDir());
        this.server = RaftServer.newBuilder()
                .setServerId(QuorumGroup.peerId(self))
                .setGroup(group)
                .setOption(RaftStorage.StartupOption.RECOVER)
                .setStateMachine(stateMachine)
                .setProperties(properties)
                .build();
        this.admin = new RaftAdmin(server, group, clientId, callIds, submitter);
    }

    /**
     * Starts the voter and returns once it listens; there need not be a leader yet. Opens the store, so it may block
     * for a while. Where this broker's directory is not among the founders, it has no vote until a controller adds it,
     * which its own log remembers from then on.
     *
     * @param formation what {@link QuorumFormation} decided, or what the directory remembers of it
     */
    public static MetadataQuorum start(
            QuorumConfig config, QuorumDirectory directory, List<Voter> formation, Listeners listeners)
            throws IOException {
        directory.form(formation);
        MetadataQuorum quorum = new MetadataQuorum(config, directory, Voter.sorted(formation), listeners);
        quorum.server.start();
        directory.markVoted();
        quorum.leadership.start();
        return quorum;
    }

    /** What the state machine tells of the server. */
    private final class Failures implements MetadataStateMachine.Failures {
        @Override
        public void broken(Throwable cause) {
            listeners.fatal().accept(cause);
        }

        @Override
        public void logFailed(Throwable cause) {
            // Without a log a leader can neither commit nor notice it. Whoever takes over does so sooner when asked.
            var unused = handOver(LOG_FAILED_HAND_OVER_MS)
                    .whenComplete((done, failure) -> listeners.fatal().accept(cause));
        }

        @Override
        public void stopped() {
            listeners.leadership().serverStopped();
        }
    }

    /** The id that this quorum gives its cluster; known before the cluster is formed. */
    public String clusterId() {
        return QuorumGroup.clusterIdOf(formation);
    }

    /** The newest state that this voter has applied. */
    public ClusterImage image() {
        return stateMachine.image();
    }

    /** True while this voter believes that it leads and is ready; another may lead already. */
    public boolean isController() {
        return leadership.isController();
    }

    /** The leader as far as this voter knows. */
    public Optional<BrokerId> leader() {
        return Optional.ofNullable(raft().leaderId()).map(QuorumGroup::brokerOf);
    }

    RaftView raft() {
        return new RaftView(server, group);
    }

    /**
     * Hands a command to the quorum. The reply comes once it is committed and applied here. Refusals of the quorum
     * itself are replies, too: NOT_CONTROLLER (nothing was written), CONTROLLER_UNAVAILABLE (the same, soon again),
     * BUSY, OUTCOME_UNKNOWN (leadership was lost or time ran out before the outcome was known).
     */
    public CompletableFuture<CommandReply> submit(MetadataCommand command) {
        if (!raft().isLeader()) {
            return refused(ErrorCode.NOT_CONTROLLER, "broker " + config.self().broker() + " is not the controller");
        }
        if (!inFlight.tryAcquire()) {
            return refused(ErrorCode.BUSY, config.limits().inFlightMax() + " commands wait for their outcome");
        }
        byte[] bytes = CommandCodec.toBytes(command);
        Message message = Message.valueOf(UnsafeByteOperations.unsafeWrap(bytes));
        return send(message, RaftClientRequest.writeRequestType())
                .orTimeout(config.timings().submitTimeoutMs(), TimeUnit.MILLISECONDS)
                .handle(MetadataQuorum::replyOf)
                .whenComplete((reply, failure) -> inFlight.release());
    }

    /** Runs on the submitting thread, as Ratis blocks its caller until the entry is in the log's queue. */
    private CompletableFuture<RaftClientReply> send(Message message, RaftClientRequest.Type type) {
        RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(clientId)
                .setServerId(server.getId())
                .setGroupId(group.getGroupId())
                .setCallId(callIds.getAndIncrement())
                .setMessage(message)
                .setType(type)
                .build();
        CompletableFuture<RaftClientReply> reply = new CompletableFuture<>();
        try {
            submitter.execute(() -> {
                try {
                    forward(server.submitClientRequestAsync(request), reply);
                } catch (IOException | RuntimeException e) {
                    reply.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException closed) {
            reply.completeExceptionally(closed);
        }
        return reply;
    }

    private static void forward(CompletableFuture<RaftClientReply> from, CompletableFuture<RaftClientReply> to) {
        var unused = from.whenComplete((reply, failure) -> {
            if (failure != null) {
                to.completeExceptionally(failure);
            } else {
                to.complete(reply);
            }
        });
    }

    private static CommandReply replyOf(RaftClientReply reply, Throwable failure) {
        Throwable cause = failure != null ? failure : reply.getException();
        if (cause == null) {
            return ReplyCodec.fromBytes(reply.getMessage().getContent().toByteArray());
        }
        return refusalOf(cause);
    }

    private static CommandReply refusalOf(Throwable failure) {
        Throwable cause = failure instanceof java.util.concurrent.CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
        return switch (cause) {
            case LeaderNotReadyException notReady ->
                CommandReply.refused(ErrorCode.CONTROLLER_UNAVAILABLE, "the controller is not ready yet");
            case ResourceUnavailableException full ->
                CommandReply.refused(ErrorCode.BUSY, "the metadata log takes no more now");
            case LeaderSteppingDownException handingOver ->
                CommandReply.refused(ErrorCode.CONTROLLER_UNAVAILABLE, "the controller is handing over");
            case NotLeaderException deposed ->
                CommandReply.refused(ErrorCode.OUTCOME_UNKNOWN, "the controller was deposed meanwhile");
            case TimeoutException late ->
                CommandReply.refused(ErrorCode.OUTCOME_UNKNOWN, "no majority of voters answered in time");
            case RejectedExecutionException closed ->
                CommandReply.refused(ErrorCode.UNAVAILABLE, "the broker is stopping");
            default -> CommandReply.refused(ErrorCode.OUTCOME_UNKNOWN, "the metadata quorum failed: " + cause);
        };
    }

    private static CompletableFuture<CommandReply> refused(ErrorCode error, String message) {
        return CompletableFuture.completedFuture(CommandReply.refused(error, message));
    }

    /**
     * Index of an image that has all changes committed before this call, confirmed by a majority (a linearizable
     * read). Fails exceptionally where this voter is not the controller or a majority does not answer in time.
     */
    public CompletableFuture<Long> barrier() {
        if (!raft().isLeader()) {
            return CompletableFuture.failedFuture(
                    new IllegalStateException("broker " + config.self().broker() + " is not the controller"));
        }
        return send(Message.EMPTY, RaftClientRequest.readRequestType())
                .orTimeout(config.timings().submitTimeoutMs(), TimeUnit.MILLISECONDS)
                .thenApply(reply -> {
                    if (reply.getException() != null) {
                        throw new java.util.concurrent.CompletionException(reply.getException());
                    }
                    return reply.getMessage()
                            .getContent()
                            .asReadOnlyByteBuffer()
                            .getLong();
                });
    }

    /** The Raft group as this voter sees it. */
    public QuorumStatus status() {
        return raft().status(stateMachine.checkpointIndex());
    }

    /** This voter. */
    public Voter self() {
        return self;
    }

    /** The voters that the quorum was formed of. */
    public List<Voter> formation() {
        return formation;
    }

    /** The voters of now, as far as this one knows. */
    public VoterSet voters() {
        return raft().voters();
    }

    /** False before a controller has added this broker, and once it knows that it was removed. */
    public boolean isMember() {
        return raft().isMember();
    }

    /**
     * Has another voter take over: the most advanced of those that answer, then the next. The future says whether one
     * did within the time; where there is nobody else, it says no at once.
     */
    public CompletableFuture<Boolean> handOver(long timeoutMs) {
        if (!raft().isLeader()) {
            return CompletableFuture.completedFuture(true);
        }
        return handOver(
                new ArrayDeque<>(status().successors()), System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs));
    }

    private CompletableFuture<Boolean> handOver(Deque<QuorumStatus.VoterStatus> successors, long deadlineNs) {
        long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
        QuorumStatus.VoterStatus next = successors.poll();
        if (next == null || leftMs <= 0) {
            return CompletableFuture.completedFuture(false);
        }
        return admin.transferTo(next.voter(), Math.min(leftMs, HAND_OVER_TRY_MS))
                .thenCompose(reply -> {
                    LOG.info("hand-over to broker {}: {}", next.broker(), reply.isOk() ? "done" : reply.message());
                    return reply.isOk() ? CompletableFuture.completedFuture(true) : handOver(successors, deadlineNs);
                });
    }

    /** Makes this voter the leader. The reply is OK once it leads; VOTER_NOT_CAUGHT_UP where it did not in time. */
    public CompletableFuture<CommandReply> transferTo(Voter voter, long timeoutMs) {
        return admin.transferTo(voter, timeoutMs);
    }

    /**
     * Makes these the voters, one more or one less than the present ones; a new one counts once it has caught up. The
     * reply says what became of it: VOTER_NOT_CAUGHT_UP and VOTER_CHANGE_IN_PROGRESS mean that nothing changed.
     *
     * @param present what {@link #voters} said when this was decided
     */
    public CompletableFuture<CommandReply> setVoters(VoterSet present, List<Voter> wanted, long timeoutMs) {
        return admin.setVoters(present, wanted, timeoutMs);
    }

    /** Makes a checkpoint now, so that the log can be purged; the future gives its index. */
    public CompletableFuture<Long> checkpoint() {
        return admin.checkpoint();
    }

    /** The command that a first controller forms the cluster with. */
    MetadataCommand.FormCluster formCluster() {
        return new MetadataCommand.FormCluster(clusterId(), METADATA_VERSION);
    }

    /** Stops the voter; the listeners hear of lost leadership, if any, and nothing afterwards. */
    @Override
    public void close() throws IOException {
        if (isClosed) {
            return;
        }
        isClosed = true;
        stateMachine.expectClose();
        leadership.close();
        server.close();
        submitter.shutdownNow();
    }
}
