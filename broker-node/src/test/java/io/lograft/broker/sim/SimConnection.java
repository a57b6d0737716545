package io.lograft.broker.sim;

import io.lograft.broker.sim.world.SimWorld;
import io.lograft.model.ErrorCode;

/** One session stream between a broker's process and a controller. */
final class SimConnection {
    private final SimWorld world;
    private final SimNetwork network;
    private final SimProcess process;
    private final SimController controller;
    private final SimNetwork.Line up;
    private final SimNetwork.Line down;
    private boolean isOpen = true;

    SimConnection(SimCluster cluster, SimProcess process, SimController controller) {
        this.world = cluster.world();
        this.network = cluster.network();
        this.process = process;
        this.controller = controller;
        this.up = network.new Line(process.id(), controller.host());
        this.down = network.new Line(controller.host().id(), process);
        controller.host().atDeath(this::hostDied);
    }

    SimProcess process() {
        return process;
    }

    SimController controller() {
        return controller;
    }

    /** To the controller. */
    void up(Runnable delivery) {
        up.send(() -> {
            if (isOpen && controller.isServing()) {
                delivery.run();
            } else if (controller.host().isAlive()) {
                close(ErrorCode.NOT_CONTROLLER);
            }
        });
    }

    /** To the broker. */
    void down(Runnable delivery) {
        down.send(() -> {
            if (isOpen && process.isAlive()) {
                delivery.run();
            }
        });
    }

    private boolean close() {
        boolean wasOpen = isOpen;
        isOpen = false;
        up.close();
        down.close();
        return wasOpen;
    }

    /** The controller ends the stream; the broker hears it, unless the link is cut. */
    void close(ErrorCode reason) {
        if (close()) {
            tellBroker(reason);
        }
    }

    /** The stream breaks in between; both sides notice. */
    void breakNow(ErrorCode reason) {
        if (close()) {
            tellBroker(reason);
            tellController(0);
        }
    }

    /** The broker gives the stream up. */
    void breakFromBroker() {
        if (close()) {
            tellController(0);
        }
    }

    void processDied(int silentMs) {
        if (close()) {
            tellController(silentMs);
        }
    }

    private void hostDied() {
        if (close()) {
            tellBroker(ErrorCode.UNAVAILABLE);
        }
    }

    private void tellBroker(ErrorCode reason) {
        world.after(world.between(0, 20), () -> {
            if (network.isUp(controller.host().id(), process.id())) {
                process.session().ended(this, reason);
            }
        });
    }

    private void tellController(int silentMs) {
        world.after(world.between(0, 20 + silentMs), () -> {
            if (network.isUp(process.id(), controller.host().id())) {
                controller.broke(this);
            }
        });
    }
}
