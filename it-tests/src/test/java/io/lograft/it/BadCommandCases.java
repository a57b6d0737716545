package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.cli.Main;
import io.lograft.client.Admin;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.LograftOptions;
import io.lograft.client.NewTopic;
import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import io.lograft.model.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.function.Executable;

/** Bad commands, bad configuration of brokers, and bad calls of the Java client. */
final class BadCommandCases {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Lograft cluster;
    private final String topic;
    private final Path directory;
    private final List<BadCase> cases = new ArrayList<>();

    private BadCommandCases(Lograft cluster, String topic, Path directory) {
        this.cluster = cluster;
        this.topic = topic;
        this.directory = directory;
    }

    /**
     * All of them.
     *
     * @param topic of one partition on one broker
     * @param directory whose sub-directory {@code broker-1/log} a live broker uses
     */
    static List<BadCase> all(Lograft cluster, String topic, Path directory) {
        BadCommandCases all = new BadCommandCases(cluster, topic, directory);
        all.topics();
        all.records();
        all.usage();
        all.configuration();
        return all.cases;
    }

    private void topics() {
        Admin admin = cluster.admin();
        create(
                "existing topic",
                ErrorCode.TOPIC_ALREADY_EXISTS,
                NewTopic.of(topic).withPartitions(9));
        create("empty name", ErrorCode.INVALID_TOPIC_NAME, NewTopic.of(""));
        create("name with a space", ErrorCode.INVALID_TOPIC_NAME, NewTopic.of("a b"));
        create("name with a slash", ErrorCode.INVALID_TOPIC_NAME, NewTopic.of("../etc"));
        create("name ..", ErrorCode.INVALID_TOPIC_NAME, NewTopic.of(".."));
        create("name that is not ASCII", ErrorCode.INVALID_TOPIC_NAME, NewTopic.of("größe"));
        create("name of 250 characters", ErrorCode.INVALID_TOPIC_NAME, NewTopic.of("x".repeat(250)));
        create(
                "replication above the brokers",
                ErrorCode.INVALID_REPLICATION_FACTOR,
                NewTopic.of("n").withReplication(2));
        create(
                "negative replication",
                ErrorCode.INVALID_REPLICATION_FACTOR,
                NewTopic.of("n").withReplication(-1));
        create(
                "negative partitions",
                ErrorCode.INVALID_PARTITION_COUNT,
                NewTopic.of("n").withPartitions(-1));
        create(
                "too many partitions",
                ErrorCode.INVALID_PARTITION_COUNT,
                NewTopic.of("n").withPartitions(10_001));
        create("unknown setting", ErrorCode.INVALID_CONFIG, NewTopic.of("n").withConfig("retention.mss", "1"));
        create("bad value", ErrorCode.INVALID_CONFIG, NewTopic.of("n").withConfig("retention.ms", "soon"));
        create("bad flush mode", ErrorCode.INVALID_CONFIG, NewTopic.of("n").withConfig("flush.mode", "never"));
        client("delete unknown topic", ErrorCode.UNKNOWN_TOPIC, () -> admin.deleteTopic("nothing"));
        client("describe unknown topic", ErrorCode.UNKNOWN_TOPIC, () -> admin.describeTopic("nothing"));
    }

    private void create(String what, ErrorCode code, NewTopic bad) {
        client("create topic: " + what, code, () -> cluster.admin().createTopic(bad));
    }

    private void records() {
        client(
                "send: partition out of range",
                ErrorCode.UNKNOWN_PARTITION,
                () -> send(ProducerRecord.of(topic, "x").withPartition(3)));
        client(
                "send: value above message.max.bytes",
                ErrorCode.RECORD_TOO_LARGE,
                () -> send(ProducerRecord.of(topic, new byte[2 << 20])));
        client(
                "send: value above every limit",
                ErrorCode.RECORD_TOO_LARGE,
                () -> send(ProducerRecord.of(topic, new byte[9 << 20])));
        cases.add(new BadCase("client: unreachable bootstrap", () -> {
            int nobody = FreePorts.forBrokers(1);
            LograftOptions options = LograftOptions.of("127.0.0.1:" + nobody).withRequestTimeout(Duration.ofSeconds(1));
            try (Lograft other = Lograft.connect(options)) {
                assertFails(ErrorCode.UNAVAILABLE, () -> other.admin().listTopics());
            }
        }));
    }

    private void send(ProducerRecord record) {
        try (Producer producer = cluster.producer()) {
            producer.send(record).join();
        }
    }

