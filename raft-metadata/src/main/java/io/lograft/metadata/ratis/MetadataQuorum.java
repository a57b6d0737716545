package io.lograft.metadata.ratis;

import io.lograft.metadata.codec.CommandCodec;
import io.lograft.metadata.codec.ReplyCodec;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import java.io.IOException;
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
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
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
 * QuorumDirectory directory = QuorumDirectory.open(config.dir(), config.self());
 * MetadataQuorum quorum = MetadataQuorum.start(config, directory, voters, listeners);
 * CommandReply reply = quorum.submit(new MetadataCommand.NoOp()).join();
 * }</pre>
 *
 * <p>Safe for use by several threads; nothing blocks but {@link #start} and {@link #close}.
 */
public final class MetadataQuorum implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MetadataQuorum.class);
    private static final long ADMIN_TIMEOUT_MS = 5_000;
    /** Version of commands and records that a cluster formed by this software starts with. */
    private static final int METADATA_VERSION = 1;

    /** Who hears what of the quorum. {@code fatal} is expected to end the process. */
    public record Listeners(CommittedListener committed, LeadershipListener leadership, Consumer<Throwable> fatal) {}

    private final QuorumConfig config;
    private final List<Voter> formation;
    private final RaftGroup group;
    private final RaftServer server;
    private final MetadataStateMachine stateMachine;
    private final LeadershipWatch leadership;
    private final ExecutorService submitter;
    private final Semaphore inFlight;
    // A client id of this process alone: Ratis answers a repeated (client, call) with the first outcome.
    private final ClientId clientId = ClientId.randomId();
    private final AtomicLong callIds = new AtomicLong(1);
    private volatile boolean isClosed;

    private MetadataQuorum(QuorumConfig config, QuorumDirectory directory, List<Voter> formation, Listeners listeners)
            throws IOException {
        this.config = config;
        this.formation = formation;
        this.group = QuorumGroup.of(formation);
        this.inFlight = new Semaphore(config.limits().inFlightMax());
        this.submitter = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("metadata-submit").daemon(true).factory());
        this.leadership = new LeadershipWatch(this, listeners.leadership(), config.timings());
        this.stateMachine = new MetadataStateMachine(
                directory.storeDir(), listeners.committed(), leadership::lookSoon, listeners.fatal());
        RaftProperties properties = QuorumProperties.of(config, directory.raftDir());
        this.server = RaftServer.newBuilder()
                .setServerId(QuorumGroup.peerId(self(config, formation)))
                .setGroup(group)
                .setOption(RaftStorage.StartupOption.RECOVER)
                .setStateMachine(stateMachine)
                .setProperties(properties)
                .build();
    }

    private static Voter self(QuorumConfig config, List<Voter> formation) {
        return formation.stream()
                .filter(voter -> voter.address().broker().equals(config.self()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "broker " + config.self() + " is not among the voters " + formation));
    }

    /**
     * Starts the voter and returns once it listens; there need not be a leader yet. Opens the store, so it may block
     * for a while.
     *
     * @param voters what {@link QuorumFormation} decided, or what the directory remembers of it
     */
    public static MetadataQuorum start(
            QuorumConfig config, QuorumDirectory directory, List<Voter> voters, Listeners listeners)
            throws IOException {
        Voter self = self(config, voters);
        if (!self.directoryId().equals(directory.directoryId())) {
            throw new IOException("voter " + config.self() + " has directory " + self.directoryId()
                    + " in the quorum, but its directory is " + directory.directoryId());
        }
        directory.form(voters);
        MetadataQuorum quorum = new MetadataQuorum(config, directory, Voter.sorted(voters), listeners);
        quorum.server.start();
        directory.markVoted();
        quorum.leadership.start();
        return quorum;
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
            return refused(ErrorCode.NOT_CONTROLLER, "broker " + config.self() + " is not the controller");
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
                    new IllegalStateException("broker " + config.self() + " is not the controller"));
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

    /**
     * Asks the most advanced other voter to take over. The future says whether it did; a quorum of one answers false.
     */
    public CompletableFuture<Boolean> transferLeadership() {
        Optional<RaftPeerId> successor = raft().mostAdvancedFollower();
        if (successor.isEmpty()) {
            return CompletableFuture.completedFuture(false);
        }
        TransferLeadershipRequest request = new TransferLeadershipRequest(
                clientId,
                server.getId(),
                group.getGroupId(),
                callIds.getAndIncrement(),
                successor.get(),
                ADMIN_TIMEOUT_MS);
        return admin(() -> server.transferLeadershipAsync(request)).handle((reply, failure) -> {
            boolean isDone = failure == null && reply.isSuccess();
            LOG.info("transfer of metadata leadership to {}: {}", successor.get(), isDone ? "done" : "failed");
            return isDone;
        });
    }

    /** Makes a checkpoint now, so that the log can be purged; the future gives its index. */
    public CompletableFuture<Long> checkpoint() {
        SnapshotManagementRequest request = SnapshotManagementRequest.newCreate(
                clientId, server.getId(), group.getGroupId(), callIds.getAndIncrement(), ADMIN_TIMEOUT_MS, 1);
        return admin(() -> server.snapshotManagementAsync(request)).thenApply(RaftClientReply::getLogIndex);
    }

    private interface AdminCall {
        CompletableFuture<RaftClientReply> start() throws IOException;
    }

    private CompletableFuture<RaftClientReply> admin(AdminCall call) {
        CompletableFuture<RaftClientReply> reply = new CompletableFuture<>();
        try {
            submitter.execute(() -> {
                try {
                    forward(call.start(), reply);
                } catch (IOException | RuntimeException e) {
                    reply.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException closed) {
            reply.completeExceptionally(closed);
        }
        return reply.orTimeout(2 * ADMIN_TIMEOUT_MS, TimeUnit.MILLISECONDS);
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

    /** The voter's Raft peers, for tests. */
    List<RaftPeer> peers() {
        return List.copyOf(group.getPeers());
    }
}
