package io.lograft.broker.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.broker.app.config.BrokerConfig;
import io.lograft.broker.app.config.ConfigLoader;
import io.lograft.cli.local.ProcessMark;
import io.lograft.model.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerMainTest {
    @TempDir
    Path directory;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void argumentsAreReadInBothForms() {
        BrokerArguments arguments =
                BrokerArguments.parse(List.of("start", "-c", "f", "--set", "a=b=c", "--set=d=e", "--daemon"));
        assertThat(arguments)
                .isEqualTo(new BrokerArguments(
                        BrokerArguments.Verb.START, Optional.of(Path.of("f")), List.of("a=b=c", "d=e"), true, false));
        assertThat(arguments.withoutDaemon()).containsExactly("-c", "f", "--set", "a=b=c", "--set", "d=e");
        assertThat(BrokerArguments.parse(List.of("stop")).verb()).isEqualTo(BrokerArguments.Verb.STOP);
        assertThat(BrokerArguments.parse(List.of("stop", "--output", "json", "-b", "a:1"))
                        .isJson())
                .as("options of all commands")
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "'', broker needs a verb",
        "begin, broker needs a verb",
        "start -c, -c needs a value",
        "start --set, --set needs a value",
        "start --fast, unknown argument --fast",
        "start extra, unknown argument extra",
        "start -o xml, --output xml is neither table nor json",
        "stop --daemon, --daemon goes with start only",
    })
    void wrongUsageIsStatus2(String line, String message) {
        assertThat(run(line.isEmpty() ? new String[0] : line.split(" ", -1))).isEqualTo(2);
        assertThat(errors()).startsWith("error: USAGE: ").contains(message).hasLineCount(1);
    }

    @Test
    void aBadConfigurationIsStatus1() {
        assertThat(run("start", "--set", "flush.mode=never")).isEqualTo(1);
        assertThat(errors())
                .startsWith("error: INVALID_CONFIG: flush.mode=never")
                .hasLineCount(1);
    }

    @Test
    void aDirectoryThatCannotBeUsedIsNamed() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThat(run("start", "--set", "log.dirs=" + file)).isEqualTo(1);
        assertThat(errors())
                .startsWith("error: INVALID_CONFIG: log.dirs=" + file + " cannot be used (it is not a directory)")
                .hasLineCount(1);
    }

    @Test
    void aBrokerThatCannotStartSaysWhyInOneLine() {
        assertThat(run(withDirectories("start"))).isEqualTo(1);
        assertThat(errors()).isEqualTo("error: UNAVAILABLE: broker 1 cannot start: refused by the test\n");
    }

    @Test
    void aSecondBrokerInTheSameDirectoriesIsRefused() throws IOException {
        Path logs = Files.createDirectories(directory.resolve("log"));
        Files.writeString(
                logs.resolve("broker.pid"),
                ProcessMark.of(ProcessHandle.current()).text());
        assertThat(run(withDirectories("start"))).isEqualTo(1);
        assertThat(errors())
                .startsWith("error: ALREADY_RUNNING: process "
                        + ProcessHandle.current().pid());
    }

    @Test
    void aBrokerInTheBackgroundIsNotTakenForAnotherOneAtItsPort() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.2"))) {
            String taken = "http://127.0.0.2:" + other.getLocalPort();
            List<String> arguments = new ArrayList<>(List.of(withDirectories("start")));
            arguments.addAll(List.of("--daemon", "--set", "listeners=grpc://127.0.0.2:1,raft://127.0.0.2:1," + taken));
            assertThat(run(arguments.toArray(String[]::new))).isEqualTo(1);
            assertThat(errors())
                    .startsWith("error: PORT_TAKEN: listener 127.0.0.2:" + other.getLocalPort())
                    .hasLineCount(1);
        }
    }

    @Test
    void aBrokerThatTheClusterRefusesEndsWithThatLine() throws IOException {
        PrintStream print = new PrintStream(err, true, StandardCharsets.UTF_8);
        BrokerRefusedException refused =
                new BrokerRefusedException(ErrorCode.DUPLICATE_BROKER_ID, "id 4 is that of a:1;\nb:1 needs another");
        assertThat(BrokerMain.lastWords(refused, print)).isEqualTo(1);
        assertThat(errors()).isEqualTo("error: DUPLICATE_BROKER_ID: id 4 is that of a:1; b:1 needs another\n");
        assertThat(BrokerMain.lastWords(new IllegalStateException("broken"), print))
                .isEqualTo(3);

        Path output = Files.writeString(directory.resolve("broker.out"), "error: OLD: last time\n");
        long position = Files.size(output);
        assertThat(BrokerMain.firstError(output, position)).isEmpty();
        Files.writeString(output, "a log line\n" + errors(), StandardOpenOption.APPEND);
        assertThat(BrokerMain.firstError(output, position)).contains(errors().strip());
    }

    @Test
    void aFileWithoutAProcessInItKeepsNoBrokerFromStarting() throws IOException {
        Path logs = Files.createDirectories(directory.resolve("log"));
        Files.write(logs.resolve("broker.pid"), new byte[] {'1', ' ', (byte) 0xA5, (byte) 0xFF, 0});
        assertThat(run(withDirectories("start"))).isEqualTo(1);
        assertThat(errors()).startsWith("error: UNAVAILABLE: broker 1 cannot start: refused by the test");
    }

    @Test
    void stoppingWhatDoesNotRunFails() throws IOException {
        assertThat(run(withDirectories("stop"))).isEqualTo(1);
        assertThat(errors()).startsWith("error: UNAVAILABLE: no broker runs with log.dirs=");
        Path logs = Files.createDirectories(directory.resolve("log"));
        ProcessMark self = ProcessMark.of(ProcessHandle.current());
        Files.writeString(logs.resolve("broker.pid"), new ProcessMark(self.pid(), self.startedAtMs() - 1).text());
        assertThat(run(withDirectories("stop")))
                .as("another process has the number")
                .isEqualTo(1);
    }

    @Test
    void directoriesAreMadeAndMarked() throws Exception {
        BrokerConfig config = ConfigLoader.load(
                Optional.empty(),
                Map.of(),
                List.of("log.dirs=" + directory.resolve("a/log"), "metadata.dir=" + directory.resolve("a/meta")));
        BrokerDirectories directories = new BrokerDirectories(config);
        directories.prepare();
        assertThat(directory.resolve("a/log")).isDirectory();
        assertThat(directory.resolve("a/meta")).isDirectory();
        assertThat(directories.runningProcess()).isEmpty();
        directories.markRunning();
        assertThat(directories.runningProcess()).contains(ProcessHandle.current());
        directories.unmark();
        assertThat(directories.runningProcess()).isEmpty();
        assertThatThrownBy(() -> BrokerArguments.parse(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    private String[] withDirectories(String verb) {
        return new String[] {
            verb,
            "--set",
            "log.dirs=" + directory.resolve("log"),
            "--set",
            "metadata.dir=" + directory.resolve("metadata")
        };
    }

    private String errors() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private int run(String... args) {
        PrintStream print = new PrintStream(err, true, StandardCharsets.UTF_8);
        BrokerMain main = new BrokerMain(
                Map.of(),
                config -> {
                    throw new IOException("refused by the test");
                },
                print,
                print);
        return main.run(List.of(args));
    }
}