    private void client(String name, ErrorCode code, Executable call) {
        cases.add(new BadCase("client: " + name, () -> assertFails(code, call)));
    }

    private static void assertFails(ErrorCode code, Executable call) throws Throwable {
        try {
            call.execute();
        } catch (CompletionException | LograftException e) {
            Throwable cause = e instanceof CompletionException ? e.getCause() : e;
            assertThat(cause).isInstanceOf(LograftException.class);
            assertThat(((LograftException) cause).code()).as(cause.getMessage()).isEqualTo(code);
            return;
        }
        throw new AssertionError("it was not refused");
    }

    private void usage() {
        command(2, "a command is missing");
        command(2, "no-such-noun", "no-such-noun");
        command(2, "--no-such-option", "--no-such-option", "local", "status");
        command(2, "xml", "--output", "xml", "local", "status");
        command(2, "seven", "local", "kill", "seven");
        command(2, "a verb is missing", "local");
        command(2, "a verb is missing", "partition", "reassign");
        command(2, "--broker-list", "partition", "reassign", "plan", "--topic", "t");
        command(2, "seven", "broker", "decommission", "seven");
    }

    private void command(int status, String inLine, String... arguments) {
        cases.add(new BadCase("command: lograft " + String.join(" ", arguments), () -> {
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            int actual = Main.run(arguments, Map.of(), print(out), print(err));
            List<String> lines = err.toString(StandardCharsets.UTF_8).lines().toList();
            assertThat(actual).as(lines.toString()).isEqualTo(status);
            assertThat(lines.get(0)).startsWith("error: USAGE: ").contains(inLine);
            assertThat(out.size()).isZero();
        }));
    }

    private static PrintStream print(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private void configuration() {
        broker("unknown key", "broker.idd", "error: INVALID_CONFIG: unknown key broker.idd (=1)", "broker.idd=1");
        broker("negative id", "broker.id=-1", "error: INVALID_CONFIG: broker.id=-1", "broker.id=-1");
        broker("bad value", "commit or os", "error: INVALID_CONFIG: flush.mode=never", "flush.mode=never");
        broker("too small a limit", "1024", "error: INVALID_CONFIG: message.max.bytes=10", "message.max.bytes=10");
        broker("bad listener", "not a port number", "error: INVALID_CONFIG: listeners=", "listeners=grpc://h:x");
        broker(
                "missing listener",
                "one of the three is missing",
                "error: INVALID_CONFIG: listeners=",
                "listeners=grpc://h:1");
        broker(
                "duplicate voter",
                "named twice",
                "error: INVALID_CONFIG: metadata.voters=",
                "metadata.voters=1@h:1001,1@h:2001,3@h:3001");
        broker(
                "two voters",
                "2 voters",
                "error: INVALID_CONFIG: metadata.voters=",
                "metadata.voters=1@h:1001,2@h:2001");
        broker(
                "unknown cleanup policy",
                "unknown policy",
                "error: INVALID_CONFIG: log.cleanup.policy=",
                "log.cleanup.policy=forget");
        cases.add(new BadCase("broker start: log.dirs is a file", () -> {
            Path file = Files.writeString(directory.resolve("file"), "");
            assertStartFails("not a directory", "error: INVALID_CONFIG: log.dirs=" + file, "log.dirs=" + file);
        }));
        cases.add(new BadCase("broker start: directory of another broker", () -> {
            Path log = directory.resolve("broker-1/log");
            assertStartFails(
                    log.toString(),
                    "error: ALREADY_RUNNING: process ",
                    "log.dirs=" + log,
                    "metadata.dir=" + directory.resolve("other-metadata"));
        }));
    }

    private void broker(String what, String inLine, String start, String setting) {
        cases.add(new BadCase("broker start: " + what, () -> assertStartFails(inLine, start, setting)));
    }

    /** The process must end with status 1 and one line. */
    private void assertStartFails(String inLine, String start, String... settings) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("start"));
        for (String setting : settings) {
            arguments.addAll(List.of("--set", setting));
        }
        Shell.Result result = new Shell(directory, Map.of())
                .run(TIMEOUT, ClusterProcesses.command(arguments).toArray(String[]::new));
        assertThat(result.status()).as(result.err()).isEqualTo(1);
        assertThat(result.err().lines()).as(result.err()).hasSize(1);
        assertThat(result.err()).startsWith(start).contains(inLine);
    }
}
