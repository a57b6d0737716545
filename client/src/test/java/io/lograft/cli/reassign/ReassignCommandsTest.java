package io.lograft.cli.reassign;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.cli.Main;
import io.lograft.client.fake.FakeCluster;
import io.lograft.client.fake.FakeReplicas;
import io.lograft.proto.v1.ReassignPartitionsRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReassignCommandsTest {
    private static final String PROPOSAL =
            "{\"version\":1,\"partitions\":[{\"topic\":\"orders\",\"partition\":0,\"replicas\":[4,2]},"
                    + "{\"topic\":\"orders\",\"partition\":1,\"replicas\":[2,1]}]}\n";

    private final InputStream realInput = System.in;
    private final FakeReplicas fake = new FakeReplicas();
    private FakeCluster brokers;
    private String out;
    private String err;

    @TempDir
    Path directory;

    @BeforeEach
    void start() {
        brokers = fake.cluster(4);
        fake.partition("orders", 0, 1, 2);
        fake.partition("orders", 1, 2, 1);
    }

    @AfterEach
    void stop() {
        System.setIn(realInput);
        brokers.close();
    }

    @Test
    void aPlanIsProposed() throws IOException {
        assertThat(run("partition", "reassign", "plan", "--topic", "orders", "--brokers", "1,2,4"))
                .isZero();
        assertThat(out).isEqualTo("""
                        TOPIC   PARTITION  CURRENT  PROPOSED  NEW  BYTES
                        orders          0      1,2       1,4    4   1000
                        orders          1      2,1       2,1    -      0
                        1 replicas are new, with 1,000 bytes to copy

                        Current assignment, to go back to:
                        {"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[1,2]},\
                        {"topic":"orders","partition":1,"replicas":[2,1]}]}

                        Proposed assignment, for partition reassign execute --file:
                        """ + PROPOSAL.replace("[4,2]", "[1,4]"));
        Path topics = file("{\"version\":1,\"topics\":[{\"topic\":\"orders\"}]}");
        assertThat(run(
                        "--output",
                        "json",
                        "partition",
                        "reassign",
                        "plan",
                        "--topics-to-move-json-file",
                        topics.toString(),
                        "--broker-list",
                        "1,2,4"))
                .isZero();
        assertThat(out).isEqualTo(PROPOSAL.replace("[4,2]", "[1,4]"));
        assertThat(err).isEmpty();
    }

    @Test
    void plansThatCannotBeMadeAreRefused() {
        assertThat(run("partition", "reassign", "plan", "--topic", "orders", "--brokers", "1,9"))
                .isEqualTo(1);
        assertThat(err).isEqualTo("error: UNKNOWN_BROKER: no broker has registered as 9, there are [1, 2, 3, 4]\n");
        assertThat(run("partition", "reassign", "plan", "--topic", "nope", "--brokers", "1"))
                .isEqualTo(1);
        assertThat(err).isEqualTo("error: UNKNOWN_TOPIC: no topic 'nope'\n");
        assertThat(run("partition", "reassign", "plan", "--topic", "orders", "--brokers", "1"))
                .isEqualTo(1);
        assertThat(err).startsWith("error: INVALID_REPLICATION_FACTOR: orders-0 cannot have 2 replicas on 1 brokers");
        fake.fence(3);
        assertThat(run("partition", "reassign", "plan", "--topic", "orders", "--brokers", "1,2,3"))
                .isZero();
        assertThat(err).isEqualTo("warning: broker 3 is fenced: new replicas there are refused while it is\n");
    }

    @Test
    void wrongUsageIsTold() {
        for (String[] wrong : List.of(
                new String[] {},
                new String[] {"plan", "--brokers", "1"},
                new String[] {"plan", "--topic", "orders"},
                new String[] {"plan", "--topic", "orders", "--topics-file", "f", "--brokers", "1"},
                new String[] {"plan", "--topic", "orders", "--brokers", "1,1"},
                new String[] {"plan", "--topic", "orders", "--brokers", "a"},
                new String[] {"plan", "--topic", "orders", "--brokers", "1", "--replication-factor", "0"},
                new String[] {"execute"},
                new String[] {"execute", "--file", "f", "--throttle", "0"},
                new String[] {"execute", "--file", "f", "--throttle", "fast"},
                new String[] {"cancel"},
                new String[] {"cancel", "--all", "--topic", "orders"},
                new String[] {"cancel", "--all", "--partition", "1"})) {
            String[] args = new String[wrong.length + 2];
            args[0] = "partition";
            args[1] = "reassign";
            System.arraycopy(wrong, 0, args, 2, wrong.length);
            assertThat(run(args)).as(String.join(" ", wrong)).isEqualTo(2);
            assertThat(err).startsWith("error: USAGE: ");
        }
        assertThat(run("broker", "decommission")).isEqualTo(2);
        assertThat(run("broker", "decommission", "4", "--timeout", "0")).isEqualTo(2);
        assertThat(run("broker", "decommission", "4", "--throttle", "-5")).isEqualTo(2);
        assertThat(run("partition", "reassign", "execute", "--help")).isZero();
        assertThat(out).contains("--throttle=BYTES_PER_SECOND");
        assertThat(fake.requests()).isEmpty();
    }

    @Test
    void aFileIsExecutedAndWaitedFor() throws IOException {
        Path plan = file(PROPOSAL);
        assertThat(run("partition", "reassign", "execute", "--file", plan.toString(), "--throttle", "77", "--wait"))
                .isZero();
        assertThat(out).isEqualTo("""
                        Current assignment, to go back to:
                        {"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[1,2]},\
                        {"topic":"orders","partition":1,"replicas":[2,1]}]}

                        TOPIC   PARTITION  FROM   TO  RESULT
                        orders          0   1,2  4,2  begun
                        orders          1   2,1  2,1  as it is
                        2 partitions are as in the file
                        """);
        assertThat(err).startsWith("reassign: 0 of 1 partitions moved, 500 of 500 bytes are left\n");
        assertThat(fake.replicas("orders", 0)).containsExactly(4, 2);
        assertThat(fake.requests())
                .extracting(ReassignPartitionsRequest::getValidateOnly)
                .containsExactly(true, false);
        assertThat(fake.requests().get(1).getThrottleBytesPerSecond()).isEqualTo(77);
    }

    @Test
    void aDryRunChangesNothing() {
        System.setIn(new ByteArrayInputStream(PROPOSAL.getBytes(StandardCharsets.UTF_8)));
        assertThat(run("partition", "reassign", "execute", "--reassignment-json-file", "-", "--dry-run"))
                .isZero();
        assertThat(out).contains("orders          0   1,2  4,2  possible").endsWith("nothing was changed\n");
        assertThat(fake.replicas("orders", 0)).containsExactly(1, 2);
    }

    @Test
    void oneRefusalAndNothingBegins() throws IOException {
        fake.fence(3);
        Path plan = file("{\"partitions\":[{\"topic\":\"orders\",\"partition\":0,\"replicas\":[4,2]},"
                + "{\"topic\":\"orders\",\"partition\":1,\"replicas\":[3]}]}");
        assertThat(run("--output", "json", "partition", "reassign", "execute", "--file", plan.toString()))
                .isEqualTo(1);
        assertThat(out)
                .isEqualTo("{\"dryRun\":false,\"throttleBytesPerSecond\":0,\"previous\":{\"version\":1,\"partitions\":["
                        + "{\"topic\":\"orders\",\"partition\":0,\"replicas\":[1,2]},"
                        + "{\"topic\":\"orders\",\"partition\":1,\"replicas\":[2,1]}]},\"results\":["
                        + "{\"topic\":\"orders\",\"partition\":0,\"replicas\":[4,2],\"accepted\":true,"
                        + "\"error\":null,\"message\":null},"
                        + "{\"topic\":\"orders\",\"partition\":1,\"replicas\":[3],\"accepted\":false,"
                        + "\"error\":\"INELIGIBLE_REPLICA\",\"message\":\"broker 3 is out\"}]}\n");
        assertThat(err).isEqualTo("error: INELIGIBLE_REPLICA: nothing was changed: broker 3 is out\n");
        assertThat(fake.replicas("orders", 0)).containsExactly(1, 2);

        assertThat(run(
                        "partition",
                        "reassign",
                        "execute",
                        "--file",
                        file(PROPOSAL.replace("\"partition\":1", "\"partition\":5"))
                                .toString()))
                .isEqualTo(1);
        assertThat(err).isEqualTo("error: UNKNOWN_PARTITION: topic 'orders' has 2 partitions, no 5\n");
        assertThat(run("partition", "reassign", "execute", "--file", file("{}").toString()))
                .isEqualTo(1);
        assertThat(err).endsWith("plan.json: it names no partitions\n").hasLineCount(1);
    }

    @Test
    void whatIsUnderWayIsShown() throws IOException {
        assertThat(run("partition", "reassign", "status")).isZero();
        assertThat(out).isEqualTo("nothing is under way\n");
        fake.hold();
        Path plan = file(PROPOSAL);
        assertThat(run("partition", "reassign", "execute", "--file", plan.toString(), "--throttle", "77"))
                .isZero();
        assertThat(out).endsWith("partition reassign status shows how far it is\n");

        assertThat(run("partition", "reassign", "status", "--file", plan.toString()))
                .isZero();
        assertThat(out).isEqualTo("""
                        TOPIC   PARTITION  FROM   TO  JOINING  COPIED-%  BYTES-LEFT  IN-SYNC  THROTTLE  NOTE
                        orders          0   1,2  4,2        4        50         500  no             77     -
                        TOPIC   PARTITION  IN-FILE  STATE
                        orders          0      4,2  in progress
                        orders          1      2,1  done
                        """);
        assertThat(run("-o", "json", "partition", "reassign", "status", "--topic", "orders"))
                .isZero();
        assertThat(out)
                .isEqualTo("{\"underWay\":[{\"topic\":\"orders\",\"partition\":0,\"state\":\"in-progress\","
                        + "\"replicas\":[1,2,4],\"isr\":[1,2],\"formerReplicas\":[1,2],\"targetReplicas\":[4,2],"
                        + "\"throttleBytesPerSecond\":77,\"joining\":[{\"brokerId\":4,\"inSync\":false,\"percent\":50,"
                        + "\"bytesLeft\":500}]}]}\n");
        assertThat(run("topic", "describe", "orders")).isZero();
        assertThat(out).contains("ok, moves to 4,2");
        fake.fence(4);
        assertThat(run("partition", "reassign", "status")).isZero();
        assertThat(out).contains("waits for broker 4, which is fenced");
    }

    @Test
    void whatIsNotAsInTheFileFails() throws IOException {
        Path plan = file(PROPOSAL);
        assertThat(run("-o", "json", "partition", "reassign", "status", "--file", plan.toString()))
                .isEqualTo(1);
        assertThat(out)
                .isEqualTo("{\"underWay\":[],\"file\":[{\"topic\":\"orders\",\"partition\":0,\"wanted\":[4,2],"
                        + "\"replicas\":[1,2],\"state\":\"different\"},{\"topic\":\"orders\",\"partition\":1,"
                        + "\"wanted\":[2,1],\"replicas\":[2,1],\"state\":\"done\"}]}\n");
        assertThat(err)
                .isEqualTo("error: NO_REASSIGNMENT: 1 of 2 partitions are not as in the file, nor on their way there:"
                        + " orders-0\n");
        assertThat(run("partition", "reassign", "execute", "--file", plan.toString()))
                .isZero();
        assertThat(run("partition", "reassign", "status", "--wait", "--file", plan.toString()))
                .isZero();
        assertThat(out).startsWith("nothing is under way\n").contains("orders          0      4,2  done");
        assertThat(run("partition", "reassign", "status", "--topic", "nope")).isEqualTo(1);
        assertThat(err).startsWith("error: UNKNOWN_TOPIC: ");
    }

    @Test
    void movesAreCancelled() throws IOException {
        assertThat(run("partition", "reassign", "cancel", "--all")).isZero();
        assertThat(out).isEqualTo("nothing is under way\n");
        fake.hold();
        Path plan = file(PROPOSAL);
        for (String[] which : List.of(
                new String[] {"--all"},
                new String[] {"--topic", "orders"},
                new String[] {"--topic", "orders", "--partition", "0"},
                new String[] {"--file", plan.toString()})) {
            assertThat(run("partition", "reassign", "execute", "--file", plan.toString()))
                    .isZero();
            String[] args = new String[which.length + 3];
            System.arraycopy(new String[] {"partition", "reassign", "cancel"}, 0, args, 0, 3);
            System.arraycopy(which, 0, args, 3, which.length);
            assertThat(run(args)).as(String.join(" ", which) + ": " + err).isZero();
            assertThat(out).isEqualTo("TOPIC   PARTITION  RESULT\norders          0  cancelled, back to 1,2\n");
            assertThat(fake.replicas("orders", 0)).containsExactly(1, 2);
        }
        assertThat(run("-o", "json", "partition", "reassign", "cancel", "--topic", "orders", "--partition", "1"))
                .isEqualTo(1);
        assertThat(out).contains("\"accepted\":false,\"error\":\"NO_REASSIGNMENT\"");
        assertThat(err).isEqualTo("error: NO_REASSIGNMENT: orders-1 stays\n");
        assertThat(run("partition", "reassign", "cancel", "--topic", "nope")).isEqualTo(1);
    }

    @Test
    void aBrokerIsDecommissioned() {
        fake.partition("__internal", 0, 2);
        fake.onDrain(() -> fake.partition("new", 0, 2, 3));
        assertThat(run("broker", "decommission", "2", "--throttle", "99")).isZero();
        assertThat(out).isEqualTo("""
                        broker 2 has no replicas any more; 4 partitions were moved
                        it still votes on the metadata: lograft metadata add-voter OTHER, if there is one, then\
                         lograft metadata remove-voter 2
                        then stop it, on its machine: lograft broker stop. Started again, it takes new topics
                        """);
        assertThat(err).contains("decommission broker 2: 0 of 3 partitions moved");
        assertThat(fake.all().values()).allMatch(replicas -> !replicas.contains(2));
        assertThat(fake.requests()).allMatch(request -> request.getThrottleBytesPerSecond() == 99);
        assertThat(run("-o", "json", "broker", "decommission", "2")).isZero();
        assertThat(out)
                .isEqualTo("{\"brokerId\":2,\"replicaCount\":0,\"partitionsMoved\":0,\"voter\":true,\"draining\":true,"
                        + "\"fenced\":false,\"stepsLeft\":[\"metadata remove-voter 2\",\"broker stop\"]}\n");
    }

    @Test
    void aBrokerThatIsStoppedIsDecommissionedToo() {
        fake.fence(2);
        assertThat(run("broker", "decommission", "2")).isZero();
        assertThat(out).contains("it is stopped; do not start it again");
        assertThat(fake.all().values()).allMatch(replicas -> replicas.size() == 2 && !replicas.contains(2));
    }

    @Test
    void aDecommissionThatWouldBreakAPromiseIsRefused() {
        assertThat(run("broker", "decommission", "9")).isEqualTo(1);
        assertThat(err).isEqualTo("error: UNKNOWN_BROKER: no broker has registered as 9\n");
        for (int i = 0; i < 7; i++) {
            fake.partition("wide", i, 1, 2, 3, 4);
        }
        assertThat(run("broker", "decommission", "4")).isEqualTo(1);
        assertThat(err)
                .isEqualTo(
                        "error: UNSAFE_CHANGE: broker 4 stays as it is: of the other brokers, [1, 2, 3] are live and not"
                                + " draining, and none of them is free for 7 partitions, which would have fewer replicas: wide-0,"
                                + " wide-1, wide-2, wide-3, wide-4, and 2 more; add a broker, or give them fewer replicas first\n");
        assertThat(fake.requests()).isEmpty();
    }

    @Test
    void theOnlyCopyIsNotGivenUp() {
        fake.partition("single", 0, 3);
        fake.fence(3);
        assertThat(run("broker", "decommission", "3")).isEqualTo(1);
        assertThat(err)
                .isEqualTo(
                        "error: UNSAFE_CHANGE: broker 3 stays as it is: 1 partitions have no leader that others could"
                                + " copy from: single-0; start the brokers of their in-sync sets first, as topic describe shows"
                                + " them\n");
        assertThat(fake.requests()).isEmpty();
    }

    @Test
    void aDecommissionThatTakesTooLongGoesOn() {
        fake.hold();
        assertThat(run("broker", "decommission", "1", "--timeout", "1")).isEqualTo(1);
        assertThat(err)
                .endsWith(
                        "error: REQUEST_TIMED_OUT: after 1 s 2 partitions are still on their way from broker 1; they go"
                                + " on, partition reassign status shows how far they are\n");
        int begun = fake.requests().size();
        fake.release();
        assertThat(run("broker", "decommission", "1")).isZero();
        assertThat(fake.requests()).as("it goes on with what is under way").hasSize(begun);
        assertThat(fake.all().values()).allMatch(replicas -> !replicas.contains(1));
    }

    @Test
    void whatHoldsAMoveUpIsTold() {
        fake.partition("orders", 0, 1, 3);
        fake.fence(3);
        fake.hold();
        assertThat(run("broker", "decommission", "1", "--timeout", "1")).isEqualTo(1);
        assertThat(err.lines().findFirst())
                .contains("decommission broker 1: 0 of 2 partitions moved, 1,000 of 1,000 bytes are left;"
                        + " orders-0: waits for broker 3, which is fenced");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("plan.json"), text);
    }

    private int run(String... args) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int status = Main.run(
                args,
                Map.of("LOGRAFT_BOOTSTRAP", brokers.bootstrap()),
                new PrintStream(outBytes, false, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return status;
    }
}
