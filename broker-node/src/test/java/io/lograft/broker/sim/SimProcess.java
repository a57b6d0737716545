package io.lograft.broker.sim;

import io.lograft.broker.replica.ReplicaEffect;
import io.lograft.broker.replica.transport.JoiningThrottle;
import io.lograft.broker.sim.world.SimWorld;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.HandOverRequest;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** One life of a broker: its logs and replicas, its session with the controller, its streams to others. */
final class SimProcess {
    private static final int CHECKPOINT_MS_MAX = 5_000;
    private static final long TICK_MS = 1_000;

    private final SimWorld world;
    private final SimMachine machine;
    private UUID incarnation;
    private final SimHost host;
    private final SimLinks links;
    private final SimSession session;
    private final JoiningThrottle throttle = new JoiningThrottle();
    private final List<Runnable> atDeath = new ArrayList<>();
    private boolean isAlive = true;
    private long resumeAtMs;

    SimProcess(SimCluster cluster, SimMachine machine) {
        this.world = cluster.world();
        this.machine = machine;
        this.incarnation = new UUID(world.nextLong(), machine.id());
        this.links = new SimLinks(cluster, this);
        this.host = new SimHost(cluster, this);
        this.session = new SimSession(cluster, this);
    }

    /** Recovers the logs, then looks for the controller. */
    void begin() {
        try {
            host.recover();
        } catch (IOException failed) {
            machine.failed(this, failed);
            return;
        }
        world.after(world.between(0, 200), session::start);
        world.after(world.between(100, CHECKPOINT_MS_MAX), this::checkpoint);
        world.after(TICK_MS, this::tick);
    }

    private void checkpoint() {
        if (isAlive) {
            host.checkpoint();
            world.after(world.between(100, CHECKPOINT_MS_MAX), this::checkpoint);
        }
    }

    private void tick() {
        if (isAlive) {
            if (!isPaused()) {
                host.tick();
            }
            world.after(TICK_MS, this::tick);
        }
    }

    int id() {
        return machine.id();
    }

    BrokerId brokerId() {
        return new BrokerId(machine.id());
    }

    UUID incarnation() {
        return incarnation;
    }

    /** Goes on as another process would. */
    void beginAnew() {
        incarnation = new UUID(world.nextLong(), machine.id());
    }

    SimMachine machine() {
        return machine;
    }

    SimHost host() {
        return host;
    }

    SimLinks links() {
        return links;
    }

    /** Limits what all replicas here send to those that reassignments add. */
    JoiningThrottle throttle() {
        return throttle;
    }

    SimSession session() {
        return session;
    }

    /** Of the last registration, 0 before the first. */
    long brokerEpoch() {
        return session.brokerEpoch();
    }

    boolean isAlive() {
        return isAlive;
    }

    long nowMs() {
        return world.nowMs();
    }

    boolean isPaused() {
        return resumeAtMs > world.nowMs();
    }

    long resumeAtMs() {
        return resumeAtMs;
    }

    void pauseUntil(long timeMs) {
        resumeAtMs = timeMs;
    }

    /** Null where the process has no such replica (yet). */
    SimReplica replica(PartitionId partition) {
        return host.replica(partition);
    }

    Collection<SimReplica> replicas() {
        return host.replicas();
    }

    void propose(PartitionId partition, ReplicaEffect.ProposeIsr proposal) {
        List<BrokerRef> members = new ArrayList<>();
        for (ReplicaEffect.IsrMember member : proposal.members()) {
            members.add(new BrokerRef(member.id(), member.brokerEpoch()));
        }
        session.propose(new IsrProposal(
                partition,
                new BrokerRef(brokerId(), brokerEpoch()),
                proposal.leaderEpoch(),
                proposal.partitionEpoch(),
                members));
    }

    void requestHandOver(PartitionId partition, ReplicaEffect.RequestHandOver request) {
        session.requestHandOver(
                new HandOverRequest(partition, new BrokerRef(brokerId(), brokerEpoch()), request.leaderEpoch()));
    }

    // ---- the end

    /** Runs with the process's death. */
    void atDeath(Runnable task) {
        atDeath.add(task);
    }

    /** Ends at once. Peers and the controller notice at once, or after so long a silence at most. */
    void kill(int silentMs) {
        isAlive = false;
        session.processDied(silentMs);
        links.breakAll(silentMs);
        atDeath.forEach(Runnable::run);
    }

    /** The orderly stop: the logs are flushed and closed, and the directory is marked. */
    void stopCleanly() {
        world.trace(() -> "broker " + id() + " stops");
        try {
            host.closeCleanly();
        } catch (IOException failed) {
            machine.failed(this, failed);
            return;
        }
        machine.stopped();
    }

    void markDiskFailed() {
        host.markFailed();
    }
}
