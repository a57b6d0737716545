package io.lograft.broker.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Clusters under faults, by seed. {@code -Dsim.seed=N} runs that seed alone, {@code -Dsim.seeds=N} that many fresh ones,
 * {@code -Dsim.seconds=N} fresh ones for so long; {@code -Dsim.mutation=NAME} makes a mistake on purpose, and
 * {@code -Dsim.trace=N} sets how many events are printed with a failure.
 */
class SimulationTest {
    private static final int FIXED_SEEDS = 100;

    @Test
    void fixedSeeds() {
        Long only = Long.getLong("sim.seed");
        if (only != null) {
            System.out.println("simulation: seed " + only + ": " + SimRunner.runOne(only));
        } else if (Long.getLong("sim.seeds") == null) {
            SimRunner.run(1, seed -> seed <= FIXED_SEEDS);
        }
    }

    @Test
    void freshSeeds() {
        assumeThatAllIsToRun();
        long first = Long.getLong("sim.first", System.currentTimeMillis() * 1_000);
        Long count = Long.getLong("sim.seeds");
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.getLong("sim.seconds", 15));
        SimRunner.run(first, seed -> count == null ? System.nanoTime() < endNanos : seed < first + count);
    }

    @Test
    void aSeedLeadsToTheSameRunEveryTime() {
        assumeThatAllIsToRun();
        for (long seed = 1; seed <= 8; seed++) {
            assertThat(new SimCluster(seed, Mutation.NONE, false).run())
                    .isEqualTo(new SimCluster(seed, Mutation.NONE, true).run());
        }
    }

    private static void assumeThatAllIsToRun() {
        assumeThat(Long.getLong("sim.seed")).as("a single seed was asked for").isNull();
    }
}
