package io.lograft.broker.sim.world;

/** An invariant did not hold, or the cluster did not come to rest. */
public final class SimulationFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    public SimulationFailure(String message) {
        super(message);
    }
}
