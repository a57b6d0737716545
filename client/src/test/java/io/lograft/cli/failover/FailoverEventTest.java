package io.lograft.cli.failover;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailoverEventTest {

    @ParameterizedTest
    @EnumSource
    void anEventIsReadAsItIsWritten(FailoverEvent event) {
        assertThat(FailoverEvent.parse(event.toString())).isEqualTo(event);
    }

    @Test
    void whatIsNoEventIsWrongUsage() {
        assertThat(run("perf", "failover", "--event", "kill-everybody"))
                .startsWith("2 error: USAGE: --event is one of");
    }

    @Test
    void aCommandEventNeedsItsCommand() {
        assertThat(run("perf", "failover", "--event", "command"))
                .startsWith("2 error: USAGE: --event command needs --run");
        assertThat(run("perf", "failover", "--event", "kill-leader", "--run", "true"))
                .startsWith("2 error: USAGE: --event command needs --run");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "3601", "NaN", "long"})
    void theCalmBeforeAnEventIsBounded(String seconds) {
        assertThat(run("perf", "failover", "--calm", seconds)).startsWith("2 error: USAGE: ");
    }

    private static String run(String... args) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        int status = Main.run(args, Map.of(), out, new PrintStream(err, true, StandardCharsets.UTF_8));
        return status + " " + err.toString(StandardCharsets.UTF_8);
    }
}
