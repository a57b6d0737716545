package io.lograft.broker.sim;

import static org.assertj.core.api.Assertions.fail;

import io.lograft.broker.sim.world.SimulationFailure;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whether the simulation would find a mistake: each {@link Mutation} has to break an invariant or a promise within its
 * number of seeds. A run that only does not come to rest does not count.
 */
class MutationCheckTest {

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aDeliberateMistakeIsFound(Mutation mutation) {
        for (long seed = 1; seed <= mutation.seedsMax(); seed++) {
            String failure = failureOf(seed, mutation);
            if (failure.contains("broken")) {
                System.out.printf(Locale.ROOT, "mutation %s: found with seed %d: %s%n", mutation, seed, failure);
                return;
            }
        }
        fail(mutation + " was not found with seeds up to " + mutation.seedsMax());
    }

    private static String failureOf(long seed, Mutation mutation) {
        try {
            new SimCluster(seed, mutation, false).run();
            return "";
        } catch (SimulationFailure failure) {
            return String.valueOf(failure.getMessage());
        } catch (IllegalArgumentException | IllegalStateException refusal) {
            // The real code noticed it by itself, and would not go on.
            return "broken: " + refusal.getMessage();
        }
    }
}
