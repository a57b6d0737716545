package io.lograft.broker.sim;

import io.lograft.broker.controller.BrokerLiveness;
import io.lograft.broker.controller.ControllerSettings;
import io.lograft.broker.controller.LivenessEffect;
import io.lograft.broker.controller.LivenessSettings;
import io.lograft.broker.sim.world.SimWorld;
import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.HandOverRequest;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * One broker as controller, for one term: sessions and the real {@link BrokerLiveness}, as {@code ControllerRuntime} and
 * {@code Registrations} do it. All of it is gone with the term; what was submitted may be carried out or not.
 */
final class SimController {
    private static final ControllerSettings SETTINGS = ControllerSettings.of(LivenessSettings.of(3_000, 300));
    private static final long TICK_MS = 50;
    private static final long UNFENCE_RETRY_MS = 500;

    private final SimCluster cluster;
    private final SimWorld world;
    private final SimQuorum quorum;
    private final SimProcess host;
    private final int term;
    private final BrokerLiveness liveness = new BrokerLiveness(SETTINGS.liveness());
    private final Map<BrokerId, SimConnection> sessions = new TreeMap<>();
    /** The registration that each session is of. */
    private final java.util.IdentityHashMap<SimConnection, BrokerRef> refs = new java.util.IdentityHashMap<>();

    private List<IsrProposal> proposals = new ArrayList<>();
    private boolean isProposalUnderWay;
    private ClusterImage image;
    private boolean isServing = true;

