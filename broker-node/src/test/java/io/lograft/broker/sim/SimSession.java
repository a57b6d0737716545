package io.lograft.broker.sim;

import io.lograft.broker.sim.world.SimWorld;
import io.lograft.broker.sim.world.SimulationFailure;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.HandOverRequest;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.ErrorCode;
import java.util.List;
import java.util.Optional;

/**
 * A broker's end of its session, as {@code BrokerSession} and {@code BrokerStartup} do it: looks for the controller,
 * registers or resumes by its broker epoch, and pursues its wishes by what it sees in the image.
 */
final class SimSession {
    private static final long SESSION_TIMEOUT_MS = 3_000;
    private static final long HEARTBEAT_MS = 500;
    private static final long PAUSE_MIN_MS = 20;
    private static final long PAUSE_MAX_MS = 400;
    private static final int LATE_MS_MAX = 4_000;

    private enum State {
        SEEKING,
        OPENING,
        ACTIVE
    }

    private final SimCluster cluster;
    private final SimWorld world;
    private final SimProcess process;
    private State state = State.SEEKING;
    private SimConnection connection;
    private ClusterImage image = ClusterImage.empty();
    private long brokerEpoch;
    private long heardMs;
    private long pauseMs = PAUSE_MIN_MS;
    /** The replicas that the broker cannot vouch for, once it wants to be let in; null before. */
    private List<LostReplica> wish;

    private boolean isWishSent;
    private boolean isDraining;
    private boolean isRecorded;
    private boolean isAnew = true;

