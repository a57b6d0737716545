package io.lograft.broker.sim;

import io.lograft.broker.replica.StreamKind;
import io.lograft.broker.sim.world.SimWorld;
import java.util.ArrayDeque;

/**
 * One replication stream from a follower's to a leader's process. Order is kept in each direction; while a link is cut
 * messages wait, and after a while both sides give the stream up; what is under way when it breaks is lost.
 */
final class SimStream {
    private static final long KEEPALIVE_MS = 1_500;
    private static final long STALL_CHECK_MS = 40;
    private static final int FULL_AT = 6;
    private static final int LATE_MS_MAX = 300;

    private final class Direction {
        final SimProcess from;
        final SimProcess to;
        final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
        boolean pumping;
        long stalledSinceMs = Long.MAX_VALUE;

        Direction(SimProcess from, SimProcess to) {
            this.from = from;
            this.to = to;
        }

        void send(Runnable delivery) {
            waiting.add(delivery);
            if (!pumping) {
                pumping = true;
                world.after(network.delayMs(), this::pump);
            }
        }

        void pump() {
            if (!open) {
                return;
            }
            if (!to.isAlive()) {
                // A machine without power answers nothing; its peer learns that from silence.
                stall();
                return;
            }
            if (to.isPaused()) {
                world.after(to.resumeAtMs() - world.nowMs(), this::pump);
                return;
            }
            if (!network.isUp(from.id(), to.id())) {
                stall();
                return;
            }
            stalledSinceMs = Long.MAX_VALUE;
            // What arrives together is handed over together.
            for (int count = world.between(1, 4); count > 0 && !waiting.isEmpty(); count--) {
                waiting.poll().run();
            }
            if (this == toFollower && full && waiting.size() <= FULL_AT / 2) {
                full = false;
                leader.links().followerStreamReady(SimStream.this);
            }
            pumping = !waiting.isEmpty();
            if (pumping) {
                world.after(network.delayMs(), this::pump);
            }
        }

        /** What was under way when the stream broke may be handed over later, after a new stream was opened. */
        void deliverLate() {
            long delayMs = 0;
            while (!waiting.isEmpty()) {
                delayMs += world.between(0, LATE_MS_MAX / 4);
                world.after(delayMs, waiting.poll());
            }
        }

        private void stall() {
            stalledSinceMs = Math.min(stalledSinceMs, world.nowMs());
            if (world.nowMs() - stalledSinceMs >= KEEPALIVE_MS) {
                breakNow();
            } else {
                world.after(STALL_CHECK_MS, this::pump);
            }
        }
    }

    private final SimWorld world;
    private final SimNetwork network;
    private final long id;
    private final StreamKind kind;
    private final SimProcess follower;
    private final long followerBrokerEpoch;
    private final SimProcess leader;
    private final Direction toLeader;
    private final Direction toFollower;
    private boolean open = true;
    private boolean full;

    SimStream(SimCluster cluster, long id, StreamKind kind, SimProcess follower, SimProcess leader) {
        this.world = cluster.world();
        this.network = cluster.network();
        this.id = id;
        this.kind = kind;
        this.follower = follower;
        this.followerBrokerEpoch = follower.brokerEpoch();
        this.leader = leader;
        this.toLeader = new Direction(follower, leader);
        this.toFollower = new Direction(leader, follower);
    }

    long id() {
        return id;
    }

    StreamKind kind() {
        return kind;
    }

    SimProcess follower() {
        return follower;
    }

    /** The registration under which the follower introduced itself. */
    long followerBrokerEpoch() {
        return followerBrokerEpoch;
    }

    SimProcess leader() {
        return leader;
    }

    boolean isOpen() {
        return open;
    }

    void toLeader(Runnable delivery) {
        toLeader.send(delivery);
    }

    void toFollower(Runnable delivery) {
        toFollower.send(delivery);
        full = full || toFollower.waiting.size() >= FULL_AT;
    }

    /** False while it takes no records. */
    boolean isWritable() {
        return !full;
    }

    /** Both sides notice, each in its own time. */
    void breakNow() {
        if (!open) {
            return;
        }
        open = false;
        world.trace(() -> "stream " + this + " breaks");
        if (world.chance(0.3)) {
            toLeader.deliverLate();
            toFollower.deliverLate();
        }
        world.after(world.between(0, 20), () -> follower.links().leaderStreamClosed(this));
        world.after(world.between(0, 20), () -> leader.links().followerStreamClosed(this));
    }

    @Override
    public String toString() {
        return id + " " + kind + " " + follower.id() + "->" + leader.id();
    }
}
