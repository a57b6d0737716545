package io.lograft.broker.sim;

import io.lograft.broker.sim.world.SimWorld;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which node reaches which, and how long a message takes. Nodes are numbers: brokers, with the controllers that they
 * are, have their ids; clients are above {@link #FIRST_CLIENT} and always reach everybody.
 */
final class SimNetwork {
    static final int FIRST_CLIENT = 100;
    private static final long STALL_CHECK_MS = 40;

    private final SimWorld world;
    /** Directed links that are cut, as from * 1000 + to. */
    private final Set<Integer> cut = new TreeSet<>();

    private int sessionDelayMs;

    SimNetwork(SimWorld world) {
        this.world = world;
    }

    boolean isUp(int from, int to) {
        return from == to || !cut.contains(from * 1000 + to);
    }

    /** True where each reaches the other. */
    boolean isUpBothWays(int one, int other) {
        return isUp(one, other) && isUp(other, one);
    }

    void cut(int from, int to) {
        cut.add(from * 1000 + to);
    }

    void healAll() {
        cut.clear();
        sessionDelayMs = 0;
    }

    /** Whatever brokers and controllers tell each other takes up to so much longer. */
    void delaySessions(int delayMs) {
        sessionDelayMs = delayMs;
    }

    int sessionDelayMs() {
        return world.between(0, sessionDelayMs);
    }

    int delayMs() {
        return world.chance(0.05) ? world.between(0, 60) : world.between(0, 3);
    }

    /** One direction of a stream: keeps order; while the link is cut, or its receiver stopped, messages wait. */
    final class Line {
        private final int from;
        private final SimProcess to;
        private final int toId;
        private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
        private boolean isPumping;
        private boolean isClosed;

        Line(int from, SimProcess to) {
            this.from = from;
            this.to = to;
            this.toId = to.id();
        }

        void send(Runnable delivery) {
            if (isClosed) {
                return;
            }
            waiting.add(delivery);
            if (!isPumping) {
                isPumping = true;
                world.after(sessionDelayMs() + delayMs(), this::pump);
            }
        }

        private void pump() {
            if (isClosed) {
                return;
            }
            if (to.isPaused()) {
                world.after(to.resumeAtMs() - world.nowMs(), this::pump);
            } else if (!isUp(from, toId)) {
                world.after(STALL_CHECK_MS, this::pump);
            } else {
                waiting.poll().run();
                isPumping = !waiting.isEmpty();
                if (isPumping) {
                    world.after(world.between(0, 1), this::pump);
                }
            }
        }

        void close() {
            isClosed = true;
            waiting.clear();
        }
    }

    /** One direction of a connection: keeps order, and loses what arrives while the link is cut. */
    final class Pipe {
        private final int from;
        private final int to;
        private long lastArrivalMs;

        Pipe(int from, int to) {
            this.from = from;
            this.to = to;
        }

        void send(Runnable delivery) {
            lastArrivalMs = Math.max(lastArrivalMs, world.nowMs() + delayMs());
            world.after(lastArrivalMs - world.nowMs(), () -> {
                if (isUp(from, to)) {
                    delivery.run();
                }
            });
        }
    }

    Pipe pipe(int from, int to) {
        return new Pipe(from, to);
    }
}
