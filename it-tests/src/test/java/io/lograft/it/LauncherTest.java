package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/lograft} as a person starts it. What is built stays as it is here. */
class LauncherTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final String LAUNCHER = Shell.ROOT.resolve("bin/lograft").toString();

    @TempDir
    Path directory;

    private final Shell shell = Shell.inRoot()
            .with("LOGRAFT_BUILD", "never")
            .with("LOGRAFT_AOT", "off")
            .with("LOGRAFT_JAVA_HOME", "");

    @Test
    void runsFromAnyDirectoryAndThroughASymbolicLink() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("lo"), Path.of(LAUNCHER));
        Path second = Files.createSymbolicLink(directory.resolve("second"), Path.of("lo"));
        for (String command : new String[] {LAUNCHER, link.toString(), second.toString()}) {
            Shell.Result result = shell.in(directory).run(TIMEOUT, command, "--version");
            assertThat(result.orFail()).startsWith("lograft ");
            assertThat(result.err()).isEmpty();
        }
    }

    @Test
    void takesTheRightJdkWhateverComesFirst() throws Exception {
        Path wrong = Files.createDirectories(directory.resolve("bin"));
        Path java = Files.writeString(wrong.resolve("java"), "#!/bin/sh\nexit 7\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Shell misled = shell.with("PATH", wrong + ":" + System.getenv("PATH"));
        assertThat(misled.run(TIMEOUT, LAUNCHER, "--version").orFail()).startsWith("lograft ");
    }

    @Test
    void aJdkThatIsNoneIsNamedInOneLine() throws Exception {
        Shell.Result result =
                shell.with("LOGRAFT_JAVA_HOME", directory.toString()).run(TIMEOUT, LAUNCHER, "--version");
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err())
                .isEqualTo("error: INVALID_CONFIG: LOGRAFT_JAVA_HOME=" + directory
                        + " is not a JDK of version 25 or later\n");
    }

    @Test
    void exitStatusAndErrorLineOfTheCommandComeThrough() throws Exception {
        Shell.Result usage = shell.run(TIMEOUT, LAUNCHER, "no-such-noun");
        assertThat(usage.status()).isEqualTo(2);
        assertThat(usage.err()).startsWith("error: USAGE: ");
        Shell.Result config = shell.run(TIMEOUT, LAUNCHER, "broker", "start", "--set", "flush.mode=never");
        assertThat(config.status()).isEqualTo(1);
        assertThat(config.err())
                .startsWith("error: INVALID_CONFIG: flush.mode=never")
                .hasLineCount(1);
        assertThat(shell.run(TIMEOUT, LAUNCHER, "broker", "start", "--help").orFail())
                .contains("--daemon");
    }
}
