package io.lograft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void wrongUsageIsExitStatus2WithOneErrorLine() {
        assertThat(run("topik", "list")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("error: USAGE: ");
    }

    @Test
    void helpNamesTheNouns() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("broker");
    }

    @Test
    void versionIsPrinted() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("lograft ");
    }

    @Test
    void jsonHasFieldsInOrderAndEscapes() {
        assertThat(Json.write(Json.object("b", 1, "a", List.of("x\"y", true), "n", null)))
                .isEqualTo("{\"b\":1,\"a\":[\"x\\\"y\",true],\"n\":null}");
    }

    @Test
    void tableAlignsNumbersToTheRight() {
        String text = new Table("NAME", "COUNT").row("a", 1).row("longer", 100).render();

        assertThat(text.lines()).containsExactly("NAME    COUNT", "a           1", "longer    100");
    }

    private int run(String... args) {
        return Main.run(
                args,
                Map.of(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }
}
