package io.lograft.broker.sim;

import java.util.Set;
import java.util.TreeSet;

/**
 * Which node reaches which, and how long a message takes. Nodes are numbers: the controller is 0, brokers have their
 * ids, clients are above {@link #FIRST_CLIENT} and always reach everybody.
 */
final class SimNetwork {
    static final int CONTROLLER = 0;
    static final int FIRST_CLIENT = 100;

    private final SimWorld world;
    /** Directed links that are cut, as from * 1000 + to. */
    private final Set<Integer> cut = new TreeSet<>();

    private int controllerDelayMs;

    SimNetwork(SimWorld world) {
        this.world = world;
    }

    boolean isUp(int from, int to) {
        return !cut.contains(from * 1000 + to);
    }

    void cut(int from, int to) {
        cut.add(from * 1000 + to);
    }

    void healAll() {
        cut.clear();
        controllerDelayMs = 0;
    }

    void delayController(int delayMs) {
        controllerDelayMs = delayMs;
    }

    int delayMs(int from, int to) {
        int extra = from == CONTROLLER || to == CONTROLLER ? world.between(0, controllerDelayMs) : 0;
        return extra + (world.chance(0.05) ? world.between(0, 60) : world.between(0, 3));
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
            lastArrivalMs = Math.max(lastArrivalMs, world.nowMs() + delayMs(from, to));
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
