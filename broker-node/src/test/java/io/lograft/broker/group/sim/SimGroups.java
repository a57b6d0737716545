package io.lograft.broker.group.sim;

import io.lograft.broker.sim.world.SimWorld;
import io.lograft.broker.sim.world.SimulationFailure;
import java.util.List;

/**
 * One run of groups with a coordinator of their own: faults for a while, then rest, in which every group has to find to
 * its assignment.
 */
final class SimGroups {
    /** Within this, groups find to rest: a few sessions, and rebalances that wait for members that are not there. */
    private static final long REST_WITHIN_MS = 120_000;

    private final SimWorld world;
    private final SimGroupClients clients;

    /** {@code traced} runs can tell what happened. */
    SimGroups(long seed, List<SimKind> candidates, GroupMutation mutation, boolean traced) {
        this.world = new SimWorld(seed, traced);
        this.clients = new SimGroupClients(world, candidates, world.between(20_000, 120_000));
        clients.begin(new SimCoordinator(clients, mutation));
    }

    /** Fails with a {@link SimulationFailure}; returns what tells equal runs from others. */
    String run() {
        world.runUntil(clients.faultsUntilMs());
        clients.heal();
        world.trace(() -> "no faults any more");
        world.runUntil(clients.faultsUntilMs() + REST_WITHIN_MS);
        requireRest();
        List<Long> before = clients.committed();
        world.runUntil(clients.faultsUntilMs() + REST_WITHIN_MS + 15_000);
        requireRest();
        List<Long> after = clients.committed();
        for (int i = 0; i < before.size(); i++) {
            GroupChecker.that(after.get(i) > before.get(i), "nobody goes on with a partition: " + before + " " + after);
        }
        return world.steps() + " steps, " + clients.acknowledgedCommits() + " offsets committed, digest "
                + Long.toHexString(world.digest());
    }

    private void requireRest() {
        clients.unrest().ifPresent(unrest -> GroupChecker.that(false, "no rest: " + unrest));
    }

    String lastEvents() {
        return world.lastEvents();
    }
}
