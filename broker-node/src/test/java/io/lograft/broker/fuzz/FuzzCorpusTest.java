package io.lograft.broker.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs every target over all inputs that were kept for it: seeds, inputs that reached something new, and each that ever
 * failed. {@code -Dlograft.rewrite=true} writes the seeds anew.
 */
final class FuzzCorpusTest {
    private static final Path CORPUS = Path.of("src/test/resources/fuzz");
    private static final Duration INPUT_TIME_MAX = Duration.ofSeconds(20);
    private static final Path TARGETS = Path.of("fuzz/targets");

    /** Class names of the targets, the same that the fuzzer runs. */
    private static List<String> targets() throws IOException {
        return Files.readAllLines(TARGETS).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
    }

    @TestFactory
    Stream<DynamicTest> everyInputIsTakenOrRefused() throws IOException {
        if (Boolean.getBoolean("lograft.rewrite")) {
            FuzzSeeds.write(CORPUS);
        }
        return targets().stream().map(target -> dynamicTest(target, () -> run(target)));
    }

    private static void run(String target) throws Exception {
        Method entry = Class.forName(target).getMethod("fuzzerTestOneInput", byte[].class);
        String name = target.substring(target.lastIndexOf('.') + 1);
        List<Path> inputs;
        try (Stream<Path> files = Files.list(CORPUS.resolve(name))) {
            inputs = files.sorted().toList();
        }
        assertThat(inputs).as("corpus of " + name).isNotEmpty();
        for (Path input : inputs) {
            byte[] bytes = Files.readAllBytes(input);
            Assertions.assertTimeout(INPUT_TIME_MAX, () -> run(entry, bytes), input::toString);
        }
    }

    private static void run(Method entry, byte[] bytes) throws Throwable {
        try {
            entry.invoke(null, (Object) bytes);
        } catch (InvocationTargetException failed) {
            throw failed.getCause();
        }
    }

    @Test
    void aTargetCanFail() {
        Assertions.assertThrows(
                AssertionError.class,
                () -> FuzzChecks.withinMemory(
                        1, 0, () -> assertThat(new byte[200 << 20].length).isPositive()));
        Assertions.assertThrows(AssertionError.class, () -> FuzzChecks.check(false, "what is wrong"));
    }
}
