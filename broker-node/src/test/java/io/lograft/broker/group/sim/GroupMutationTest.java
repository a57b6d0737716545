package io.lograft.broker.group.sim;

import static org.assertj.core.api.Assertions.fail;

import io.lograft.broker.sim.world.SimulationFailure;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whether the simulation would find a mistake: each {@link GroupMutation} has to be found within its number of seeds. */
class GroupMutationTest {

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aDeliberateMistakeIsFound(GroupMutation mutation) {
        for (long seed = 1; seed <= mutation.seedsMax(); seed++) {
            String failure = failureOf(seed, mutation);
            if (failure.startsWith("broken")) {
                System.out.printf(Locale.ROOT, "mistake %s: found with seed %d: %s%n", mutation, seed, failure);
                return;
            }
        }
        fail(mutation + " was not found with seeds up to " + mutation.seedsMax());
    }

    private static String failureOf(long seed, GroupMutation mutation) {
        try {
            new SimGroups(seed, List.of(SimClassicKind.INSTANCE), mutation, false).run();
            return "";
        } catch (SimulationFailure failure) {
            return String.valueOf(failure.getMessage());
        }
    }
}
