package io.lograft.broker.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clusters under faults, by seed. {@code -Dsim.seed=N} runs that seed alone, {@code -Dsim.seeds=N} that many fresh ones,
 * {@code -Dsim.seconds=N} fresh ones for so long; {@code -Dsim.mutation=NAME} makes a mistake on purpose, and
 * {@code -Dsim.trace=N} sets how many events are printed with a failure.
 */
class SimulationTest {
    private static final int FIXED_SEEDS = 60;
    private static final int MUTATION_SEEDS_MAX = 60;

    @Test
    void fixedSeeds() {
        Long only = Long.getLong("sim.seed");
        if (only != null) {
            run(only);
            return;
        }
        for (long seed = 1; seed <= FIXED_SEEDS; seed++) {
            run(seed);
        }
    }

    @Test
    void freshSeeds() {
        assumeThatAllIsToRun();
        long first = System.currentTimeMillis() * 1_000;
        Long count = Long.getLong("sim.seeds");
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.getLong("sim.seconds", 15));
        long seed = first;
        while (count == null ? System.nanoTime() < endNanos : seed < first + count) {
            run(seed++);
        }
    }

    @Test
    void aSeedLeadsToTheSameRunEveryTime() {
        assumeThatAllIsToRun();
        assertThat(new SimCluster(5, Mutation.NONE, false).run())
                .isEqualTo(new SimCluster(5, Mutation.NONE, true).run());
    }

    private static void assumeThatAllIsToRun() {
        assumeThat(Long.getLong("sim.seed")).as("a single seed was asked for").isNull();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void deliberateMistakesAreFound(Mutation mutation) {
        assumeThatAllIsToRun();
        for (long seed = 1; seed <= MUTATION_SEEDS_MAX; seed++) {
            try {
                new SimCluster(seed, mutation, false).run();
            } catch (SimulationFailure found) {
                assertThat(found).hasMessageContaining("broken");
                return;
            }
        }
        fail(mutation + " was not found with seeds up to " + MUTATION_SEEDS_MAX);
    }

    private static void run(long seed) {
        Mutation mutation = Mutation.valueOf(System.getProperty("sim.mutation", "NONE"));
        try {
            new SimCluster(seed, mutation, false).run();
        } catch (RuntimeException first) {
            throw replayed(seed, mutation, first);
        }
    }

    /** The same run again with its last events. */
    private static AssertionError replayed(long seed, Mutation mutation, RuntimeException first) {
        SimCluster again = new SimCluster(seed, mutation, true);
        String second = "nothing: the run is not deterministic";
        try {
            again.run();
        } catch (RuntimeException failure) {
            second = failure.toString();
        }
        return new AssertionError(
                "seed " + seed + ": " + first + "\nreplay with: make sim SEED=" + seed + "\nthe replay ends with "
                        + second + " after\n" + again.world().lastEvents(),
                first);
    }
}
