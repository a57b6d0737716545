package io.lograft.broker.group.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;

/**
 * Groups under faults, by seed. {@code -Dsim.seed=N} runs that seed alone, {@code -Dsim.seeds=N} that many fresh ones,
 * {@code -Dsim.trace=N} sets how many events are printed with a failure.
 */
class GroupSimulationTest {
    private static final int FIXED_SEEDS = 150;
    private static final List<SimKind> KINDS = SimGroupClients.ALL_KINDS;

    @Test
    void fixedSeeds() {
        Long only = Long.getLong("sim.seed");
        if (only != null) {
            System.out.println("groups: seed " + only + ": " + run(only));
        } else if (Long.getLong("sim.seeds") == null) {
            runAll(1, seed -> seed <= FIXED_SEEDS);
        }
    }

    @Test
    void freshSeeds() {
        assumeThatAllIsToRun();
        long first = Long.getLong("sim.first", System.currentTimeMillis() * 1_000);
        Long count = Long.getLong("sim.seeds");
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.getLong("sim.seconds", 5));
        runAll(first, seed -> count == null ? System.nanoTime() < endNanos : seed < first + count);
    }

    @Test
    void aSeedLeadsToTheSameRunEveryTime() {
        assumeThatAllIsToRun();
        for (long seed = 1; seed <= 4; seed++) {
            assertThat(new SimGroups(seed, KINDS, GroupMutation.NONE, false).run())
                    .isEqualTo(new SimGroups(seed, KINDS, GroupMutation.NONE, true).run());
        }
    }

    private static void assumeThatAllIsToRun() {
        assumeThat(Long.getLong("sim.seed")).as("a single seed was asked for").isNull();
    }

    private static void runAll(long first, LongPredicate isWanted) {
        long seed = first;
        while (isWanted.test(seed)) {
            run(seed);
            seed++;
        }
        System.out.println("groups: " + (seed - first) + " seeds from " + first + " on");
    }

    /** A failure tells how to replay it, and what happened last. */
    private static String run(long seed) {
        try {
            return new SimGroups(seed, KINDS, GroupMutation.NONE, false).run();
        } catch (RuntimeException first) {
            SimGroups again = new SimGroups(seed, KINDS, GroupMutation.NONE, true);
            String second = "nothing: the run is not deterministic";
            try {
                again.run();
            } catch (RuntimeException failure) {
                second = failure.toString();
            }
            return fail(
                    "seed " + seed + ": " + first + "\nreplay with: make sim SEED=" + seed + "\nthe replay ends with "
                            + second + " after\n" + again.lastEvents(),
                    first);
        }
    }
}
