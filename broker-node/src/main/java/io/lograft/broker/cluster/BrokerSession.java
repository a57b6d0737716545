package io.lograft.broker.cluster;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.ManagedChannel;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.transport.GrpcTransport;
import io.lograft.metadata.codec.CommandCodec;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.HandOverRequest;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.ChangeVotersRequest;
import io.lograft.proto.v1.ChangeVotersResponse;
import io.lograft.proto.v1.SessionRequest;
import io.lograft.proto.v1.SessionResponse;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.RemoteError;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This broker's session with the controller, whichever voter that is: registers, sends heartbeats and proposals, and
 * keeps the image that comes down. When the stream breaks or falls silent it looks for the controller, and resumes by
 * its broker epoch.
 *
 * <table>
 * <caption>States</caption>
 * <tr><td>SEEKING</td><td>no stream; asks the voters, with growing pauses</td></tr>
 * <tr><td>OPENING</td><td>Register is sent; to ACTIVE with Registered, to SEEKING with any failure</td></tr>
 * <tr><td>ACTIVE</td><td>to SEEKING when the stream ends or is silent for the session timeout</td></tr>
 * <tr><td>ENDED</td><td>closed, or refused for good</td></tr>
 * </table>
 *
 * <p>Methods may be called by any thread. State is owned by: metadata loop.
 */
