package io.lograft.broker.group.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulation finds mistakes that were made on purpose, within as many seeds as it runs. */
class MistakeCheckTest {
    private static final long SEEDS = 300;

    @ParameterizedTest
    @EnumSource(Mistake.class)
    void isFound(Mistake mistake) {
        for (long seed = 0; seed < SEEDS; seed++) {
            Optional<String> found = run(seed, mistake);
            if (found.isPresent()) {
                System.out.println("simulation of groups: " + mistake + ": seed " + seed + ", " + found.get());
                return;
            }
        }
        assertThat(mistake).as("not found with %s seeds", SEEDS).isNull();
    }

    private static Optional<String> run(long seed, Mistake mistake) {
        try {
            new SimGroup(seed, mistake::around).run();
            return Optional.empty();
        } catch (AssertionError failure) {
            return Optional.of(failure.getMessage());
        }
    }
}