    SimController(SimCluster cluster, SimProcess host, int term) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.quorum = cluster.quorum();
        this.host = host;
        this.term = term;
        this.image = quorum.image();
    }

    SimProcess host() {
        return host;
    }

    int term() {
        return term;
    }

    /** True while it takes itself for the controller; that may be wrong. */
    boolean isServing() {
        return isServing && host.isAlive();
    }

    void elected(Optional<BrokerId> former) {
        world.trace(() -> this + " begins, after " + former);
        List<LivenessEffect> effects = new ArrayList<>();
        liveness.elected(image, former.filter(id -> !id.equals(host.brokerId())), world.nowMs(), effects);
        execute(effects);
        world.after(TICK_MS, this::tick);
        world.after(SETTINGS.preferredLeadersPeriodMs(), this::returnLeadership);
    }

    /** It has heard that it is not the controller any more. */
    void deposed() {
        if (!isServing()) {
            return;
        }
        if (host.isPaused()) {
            world.after(host.resumeAtMs() - world.nowMs() + world.between(0, 50), this::deposed);
            return;
        }
        world.trace(() -> this + " ends");
        isServing = false;
        List<SimConnection> open = List.copyOf(sessions.values());
        sessions.clear();
        open.forEach(session -> session.close(ErrorCode.NOT_CONTROLLER));
    }

    /** The metadata changed, as far as this controller hears of it. */
    void changed(ClusterImage now) {
        image = now;
        if (isServing()) {
            liveness.changed(now, world.nowMs());
            sessions.values().forEach(this::push);
        }
    }

    private void push(SimConnection session) {
        ClusterImage pushed = image;
        session.down(() -> session.process().session().learn(session, pushed));
    }

    // ---- time

    private void tick() {
        if (!isServing()) {
            return;
        }
        if (!host.isPaused()) {
            List<LivenessEffect> effects = new ArrayList<>();
            liveness.tick(world.nowMs(), effects);
            execute(effects);
        }
        world.after(TICK_MS, this::tick);
    }

    private void returnLeadership() {
        if (isServing()) {
            submit(new MetadataCommand.ElectPreferredLeaders(1), reply -> {});
            world.after(SETTINGS.preferredLeadersPeriodMs(), this::returnLeadership);
        }
    }

    private void execute(List<LivenessEffect> effects) {
        for (LivenessEffect effect : effects) {
            switch (effect) {
                case LivenessEffect.Fence fence ->
                    submit(new MetadataCommand.FenceBrokers(fence.brokers()), reply -> {});
                case LivenessEffect.Probe probe ->
                    probe(
                            probe.broker().id(),
                            answer -> answer.ifPresent(
                                    found -> liveness.answered(probe.broker(), found.brokerEpoch(), world.nowMs())));
            }
        }
    }

    /** Asks at the broker's port; the answer is the process there, empty where nobody answers in time. */
    private void probe(BrokerId id, Consumer<Optional<SimProcess>> answer) {
        SimProcess asked = cluster.process(id.value());
        boolean isAnswered =
                asked != null && !asked.isPaused() && cluster.network().isUpBothWays(host.id(), asked.id());
        long afterMs = isAnswered ? world.between(0, 20) : SETTINGS.probeTimeoutMs();
        world.after(afterMs, () -> {
            if (isServing()) {
                answer.accept(isAnswered && asked.isAlive() ? Optional.of(asked) : Optional.empty());
            }
        });
    }

    /** Somebody's command, which may be lost with the term. */
    void administer(MetadataCommand command, Consumer<CommandReply> reply) {
        if (isServing()) {
            submit(command, reply);
        }
    }

    private void submit(MetadataCommand command, Consumer<CommandReply> reply) {
        quorum.submit(this, command, answer -> {
            if (isServing()) {
                reply.accept(answer);
            }
        });
    }

    // ---- registrations; called when the message arrives

    void register(SimConnection session, long knownEpoch) {
        BrokerId id = session.process().brokerId();
        Optional<BrokerImage> known = image.broker(id);
        boolean isSameProcess = known.filter(
                        broker -> broker.incarnation().equals(session.process().incarnation()))
                .isPresent();
        if (isSameProcess) {
            open(session, known.get().ref(), knownEpoch != 0);
        } else if (knownEpoch != 0) {
            session.close(ErrorCode.STALE_BROKER_EPOCH);
        } else if (liveness.holder(id) == BrokerLiveness.Holder.NONE) {
            submitRegistration(session, false);
        } else {
            BrokerImage holder = known.orElseThrow();
            probe(id, answer -> probed(session, holder, answer));
        }
    }

    private void probed(SimConnection session, BrokerImage holder, Optional<SimProcess> answer) {
        boolean isOther = answer.isPresent() && !answer.get().incarnation().equals(holder.incarnation());
        boolean isAlive = answer.isPresent() || liveness.holder(holder.id()) == BrokerLiveness.Holder.LIVE;
        if (isAlive && !isOther) {
            session.close(ErrorCode.DUPLICATE_BROKER_ID);
        } else {
            submitRegistration(session, true);
        }
    }

    private void submitRegistration(SimConnection session, boolean replaceLive) {
        SimProcess process = session.process();
        MetadataCommand command = new MetadataCommand.RegisterBroker(
                process.brokerId(),
                process.incarnation(),
                quorum.clusterId(),
                new BrokerAddress("sim", 7400 + process.id(), ""),
                List.of(DirectoryId.parse(process.host().directoryId())),
                replaceLive);
        submit(command, reply -> {
            if (reply.result() instanceof CommandReply.Registered registered) {
                open(session, new BrokerRef(process.brokerId(), registered.brokerEpoch()), false);
            } else {
                session.close(reply.error());
            }
        });
    }

    private void open(SimConnection session, BrokerRef ref, boolean isResumed) {
        refs.put(session, ref);
        SimConnection old = sessions.put(ref.id(), session);
        if (old != null && old != session) {
            old.close(refs.get(old).equals(ref) ? ErrorCode.UNAVAILABLE : ErrorCode.STALE_BROKER_EPOCH);
        }
        liveness.opened(ref, world.nowMs());
        session.down(() -> session.process().session().registered(session, ref.epoch(), isResumed));
        push(session);
    }

    // ---- sessions

    private BrokerRef heard(SimConnection session) {
        BrokerRef ref = refs.get(session);
        if (ref == null || sessions.get(ref.id()) != session) {
            return null;
        }
        liveness.heard(ref, world.nowMs());
        return ref;
    }

    void heartbeat(SimConnection session) {
        if (heard(session) != null) {
            session.down(() -> session.process().session().beatReceived(session));
        }
    }

    /** Proposals that come while a command is under way go into the next one. */
    void propose(SimConnection session, IsrProposal proposal) {
        if (heard(session) != null) {
            proposeLate(proposal);
        }
    }

    void proposeLate(IsrProposal proposal) {
        proposals.add(proposal);
        submitProposals();
    }

    void handOver(SimConnection session, HandOverRequest request) {
        if (heard(session) != null) {
            submit(new MetadataCommand.HandOverLeadership(List.of(request)), reply -> {});
        }
    }

    private void submitProposals() {
        if (isProposalUnderWay || proposals.isEmpty()) {
            return;
        }
        isProposalUnderWay = true;
        List<IsrProposal> sent = proposals;
        proposals = new ArrayList<>();
        submit(new MetadataCommand.AlterIsr(sent), reply -> {
            isProposalUnderWay = false;
            submitProposals();
        });
    }

    void unfence(SimConnection session, MetadataCommand.UnfenceBroker command) {
        BrokerRef ref = heard(session);
        if (ref == null) {
            return;
        }
        long delayMs = liveness.unfenceDelayMs(ref.id(), world.nowMs());
        if (delayMs > 0) {
            session.down(() -> session.process().session().unfenceRefused(session, delayMs));
            return;
        }
        submit(command, reply -> {
            if (!reply.isOk()) {
                session.down(() -> session.process().session().unfenceRefused(session, UNFENCE_RETRY_MS));
            }
        });
    }

    void drain(SimConnection session) {
        BrokerRef ref = heard(session);
        if (ref != null) {
            submit(new MetadataCommand.DrainBroker(ref), reply -> {});
        }
    }

    /** A session's stream is gone. */
    void broke(SimConnection session) {
        BrokerRef ref = refs.remove(session);
        if (ref == null || !isServing() || !sessions.remove(ref.id(), session)) {
            return;
        }
        if (host.isPaused()) {
            world.after(host.resumeAtMs() - world.nowMs(), () -> stillBroken(ref));
        } else {
            stillBroken(ref);
        }
    }

    private void stillBroken(BrokerRef ref) {
        if (isServing() && !sessions.containsKey(ref.id())) {
            List<LivenessEffect> effects = new ArrayList<>();
            liveness.broke(ref, world.nowMs(), effects);
            execute(effects);
        }
    }

    @Override
    public String toString() {
        return "controller " + host.id() + " of term " + term;
    }
}