public final class BrokerSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerSession.class);
    private static final long PAUSE_MIN_MS = 20;
    private static final long PAUSE_MAX_MS = 100;
    private static final long DRAIN_PATIENCE_MS = 8_000;

    private enum State {
        SEEKING,
        OPENING,
        ACTIVE,
        ENDED
    }

    private final SessionConfig config;
    private final EventLoop loop;
    private final SessionListener listener;
    private final ControllerChannels channels;
    private final ControllerFinder finder;
    private final ImageKeeper keeper = new ImageKeeper();
    private final ControllerCalls calls;

    private State state = State.SEEKING;
    private SessionStream stream;
    private long heardMs;
    private long pauseMs = PAUSE_MIN_MS;
    private long seekRounds;
    private EventLoop.Timer nextSeek;
    private UnfenceWish unfenceWish;
    private CompletableFuture<Void> drained;
    private boolean isDrainSent;
    private volatile UUID incarnation;
    private boolean isAnew = true;
    private volatile String clusterId;
    private volatile long brokerEpoch;
    private volatile VoterAddress controller;

    /** Does nothing yet. */
    public BrokerSession(SessionConfig config, EventLoop loop, GrpcTransport transport, SessionListener listener) {
        this.config = config;
        this.loop = loop;
        this.listener = listener;
        this.incarnation = config.incarnation();
        this.clusterId = config.clusterId();
        this.channels = new ControllerChannels(transport);
        this.finder = new ControllerFinder(loop, channels, config.voters());
        long requestMs = config.times().requestTimeoutMs();
        this.calls = new ControllerCalls(loop, keeper, this::controllerChannel, requestMs);
    }

    /** Begins to look for the controller, and never stops until closed or refused. */
    public void start() {
        loop.execute(() -> {
            loop.scheduleEvery(config.times().heartbeatMs(), this::beat);
            seek();
        });
    }

    /** The newest metadata; empty before the first contact with a controller. */
    public ClusterImage image() {
        return keeper.image();
    }

    /** Hears of the present image, if there is one, and of all that follow. */
    public void addListener(ImageListener imageListener) {
        loop.execute(() -> keeper.addListener(imageListener));
    }

    /** The epoch of the last registration, 0 before the first. */
    public long brokerEpoch() {
        return brokerEpoch;
    }

    /** The random id of this process, or of its present life if it has registered anew. */
    public UUID incarnation() {
        return incarnation;
    }

    /**
     * Registers as another process would, under a new epoch; the former registration is fenced in the same step. For a
     * broker that goes on, but whose replicas are not all that the former registration stood for. {@link #unfence} is to
     * be called as after the first registration. Does nothing once the broker drains or has been refused.
     */
    public void registerAnew(String reason) {
        loop.execute(() -> {
            if (state == State.ENDED || drained != null) {
                return;
            }
            incarnation = UUID.randomUUID();
            isAnew = true;
            unfenceWish = null;
            if (stream != null) {
                drop("registering anew: " + reason);
            }
        });
    }

    /** Empty before the first contact, unless the broker's directories knew it. */
    public String clusterId() {
        return clusterId;
    }

    /** The controller that this session is with; empty while there is none. */
    public Optional<BrokerId> controller() {
        return Optional.ofNullable(controller).map(VoterAddress::broker);
    }

    /** The voters of the metadata quorum as heard of last; empty before the first word of them. */
    public VoterSet voters() {
        return finder.learned();
    }

    /** Has the controller change the voters, whichever broker that is by then; fails as a call to it would. */
    public CompletableFuture<ChangeVotersResponse> changeVoters(ChangeVotersRequest.Builder change) {
        return calls.changeVoters(change.setClusterId(clusterId).build());
    }

    /**
     * Sends proposals to the controller. What becomes of them is seen in the image. False where there is no controller
     * now or the stream takes no more: propose again later.
     */
    public boolean proposeIsr(List<IsrProposal> proposals) {
        return sendIfActive(() -> SessionRequest.newBuilder()
                .setIsrProposals(encode(new MetadataCommand.AlterIsr(proposals)))
                .build());
    }

    /** Asks that others lead partitions in this broker's place; the same as {@link #proposeIsr} in all else. */
    public boolean requestHandOver(List<HandOverRequest> requests) {
        return sendIfActive(() -> SessionRequest.newBuilder()
                .setHandOver(encode(new MetadataCommand.HandOverLeadership(requests)))
                .build());
    }

    private boolean sendIfActive(Supplier<SessionRequest> request) {
        if (controller == null) {
            return false;
        }
        SessionRequest message = request.get();
        return loop.tryExecute(() -> {
            if (state == State.ACTIVE && stream.isReady()) {
                stream.send(message);
            }
        });
    }

    private static ByteString encode(MetadataCommand command) {
        return UnsafeByteOperations.unsafeWrap(CommandCodec.toBytes(command));
    }

    /**
     * Has a command carried out. The reply comes once this broker's image has the change. Waits for a controller, up to
     * the request timeout; OUTCOME_UNKNOWN says that the command may or may not have been carried out.
     */
    public CompletableFuture<CommandReply> submit(MetadataCommand command) {
        return calls.submit(command, clusterId);
    }

    /**
     * Completes, with its index, once this broker's image has everything that was committed before the call. Fails
     * exceptionally where no controller confirms that within the request timeout.
     */
    public CompletableFuture<Long> barrier() {
        return calls.barrier(clusterId);
    }

    /** Completes once this broker's image has that index. */
    public CompletableFuture<Void> whenCaughtUp(long index) {
        CompletableFuture<Void> reached = new CompletableFuture<>();
        loop.execute(() -> keeper.whenCaughtUp(index, () -> reached.complete(null)));
        return reached;
    }

    /**
     * The broker has recovered and wants to take part, from now on and after each fencing that its process survives.
     *
     * @param lost replicas that it cannot vouch for; told once
     */
    public void unfence(List<LostReplica> lost) {
        loop.execute(() -> {
            unfenceWish = new UnfenceWish(lost);
            pursueWishes();
        });
    }

    /**
     * Asks for all leaderships to be moved away; completes when this broker leads nothing, but for what nobody else
     * could lead. Waits before that, within bounds, for replicas that are about to be in sync: without this broker there
     * would be too few.
     */
    public CompletableFuture<Void> drain() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            if (drained == null) {
                drained = done;
                unfenceWish = null;
                loop.schedule(DRAIN_PATIENCE_MS, this::sendDrain);
                pursueWishes();
            } else {
                var unused = drained.thenRun(() -> done.complete(null));
            }
        });
        return done;
    }

    private ManagedChannel controllerChannel() {
        return state == State.ACTIVE ? channels.to(controller) : null;
    }

    private void seek() {
        if (state != State.SEEKING) {
            return;
        }
        long round = ++seekRounds;
        finder.find(clusterId, found -> {
            if (state != State.SEEKING) {
                return;
            }
            if (found.isPresent()) {
                open(found.get());
            } else if (round == seekRounds) {
                seekLater();
            }
        });
    }

    private void seekLater() {
        if (nextSeek != null) {
            nextSeek.cancel();
        }
        nextSeek = loop.schedule(pauseMs, this::seek);
        pauseMs = Math.min(PAUSE_MAX_MS, pauseMs + pauseMs / 2);
    }

    private void open(VoterAddress voter) {
        state = State.OPENING;
        heardMs = loop.clock().nowMs();
        keeper.restart();
        stream = SessionStream.open(channels.to(voter), loop, new SessionStream.Events() {
            @Override
            public void received(SessionStream from, SessionResponse response) {
                if (from == stream) {
                    handle(voter, response);
                }
            }

            @Override
            public void ended(SessionStream from, RemoteError reason) {
                if (from == stream) {
                    lost(reason);
                }
            }
        });
        stream.send(SessionRequest.newBuilder().setRegister(registration()).build());
    }

    private SessionRequest.Register registration() {
        ByteBuffer incarnationBytes = ByteBuffer.allocate(16)
                .putLong(incarnation.getMostSignificantBits())
                .putLong(incarnation.getLeastSignificantBits())
                .flip();
        SessionConfig.Directories directories = config.directories().get();
        return SessionRequest.Register.newBuilder()
                .setClusterId(clusterId)
                .setBrokerId(config.broker().value())
                .setIncarnationId(ByteString.copyFrom(incarnationBytes))
                .setHost(config.address().host())
                .setPort(config.address().port())
                .setRaft(config.address().raft())
                .addAllDirectoryIds(directories.ids())
                .setHasOfflineDirectories(!directories.isComplete())
                .setBrokerEpoch(isAnew ? 0 : brokerEpoch)
                .setKnownIndex(keeper.image().index())
                .build();
    }

    private void handle(VoterAddress voter, SessionResponse response) {
        heardMs = loop.clock().nowMs();
        switch (response.getMessageCase()) {
            case REGISTERED -> registered(voter, response.getRegistered());
            case IMAGE_PART -> imageStep(keeper.take(response.getImagePart()));
            case CHANGE -> imageStep(keeper.take(response.getChange()));
            case ISR_REFUSALS -> response.getIsrRefusals().getRefusalsList().forEach(this::proposalRefused);
            case UNFENCE_REFUSED -> unfenceRefused(response.getUnfenceRefused());
            case VOTERS -> votersHeard(response.getVoters());
            case BEAT -> listener.clockHeard(response.getBeat().getWallMs());
            case MESSAGE_NOT_SET -> {}
        }
    }

    private void votersHeard(io.lograft.proto.v1.VoterSet message) {
        VoterSet voters;
        try {
            voters = VoterSet.parse(message.getIndex(), message.getVotersList());
        } catch (IllegalArgumentException malformed) {
            drop("it names voters that make no sense: " + malformed.getMessage());
            return;
        }
        finder.learn(voters);
        var stalled = message.getStalledList().stream().map(BrokerId::new);
        listener.votersKnown(voters, stalled.collect(Collectors.toSet()));
    }

    private void registered(VoterAddress voter, SessionResponse.Registered answer) {
        state = State.ACTIVE;
        isAnew = false;
        pauseMs = PAUSE_MIN_MS;
        clusterId = answer.getClusterId();
        brokerEpoch = answer.getBrokerEpoch();
        controller = voter;
        LOG.info(
                "broker {} is registered with controller {} of term {}, epoch {}{}",
                config.broker(),
                voter.broker(),
                answer.getControllerTerm(),
                brokerEpoch,
                answer.getResumed() ? " (resumed)" : "");
        if (unfenceWish != null) {
            unfenceWish.lostOnTheWay();
        }
        isDrainSent = false;
        listener.registered(brokerEpoch, answer.getResumed());
        pursueWishes();
        calls.controllerChanged();
    }

    private void imageStep(ImageKeeper.Outcome outcome) {
        switch (outcome) {
            case APPLIED -> pursueWishes();
            case UNCHANGED -> {}
            case OUT_OF_STEP ->
                drop("its metadata do not follow ours at index "
                        + keeper.image().index());
        }
    }

    /** Looks whether the present image calls for a request that this broker wants made. */
    private void pursueWishes() {
        Optional<BrokerImage> self = keeper.image().broker(config.broker()).filter(b -> b.epoch() == brokerEpoch);
        if (self.isEmpty()) {
            return;
        }
        if (unfenceWish != null && state == State.ACTIVE) {
            if (self.get().isLive()) {
                unfenceWish.fulfilled();
            } else if (unfenceWish.send()) {
                BrokerRef ref = new BrokerRef(config.broker(), brokerEpoch);
                stream.send(SessionRequest.newBuilder()
                        .setUnfence(encode(new MetadataCommand.UnfenceBroker(ref, unfenceWish.lost())))
                        .build());
            }
        }
        if (drained == null || drained.isDone()) {
            return;
        }
        if (self.get().draining()) {
            if (Departure.isDone(keeper.image(), config.broker())) {
                drained.complete(null);
            }
        } else if (!Departure.isTooSoon(keeper.image(), config.broker())) {
            sendDrain();
        }
    }

    private void sendDrain() {
        if (state == State.ACTIVE && !isDrainSent) {
            isDrainSent = true;
            stream.send(SessionRequest.newBuilder()
                    .setDrain(SessionRequest.Drain.getDefaultInstance())
                    .build());
        }
    }

    private void unfenceRefused(SessionResponse.UnfenceRefused refused) {
        LOG.info(
                "broker {} stays fenced for now: {}",
                config.broker(),
                refused.getFailure().getMessage());
        loop.schedule(Math.max(PAUSE_MIN_MS, refused.getRetryAfterMs()), () -> {
            if (unfenceWish != null) {
                unfenceWish.lostOnTheWay();
                pursueWishes();
            }
        });
    }

    private void proposalRefused(SessionResponse.IsrRefusal refusal) {
        PartitionId partition =
                new PartitionId(TopicId.fromBytes(refusal.getTopicId().toByteArray()), refusal.getPartition());
        ErrorCode error = ErrorCodes.fromProto(refusal.getFailure().getCode());
        listener.proposalRefused(partition, error, refusal.getFailure().getMessage());
    }

    private void beat() {
        if (state != State.OPENING && state != State.ACTIVE) {
            return;
        }
        if (loop.clock().nowMs() - heardMs > config.times().sessionTimeoutMs()) {
            drop("it is silent");
        } else if (state == State.ACTIVE && stream.isReady()) {
            stream.send(SessionRequest.newBuilder()
                    .setHeartbeat(SessionRequest.Heartbeat.newBuilder()
                            .setAppliedIndex(keeper.image().index()))
                    .build());
        }
    }

    private void drop(String reason) {
        stream.cancel(reason);
        lost(new RemoteError(ErrorCode.UNAVAILABLE, reason, java.util.Map.of()));
    }

    private void lost(RemoteError reason) {
        boolean wasActive = state == State.ACTIVE;
        stream = null;
        controller = null;
        if (state == State.ENDED) {
            return;
        }
        switch (reason.code()) {
            case DUPLICATE_BROKER_ID, CLUSTER_ID_MISMATCH, STALE_BROKER_EPOCH -> {
                state = State.ENDED;
                listener.refused(reason);
            }
            default -> {
                LOG.info("broker {} lost its controller: {}", config.broker(), reason);
                state = State.SEEKING;
                if (wasActive) {
                    listener.disconnected();
                }
                seekLater();
            }
        }
    }

    /** Ends the session; the controller sees a broken stream. */
    @Override
    public void close() {
        loop.execute(() -> {
            state = State.ENDED;
            if (stream != null) {
                stream.cancel("the broker is stopping");
            }
            calls.close();
            channels.close();
        });
    }
}
