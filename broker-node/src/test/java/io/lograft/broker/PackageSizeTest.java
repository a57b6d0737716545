package io.lograft.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Flat packages hide structure: none has more than so many files, in any module. */
class PackageSizeTest {
    private static final int CLASSES_MAX = 20;
    private static final List<String> MODULES = List.of("proto", "raft-metadata", "client", "broker-node");

    /** Packages that may have more, with the number that they have. The list and its numbers may only shrink. */
    private static final Map<String, Integer> EXCEPTIONS = Map.of(
            // All that an application may use is in one package, so that it needs one import.
            "io.lograft.client", 37);

    @Test
    void noPackageHasTooManyClasses() throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        for (String module : MODULES) {
            Path sources = Path.of("..", module, "src", "main", "java");
            try (Stream<Path> files = Files.walk(sources)) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .filter(file -> !file.endsWith("package-info.java"))
                        .map(file ->
                                sources.relativize(file.getParent()).toString().replace('/', '.'))
                        .forEach(name -> counts.merge(name, 1, Integer::sum));
            }
        }
        assertThat(counts).as("packages that were found").containsKey("io.lograft.broker.app");
        counts.forEach((name, count) -> assertThat(count)
                .as("classes of " + name)
                .isLessThanOrEqualTo(EXCEPTIONS.getOrDefault(name, CLASSES_MAX)));
        EXCEPTIONS.forEach((name, count) -> assertThat(counts.get(name))
                .as("classes of " + name + ", whose exception may only shrink")
                .isEqualTo(count));
    }
}
