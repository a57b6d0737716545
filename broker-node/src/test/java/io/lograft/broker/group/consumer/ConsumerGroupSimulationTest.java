package io.lograft.broker.group.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Random runs with fixed seeds; {@code -Dgroup.seed=N} replays one, {@code -Dgroup.seeds=N} runs the first N. Every seed
 * gives the same run each time.
 */
class ConsumerGroupSimulationTest {
    private static final long SEEDS = Long.getLong("group.seeds", 100);

    @Test
    void nothingIsReadTwiceNothingGoesBackAndNobodyHangs() {
        Long only = Long.getLong("group.seed");
        int faults = 0;
        for (long seed = only == null ? 0 : only; seed < (only == null ? SEEDS : only + 1); seed++) {
            try {
                faults += new SimGroup(seed, UnaryOperator.identity()).run();
            } catch (AssertionError failure) {
                throw new AssertionError(
                        "replay with -Dtest=ConsumerGroupSimulationTest -Dgroup.seed=" + seed + ": "
                                + failure.getMessage(),
                        failure);
            }
        }
        assertThat(faults).isPositive();
    }
}
