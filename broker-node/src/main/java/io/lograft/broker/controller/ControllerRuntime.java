package io.lograft.broker.controller;

import io.lograft.broker.concurrent.EventLoop;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.HandOverRequest;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.metadata.image.UncleanElection;
import io.lograft.metadata.ratis.CommittedListener;
import io.lograft.metadata.ratis.MetadataQuorum;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.SessionResponse;
import io.lograft.wire.ErrorCodes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a voter does while it is the controller: keeps the sessions, has {@link BrokerLiveness} decide who lives, has the
 * quorum carry out what follows, and pushes every change to all sessions. As long as it is not the controller it turns
 * sessions away. Owned by: controller loop, but for the listeners' methods, which only send there.
 */
final class ControllerRuntime implements CommittedListener {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerRuntime.class);
    private static final long TICK_MS = 50;
    private static final int UNFENCE_RETRY_MS = 500;

    private final BrokerId self;
    private final EventLoop loop;
    private final ControllerSettings settings;
    private final BrokerProbe probe;
    private final Function<MetadataCommand, CompletableFuture<CommandReply>> commands;
    private final BrokerLiveness liveness;
    private final CommandBatches<IsrProposal> proposals;
    private final CommandBatches<HandOverRequest> handOvers;
    private final Map<BrokerId, SessionPeer> sessions = new HashMap<>();
    private final ControllerWaiters waiters;
    private Supplier<Optional<SessionResponse>> greeting = Optional::empty;
    private volatile MetadataQuorum quorum;
    private ClusterImage image = ClusterImage.empty();
    private Optional<BrokerId> lastOtherLeader = Optional.empty();
    private boolean isController;
    private long term = -1;

    ControllerRuntime(
            BrokerId self,
            EventLoop loop,
            ControllerSettings settings,
            BrokerProbe probe,
            Function<MetadataCommand, CompletableFuture<CommandReply>> commands) {
        this.self = self;
        this.commands = commands;
        this.loop = loop;
        this.settings = settings;
        this.probe = probe;
        this.liveness = new BrokerLiveness(settings.liveness());
        this.proposals = CommandBatches.of(
                loop, IsrProposal::partition, MetadataCommand.AlterIsr::new, this::submit, SessionPeer::refuseProposal);
        this.handOvers = CommandBatches.of(
                loop,
                HandOverRequest::partition,
                MetadataCommand.HandOverLeadership::new,
                this::submit,
                (peer, request, reply) -> LOG.info("refused: {}", reply.message()));
        this.waiters = new ControllerWaiters(loop);
        loop.scheduleEvery(TICK_MS, this::tick);
        loop.scheduleEvery(settings.preferredLeadersPeriodMs(), this::returnLeadership);
    }

    /** The quorum runs from now on. Any thread. */
    void quorumStarted(MetadataQuorum started) {
        quorum = started;
    }

    /** This broker votes no more. Any thread; the quorum is closed, so this is not the controller. */
    void quorumStopped() {
        quorum = null;
    }

    /** What each session is told right after its registration. To be called before anything else. */
    void greetWith(Supplier<Optional<SessionResponse>> source) {
        greeting = source;
    }

    private CompletableFuture<CommandReply> submit(MetadataCommand command) {
        return commands.apply(command);
    }

    // ---- listeners; any thread

    @Override
    public void onCommitted(long index, long previousIndex, List<MetadataRecord> records, ClusterImage now) {
        loop.execute(() -> changed(index, previousIndex, records, now));
    }

    @Override
    public void onImage(ClusterImage whole) {
        loop.execute(() -> {
            image = whole;
            // Whoever has a session has what came before; it gets the whole state anew.
            sessions.values().forEach(peer -> peer.sendImage(whole, -1));
        });
    }

    void becameController(long newTerm) {
        loop.execute(() -> elected(newTerm));
    }

    void lostController() {
        loop.execute(this::deposed);
    }

    // ---- on the loop

    private void changed(long index, long previousIndex, List<MetadataRecord> records, ClusterImage now) {
        if (isController) {
            UncleanElection.between(image, now, Optional.of(records))
                    .forEach(election -> LOG.warn("{}", election.describe()));
        }
        image = now;
        if (isController && records.stream().anyMatch(record -> record instanceof MetadataRecord.BrokerRecord)) {
            liveness.changed(now, loop.clock().nowMs());
        }
        if (sessions.isEmpty()) {
            return;
        }
        SessionResponse.Change.Builder change =
                SessionResponse.Change.newBuilder().setIndex(index).setPreviousIndex(previousIndex);
        records.forEach(record -> change.addRecords(SessionPeer.encode(record)));
        SessionResponse message = SessionResponse.newBuilder().setChange(change).build();
        sessions.values().forEach(peer -> peer.sendChange(message, index));
    }

    private void elected(long newTerm) {
        isController = true;
        term = newTerm;
        LOG.info("broker {} is the controller of term {}, at index {}", self, newTerm, image.index());
        List<LivenessEffect> effects = new ArrayList<>();
        liveness.elected(image, lastOtherLeader, loop.clock().nowMs(), effects);
        execute(effects);
        waiters.release();
    }

    private void deposed() {
        isController = false;
        LOG.info("broker {} is not the controller any more", self);
        proposals.clear();
        handOvers.clear();
        List<SessionPeer> open = List.copyOf(sessions.values());
        sessions.clear();
        open.forEach(
                peer -> peer.close(ErrorCode.NOT_CONTROLLER, "broker " + self + " is not the controller any more"));
    }

    private void tick() {
        if (isController) {
            List<LivenessEffect> effects = new ArrayList<>();
            liveness.tick(loop.clock().nowMs(), effects);
            execute(effects);
            return;
        }
        MetadataQuorum voting = quorum;
        if (voting != null) {
            Optional<BrokerId> leader = voting.leader().filter(id -> !id.equals(self));
            if (leader.isPresent()) {
                lastOtherLeader = leader;
            }
        }
    }

    private void execute(List<LivenessEffect> effects) {
        for (LivenessEffect effect : effects) {
            switch (effect) {
                case LivenessEffect.Fence fence -> {
                    LOG.info("fencing {}", fence.brokers());
                    submit(new MetadataCommand.FenceBrokers(fence.brokers())).thenAccept(this::warnIfRefused);
                }
                case LivenessEffect.Probe wanted ->
                    probe.ask(wanted.broker().id(), finding -> probed(wanted.broker(), finding));
            }
        }
    }

    private void probed(BrokerRef broker, BrokerProbe.Finding finding) {
        long nowMs = loop.clock().nowMs();
        switch (finding) {
            case BrokerProbe.Finding.Answered answered ->
                liveness.answered(broker, answered.response().getBrokerEpoch(), nowMs);
            case BrokerProbe.Finding.NobodyListens nobody -> liveness.absent(broker, nowMs);
            case BrokerProbe.Finding.Silence silence -> {} // The grace goes on.
        }
        tick();
    }

    private void warnIfRefused(CommandReply reply) {
        if (!reply.isOk()) {
            LOG.warn("a command of the controller was refused: {}: {}", reply.error(), reply.message());
        }
    }

    private void returnLeadership() {
        if (isController && isSomethingElsewhere()) {
            submit(new MetadataCommand.ElectPreferredLeaders(settings.preferredLeadersMax()))
                    .thenAccept(this::warnIfRefused);
        }
    }

    private boolean isSomethingElsewhere() {
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                BrokerId preferred = partition.replicas().get(0).broker();
                if (partition.hasLeader()
                        && !partition.isLedBy(preferred)
                        && partition.isr().contains(preferred)
                        && image.broker(preferred)
                                .filter(BrokerImage::isAvailable)
                                .isPresent()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Has the answer given once this broker is the controller, or after the wait. */
    void whenController(long waitMs, Runnable answer) {
        if (isController) {
            answer.run();
        } else {
            waiters.add(waitMs, answer);
        }
    }

    /** Sends to all sessions. */
    void tellAll(SessionResponse message) {
        sessions.values().forEach(peer -> peer.send(message));
    }

    /** True where this broker serves as the controller now. */
    boolean isController() {
        return isController;
    }

    ClusterImage image() {
        return image;
    }

    /** This broker and where it is reached, for messages. */
    String describeSelf() {
        return "broker " + self
                + image.broker(self).map(own -> " at " + own.address()).orElse("");
    }

    BrokerLiveness.Holder holder(BrokerId broker) {
        return liveness.holder(broker);
    }

    /** Joins a stream to a registration that the image has, new or resumed. */
    void open(SessionPeer peer, BrokerRef ref, boolean isResumed, long knownIndex) {
        if (peer.isClosed()) {
            return;
        }
        SessionPeer old = sessions.put(ref.id(), peer);
        if (old != null && old != peer) {
            old.close(
                    old.ref().equals(ref) ? ErrorCode.UNAVAILABLE : ErrorCode.STALE_BROKER_EPOCH,
                    "broker " + ref.id() + " has opened another session");
        }
        liveness.opened(ref, loop.clock().nowMs());
        peer.registered(
                ref,
                SessionResponse.Registered.newBuilder()
                        .setClusterId(image.clusterId())
                        .setControllerId(self.value())
                        .setControllerTerm(term)
                        .setBrokerEpoch(ref.epoch())
                        .setResumed(isResumed)
                        .setSessionTimeoutMs((int) settings.liveness().sessionTimeoutMs())
                        .build());
        greeting.get().ifPresent(peer::send);
        peer.sendImage(image, isResumed ? knownIndex : -1);
    }

    void heard(SessionPeer peer) {
        liveness.heard(peer.ref(), loop.clock().nowMs());
    }

    void heartbeat(SessionPeer peer) {
        peer.send(SessionResponse.newBuilder()
                .setBeat(SessionResponse.Beat.newBuilder()
                        .setIndex(image.index())
                        .setWallMs(loop.clock().wallMs()))
                .build());
    }

    void propose(SessionPeer peer, MetadataCommand.AlterIsr command) {
        proposals.add(peer, command.proposals());
    }

    /** A broker asks in its own name only; what it asks for another is dropped. */
    void handOver(SessionPeer peer, MetadataCommand.HandOverLeadership command) {
        List<HandOverRequest> own = command.requests().stream()
                .filter(request -> request.leader().equals(peer.ref()))
                .toList();
        LOG.info("broker {} asks that others lead {} of its partitions", peer.ref(), own.size());
        handOvers.add(peer, own);
    }

    void unfence(SessionPeer peer, MetadataCommand.UnfenceBroker command) {
        long delayMs = liveness.unfenceDelayMs(peer.ref().id(), loop.clock().nowMs());
        if (delayMs > 0) {
            refuseUnfence(peer, ErrorCode.BUSY, "it came and went too often of late", (int) delayMs);
            return;
        }
        submit(command)
                .thenAccept(reply -> loop.execute(() -> {
                    if (!reply.isOk()) {
                        refuseUnfence(peer, reply.error(), reply.message(), UNFENCE_RETRY_MS);
                    }
                }));
    }

    private static void refuseUnfence(SessionPeer peer, ErrorCode error, String message, int retryAfterMs) {
        peer.send(SessionResponse.newBuilder()
                .setUnfenceRefused(SessionResponse.UnfenceRefused.newBuilder()
                        .setFailure(Failure.newBuilder()
                                .setCode(ErrorCodes.toProto(error))
                                .setMessage(message))
                        .setRetryAfterMs(retryAfterMs))
                .build());
    }

    void drain(SessionPeer peer) {
        LOG.info("broker {} is about to stop", peer.ref());
        submit(new MetadataCommand.DrainBroker(peer.ref())).thenAccept(this::warnIfRefused);
    }

    /** A session's stream is gone. */
    void broke(SessionPeer peer) {
        peer.ended();
        if (peer.ref() == null || !sessions.remove(peer.ref().id(), peer)) {
            return;
        }
        if (isController) {
            LOG.info("the session of broker {} broke", peer.ref());
            List<LivenessEffect> effects = new ArrayList<>();
            liveness.broke(peer.ref(), loop.clock().nowMs(), effects);
            execute(effects);
        }
    }
}