    SimSession(SimCluster cluster, SimProcess process) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.process = process;
    }

    long brokerEpoch() {
        return brokerEpoch;
    }

    ClusterImage image() {
        return image;
    }

    void start() {
        beat();
        seek();
    }

    /** As {@code BrokerSession} does it. */
    void registerAnew() {
        if (!process.isAlive() || isDraining) {
            return;
        }
        process.beginAnew();
        isAnew = true;
        isRecorded = false;
        wish = null;
        if (connection != null) {
            drop();
        }
    }

    // ---- finding the controller

    private boolean isPostponed(Runnable again) {
        if (process.isAlive() && process.isPaused()) {
            world.after(process.resumeAtMs() - world.nowMs(), again);
        }
        return !process.isAlive() || process.isPaused();
    }

    private void seek() {
        if (isPostponed(this::seek) || state != State.SEEKING) {
            return;
        }
        Optional<SimController> found = cluster.quorum().reachableController(process);
        if (found.isPresent()) {
            open(found.get());
        } else {
            seekLater();
        }
    }

    private void seekLater() {
        world.after(pauseMs, this::seek);
        pauseMs = Math.min(PAUSE_MAX_MS, pauseMs + pauseMs / 2);
    }

    private void open(SimController controller) {
        state = State.OPENING;
        heardMs = world.nowMs();
        SimConnection opened = new SimConnection(cluster, process, controller);
        connection = opened;
        long epoch = isAnew ? 0 : brokerEpoch;
        opened.up(() -> controller.register(opened, epoch));
    }

    // ---- what the controller says

    private void heard() {
        heardMs = world.nowMs();
    }

    void beatReceived(SimConnection from) {
        if (from == connection) {
            heard();
        }
    }

    void registered(SimConnection from, long epoch, boolean isResumed) {
        if (from != connection) {
            return;
        }
        heard();
        state = State.ACTIVE;
        pauseMs = PAUSE_MIN_MS;
        isWishSent = false;
        boolean hasNewLife = brokerEpoch != 0 && isAnew;
        brokerEpoch = epoch;
        isAnew = false;
        if (hasNewLife) {
            process.links().introduceAnew();
        }
        world.trace(() ->
                "broker " + process.id() + " is registered under epoch " + epoch + (isResumed ? ", resumed" : ""));
        if (isDraining) {
            sendDrain();
        }
        lookAtImage();
    }

    void learn(SimConnection from, ClusterImage newer) {
        if (from != connection) {
            return;
        }
        heard();
        if (newer.index() < image.index()) {
            // A controller that trails.
            drop();
            return;
        }
        image = newer;
        lookAtImage();
    }

    private void lookAtImage() {
        if (brokerEpoch == 0 || image.index() < brokerEpoch) {
            return;
        }
        if (!isRecorded) {
            isRecorded = process.host().recordRegistration(image, brokerEpoch);
            if (!isRecorded) {
                return;
            }
        }
        if (wish == null && !isDraining) {
            wish = process.host().losses(image);
            requireTold();
        }
        process.host().feed(image, brokerEpoch);
        if (process.isAlive()) {
            pursueWish();
        }
    }

    /** Whatever its disk has lost of the sets, a broker has to find out by itself. */
    private void requireTold() {
        if (cluster.mutation() == Mutation.LOST_REPLICAS_NOT_TOLD) {
            // What follows from that has to be found.
            return;
        }
        process.machine()
                .storage()
                .lost()
                .forEach(partition -> image.partition(partition)
                        .filter(known -> known.isr().contains(process.brokerId())
                                || known.eligible().contains(process.brokerId()))
                        .filter(known ->
                                wish.stream().noneMatch(lost -> lost.partition().equals(partition)))
                        .ifPresent(untold -> {
                            throw new SimulationFailure(
                                    "P3 broken: broker " + process.id() + " vouches for its replica of "
                                            + cluster.nameOf(partition) + ", which its disk has lost");
                        }));
    }

    private void pursueWish() {
        Optional<BrokerImage> self = image.broker(process.brokerId()).filter(own -> own.epoch() == brokerEpoch);
        if (wish == null || state != State.ACTIVE || self.isEmpty()) {
            return;
        }
        if (self.get().isLive()) {
            wish = List.of();
            isWishSent = false;
        } else if (!isWishSent) {
            isWishSent = true;
            SimConnection on = connection;
            MetadataCommand.UnfenceBroker command =
                    new MetadataCommand.UnfenceBroker(new BrokerRef(process.brokerId(), brokerEpoch), wish);
            on.up(() -> on.controller().unfence(on, command));
        }
    }

    void unfenceRefused(SimConnection from, long retryAfterMs) {
        if (from != connection) {
            return;
        }
        heard();
        world.after(Math.max(PAUSE_MIN_MS, retryAfterMs), () -> {
            if (process.isAlive() && wish != null) {
                isWishSent = false;
                pursueWish();
            }
        });
    }

    // ---- what the broker says

    private void beat() {
        if (isPostponed(this::beat)) {
            return;
        }
        if (state != State.SEEKING && world.nowMs() - heardMs > SESSION_TIMEOUT_MS) {
            drop();
        } else if (state == State.ACTIVE) {
            SimConnection on = connection;
            on.up(() -> on.controller().heartbeat(on));
        }
        world.after(HEARTBEAT_MS, this::beat);
    }

    /** Sends a proposal, where there is a controller; now and then it arrives late, for the second time or the first. */
    void propose(IsrProposal proposal) {
        if (state != State.ACTIVE) {
            return;
        }
        SimConnection on = connection;
        boolean isLate = world.chance(0.15);
        if (!isLate || world.chance(0.5)) {
            on.up(() -> on.controller().propose(on, proposal));
        }
        if (isLate) {
            world.after(world.between(1, LATE_MS_MAX), () -> cluster.quorum().lateProposal(proposal));
        }
    }

    /** One that gets lost is made again by its replica. */
    void requestHandOver(HandOverRequest request) {
        if (state == State.ACTIVE) {
            SimConnection on = connection;
            on.up(() -> on.controller().handOver(on, request));
        }
    }

    void drain() {
        isDraining = true;
        wish = null;
        sendDrain();
    }

    private void sendDrain() {
        if (state == State.ACTIVE) {
            SimConnection on = connection;
            on.up(() -> on.controller().drain(on));
        }
    }

    // ---- ends

    private void drop() {
        connection.breakFromBroker();
        lost();
    }

    /** The controller ended the stream, or its process did. */
    void ended(SimConnection which, ErrorCode reason) {
        if (!process.isAlive() || which != connection) {
            return;
        }
        if (process.isPaused()) {
            world.after(process.resumeAtMs() - world.nowMs(), () -> ended(which, reason));
            return;
        }
        world.trace(() -> "broker " + process.id() + " loses its session: " + reason);
        switch (reason) {
            case DUPLICATE_BROKER_ID, CLUSTER_ID_MISMATCH, STALE_BROKER_EPOCH -> {
                // As the broker does it: it must not go on beside the process that took its place.
                SimMachine machine = process.machine();
                machine.crash();
                cluster.restartLater(machine);
            }
            default -> lost();
        }
    }

    private void lost() {
        connection = null;
        state = State.SEEKING;
        seekLater();
    }

    void breakSession() {
        if (connection != null) {
            connection.breakNow(ErrorCode.UNAVAILABLE);
        }
    }

    void processDied(int silentMs) {
        if (connection != null) {
            connection.processDied(silentMs);
        }
    }
}
