package io.lograft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.fake.FakeCluster;
import io.lograft.model.TopicPartition;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ClusterCommandsTest {
    private final InputStream realInput = System.in;
    private FakeCluster fake;
    private String out;
    private String err;

    @BeforeEach
    void start() {
        fake = new FakeCluster(3);
    }

    @AfterEach
    void stop() {
        System.setIn(realInput);
        fake.close();
    }

    @Test
    void topicsAreCreatedListedDescribedAndDeleted() {
        assertThat(run("topic", "create", "orders", "-p", "3")).isZero();
        assertThat(out).isEqualTo("created topic orders with 3 partitions of 1 replicas\n");
        assertThat(run("topic", "create", "orders")).isEqualTo(1);
        assertThat(err).isEqualTo("error: TOPIC_ALREADY_EXISTS: it exists\n");
        assertThat(run("--output", "json", "topic", "list")).isZero();
        assertThat(out).contains("\"name\":\"orders\"").contains("\"partitionCount\":3");
        assertThat(run("topic", "describe", "orders")).isZero();
        assertThat(out).contains("PARTITION").contains("HIGH-WATERMARK").contains("ok");
        assertThat(run("topic", "describe", "nope")).isEqualTo(1);
        assertThat(err).startsWith("error: UNKNOWN_TOPIC: ");
        assertThat(run("topic", "delete", "orders")).isZero();
        assertThat(run("topic", "delete", "orders")).isEqualTo(1);
    }

    @Test
    void whatIsProducedIsConsumed() {
        fake.createTopic("orders", 2);
        input("a=1\nb=2\r\nno key\nä=ö\n");

        assertThat(run("produce", "orders", "--key-separator", "=", "--header", "h=x", "--compression", "zstd"))
                .isZero();
        assertThat(err).isEqualTo("4 records written to orders\n");

        assertThat(run("consume", "orders", "--from-beginning", "--until-end", "--format", "%k:%v:%h"))
                .isZero();
        assertThat(out.lines()).containsExactlyInAnyOrder("a:1:h=x", "b:2:h=x", ":no key:h=x", "ä:ö:h=x");
    }

    @Test
    void consumeStartsAndStopsWhereItIsTold() {
        fake.createTopic("orders", 1);
        produceFifty();

        assertThat(run("consume", "orders", "--offset", "40", "--max-messages", "3"))
                .isZero();
        assertThat(out).isEqualTo("v40\nv41\nv42\n");
        assertThat(run("consume", "orders", "--timestamp", "1", "--until-end", "--partition", "0"))
                .isZero();
        assertThat(out.lines()).hasSize(50);
        assertThat(run("consume", "orders", "--until-end")).isZero();
        assertThat(out).isEmpty();
        assertThat(run("consume", "orders", "--offset", "50", "--until-end")).isZero();
        assertThat(out).isEmpty();
        for (String offset : new String[] {"51", "-1"}) {
            assertThat(run("consume", "orders", "--offset", offset, "--max-messages", "1"))
                    .isEqualTo(1);
            assertThat(err)
                    .isEqualTo("error: OFFSET_OUT_OF_RANGE: offset " + offset
                            + " of orders-0: the log starts at 0, its high watermark is 50\n");
        }
        assertThat(run("--output", "json", "consume", "orders", "--offset", "49", "--max-messages", "1"))
                .isZero();
        assertThat(out).contains("\"offset\":49").contains("\"key\":null,\"value\":\"v49\"");
    }

    private void produceFifty() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            lines.append("v").append(i).append('\n');
        }
        input(lines.toString());
        assertThat(run("produce", "orders")).isZero();
    }

    @Test
    void consumeAsAMemberGoesOnWhereItsGroupStopped() {
        fake.createTopic("orders", 1);
        produceFifty();

        assertThat(run("consume", "orders", "--group", "g", "--from-beginning", "--max-messages", "3"))
                .isZero();
        assertThat(out).isEqualTo("v0\nv1\nv2\n");
        assertThat(run("consume", "orders", "--group", "g", "--from-beginning", "--until-end"))
                .isZero();
        assertThat(out.lines()).hasSize(47).startsWith("v3");
        assertThat(run("consume", "orders", "--group", "g", "--until-end")).isZero();
        assertThat(out).isEmpty();
    }

    @Test
    void wrongUseOfConsumeIsRefused() {
        fake.createTopic("orders", 1);

        assertThat(run("consume", "orders", "--from-beginning", "--offset", "3"))
                .isEqualTo(2);
        assertThat(run("consume", "orders", "--format", "%x")).isEqualTo(2);
        assertThat(run("consume", "orders", "--timestamp", "yesterday")).isEqualTo(2);
        assertThat(run("consume", "orders", "--group", "g", "--partition", "0")).isEqualTo(2);
        assertThat(run("consume", "orders", "--group", "g", "--offset", "3")).isEqualTo(2);
        assertThat(run("consume", "orders", "--partition", "7")).isEqualTo(1);
        assertThat(err).startsWith("error: UNKNOWN_PARTITION: ");
        assertThat(run("produce", "nope")).isEqualTo(1);
        assertThat(err).startsWith("error: UNKNOWN_TOPIC: ");
    }

    @Test
    void numbersThatNoPartitionHasAreRefused() {
        fake.createTopic("orders", 1);
        input("x\n");
        assertThat(run("produce", "orders", "--partition", "-1")).isEqualTo(1);
        assertThat(err).isEqualTo("error: UNKNOWN_PARTITION: no partition -1 of topic 'orders'\n");
        assertThat(run("consume", "orders", "--partition", "-1")).isEqualTo(1);
        assertThat(err).startsWith("error: UNKNOWN_PARTITION: ");
        assertThat(run("topic", "delete-records", "orders", "--partition", "-1", "--before", "1"))
                .isEqualTo(1);
        assertThat(err).startsWith("error: UNKNOWN_PARTITION: ");
        assertThat(run("partition", "move-dir", "orders", "--broker", "1", "--to", "/d", "--", "-1"))
                .isEqualTo(1);
        assertThat(err).startsWith("error: UNKNOWN_PARTITION: ");
        assertThat(run("topic", "create", "none", "-p", "0")).isEqualTo(1);
        assertThat(err).startsWith("error: INVALID_PARTITION_COUNT: ");
        assertThat(run("topic", "create", "none", "-r", "0")).isEqualTo(1);
        assertThat(err).startsWith("error: INVALID_REPLICATION_FACTOR: ");
        assertThat(run("local", "start", "--brokers", "0")).isEqualTo(1);
        assertThat(err).startsWith("error: INVALID_CONFIG: 0 brokers");
        assertThat(run("local", "start", "--port", "0")).isEqualTo(1);
        assertThat(err).startsWith("error: INVALID_CONFIG: port 0");
    }

    @Test
    void recordsThatNobodyAcknowledgesAreWrittenBeforeTheCommandEnds() {
        fake.createTopic("orders", 1);
        for (int i = 1; i <= 3; i++) {
            input("x" + i + "\n");
            assertThat(run("produce", "orders", "--acks", "none")).isZero();
            assertThat(err).isEqualTo("1 record written to orders, not acknowledged\n");
            assertThat(run("consume", "orders", "--from-beginning", "--until-end"))
                    .isZero();
            assertThat(out.lines()).hasSize(i);
        }
    }

    @Test
    void headersMayRepeat() {
        fake.createTopic("orders", 1);
        input("x\n");
        assertThat(run("produce", "orders", "--header", "h=1", "--header", "h=2=2", "--header", "e="))
                .isZero();
        assertThat(run("consume", "orders", "--from-beginning", "--until-end", "--format", "%h"))
                .isZero();
        assertThat(out).isEqualTo("h=1,h=2=2,e=\n");
        assertThat(run("produce", "orders", "--header", "h")).isEqualTo(2);
        assertThat(err).startsWith("error: USAGE: --header 'h' is not K=V");
    }

    @Test
    void addressesThatAreNoneAreWrongUsage() {
        for (String[] command : new String[][] {
            {"--bootstrap", "a:x", "topic", "list"},
            {"perf", "produce", "orders", "--bootstrap", "a:x"},
            {"perf", "consume", "orders", "--bootstrap", "a:x"},
        }) {
            assertThat(run(command)).isEqualTo(2);
            assertThat(err).isEqualTo("error: USAGE: --bootstrap: 'a:x' is not HOST:PORT\n");
        }
    }

    @Test
    void recordsThatAreNotAcknowledgedMakeProduceFail() {
        fake.createTopic("orders", 1);
        fake.moveLeader(new TopicPartition("orders", 0), -1);
        input("1\n2\n");

        assertThat(run("produce", "orders", "--delivery-timeout", "1")).isEqualTo(1);
        assertThat(err).contains("0 records written").contains("error: REQUEST_TIMED_OUT: 2 records were not");
    }

    @Test
    void theClusterIsDescribed() {
        assertThat(run("cluster", "describe")).isZero();
        assertThat(out).contains("cluster test-cluster").contains("ADDRESS");
        assertThat(run("cluster", "health")).isZero();
        assertThat(out).startsWith("healthy");
        assertThat(run("broker", "list", "--output", "json")).isZero();
        assertThat(out).startsWith("[{\"brokerId\":1,");
        assertThat(run("metadata", "status")).isZero();
        assertThat(out).contains("leader 1, term 7");
    }

    @Test
    void leadersAreElectedAndRefusalsAreSaid() {
        assertThat(run("topic", "elect-leader", "orders")).isZero();
        assertThat(out.lines())
                .containsExactly(
                        "PARTITION  LEADER  EPOCH  ELECTION",
                        "        0       3      7  ELECTION_NOT_NEEDED: it leads",
                        "        1       3      7  held");
        assertThat(run("topic", "elect-leader", "orders", "--partition", "0")).isEqualTo(1);
        assertThat(err).isEqualTo("error: ELECTION_NOT_NEEDED: it leads\n");
        assertThat(run("topic", "elect-leader", "orders", "--partition", "2", "--unclean"))
                .isEqualTo(1);
        assertThat(err).isEqualTo("error: NO_ELIGIBLE_LEADER: nobody lives\n");
        assertThat(run("topic", "elect-leader", "orders", "--partition", "1", "--unclean", "--output", "json"))
                .isZero();
        assertThat(out)
                .isEqualTo("{\"topic\":\"orders\",\"election\":\"unclean\",\"partitions\":[{\"partition\":1,"
                        + "\"held\":true,\"leader\":3,\"leaderEpoch\":8,\"error\":null,\"message\":null}]}\n");
        assertThat(err).contains("warning: 1 leaders were elected uncleanly");
    }

    @Test
    void aBrokerIsDrainedUntilNothingIsLeft() {
        assertThat(run("broker", "drain", "2")).isZero();
        assertThat(out)
                .contains("broker 2 is drained: 6 partitions go on without it")
                .contains("started anew");
        assertThat(run("broker", "drain", "3")).isEqualTo(1);
        assertThat(err).isEqualTo("error: UNSAFE_CHANGE: orders-0 has no other copy\n");
        assertThat(run("broker", "drain", "2", "--output", "json")).isZero();
        assertThat(out).contains("\"drained\":true,\"partitionsChanged\":3,\"leadershipsLeft\":0");
    }

    @Test
    void theFencingOfBrokersIsShown() {
        assertThat(run("broker", "fence-status")).isZero();
        assertThat(out.lines())
                .element(2)
                .asString()
                .contains("host-2:7400", "fenced", "1970-01-01T00:00:01Z", "it fell silent");
        assertThat(run("broker", "fence-status", "--output", "json")).isZero();
        assertThat(out)
                .contains("\"state\":\"live\"")
                .contains("\"sinceMs\":null")
                .contains("\"sinceMs\":1000");
    }

    @Test
    void theQuorumIsDescribedAndChanged() {
        assertThat(run("metadata", "status")).isZero();
        assertThat(out).contains("DIRECTORY").contains("0123456789ab").contains("stalled");
        assertThat(run("--output", "json", "metadata", "status")).isZero();
        assertThat(out).contains("\"silentMs\":5,\"stalled\":true");
        assertThat(run("metadata", "add-voter", "4")).isZero();
        assertThat(out)
                .startsWith("broker 4 is a voter\n")
                .contains("metadata.voters=1@a:7401/7400,2@b:7401/7400,3@c:7401/7400");
        assertThat(run("metadata", "remove-voter", "2", "--timeout", "5", "--output", "json"))
                .isZero();
        assertThat(out)
                .isEqualTo("{\"leaderId\":2,\"voters\":[\"1@a:7401/7400\",\"2@b:7401/7400\",\"3@c:7401/7400\"]}\n");
        assertThat(run("metadata", "transfer-leader")).isZero();
        assertThat(out).isEqualTo("the controller is broker 3\n");
        assertThat(run("metadata", "transfer-leader", "2")).isZero();
        assertThat(out).isEqualTo("the controller is broker 2\n");
    }

    @Test
    void changesOfTheQuorumThatAreRefusedOrWrongSaySo() {
        assertThat(run("metadata", "add-voter", "1")).isEqualTo(1);
        assertThat(err).isEqualTo("error: ALREADY_A_VOTER: broker 1 is a voter already\n");
        assertThat(run("metadata", "add-voter", "4", "--timeout", "301")).isEqualTo(2);
        assertThat(run("metadata", "add-voter")).isEqualTo(2);
        assertThat(run("metadata", "remove-voter", "x")).isEqualTo(2);
    }

    @Test
    void nobodyThereIsToldSoon() {
        fake.close();

        assertThat(run("topic", "list")).isEqualTo(1);
        assertThat(err).startsWith("error: UNAVAILABLE: no broker could answer").contains("refused");
    }

    @Test
    void oneLiveBrokerOfTheListIsEnough() {
        fake.kill(1);
        fake.kill(3);

        assertThat(run("topic", "list")).isZero();
    }

    private void input(String text) {
        System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private int run(String... args) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        List<String> all = new ArrayList<>(List.of(args));
        int status = Main.run(
                all.toArray(String[]::new),
                Map.of("LOGRAFT_BOOTSTRAP", fake.bootstrap()),
                new PrintStream(outBytes, false, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return status;
    }
}
