package io.lograft.cli.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.cli.Main;
import io.lograft.client.Lograft;
import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import io.lograft.client.fake.FakeCluster;
import io.lograft.client.fake.FakeGroupAdmin;
import io.lograft.model.TopicPartition;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GroupCommandsTest {
    private static final TopicPartition ORDERS_0 = new TopicPartition("orders", 0);
    private static final TopicPartition ORDERS_1 = new TopicPartition("orders", 1);

    private final FakeGroupAdmin fake = new FakeGroupAdmin();
    private FakeCluster brokers;
    private String out;
    private String err;

    @BeforeEach
    void start() {
        brokers = fake.cluster(2);
        brokers.createTopic("orders", 2);
        try (Lograft cluster = Lograft.connect(brokers.bootstrap());
                Producer producer = cluster.producer()) {
            for (int i = 0; i < 20; i++) {
                var unused = producer.send(ProducerRecord.of("orders", "v").withPartition(i % 2));
            }
        }
        fake.group("billing", "consumer", 2);
        fake.committed("billing", ORDERS_0, 4);
        fake.committed("billing", ORDERS_1, 10);
    }

    @AfterEach
    void stop() {
        brokers.close();
    }

    @Test
    void groupsAreListed() {
        fake.group("audit", "classic", 1);
        fake.member("audit", "m", ORDERS_0);

        assertThat(run("group", "list")).isZero();
        assertThat(out.lines())
                .containsExactly(
                        "GROUP    STATE   KIND      MEMBERS  COORDINATOR",
                        "audit    Stable  classic         1            1",
                        "billing  Empty   consumer        0            2");
        assertThat(run("group", "list", "--output", "json")).isZero();
        assertThat(out)
                .startsWith("[{\"group\":\"audit\",\"state\":\"Stable\",\"kind\":\"classic\",\"memberCount\":1,"
                        + "\"coordinator\":1}");
    }

    @Test
    void aGroupIsDescribed() {
        fake.member("billing", "m1", ORDERS_0, ORDERS_1);

        assertThat(run("group", "describe", "billing")).isZero();
        assertThat(out.lines())
                .containsExactly(
                        "group billing: Stable, consumer, uniform, epoch 5, coordinator 2 (" + brokers.bootstrap(2)
                                + ")",
                        "MEMBER  CLIENT     INSTANCE      HOST  EPOCH  JOINED                PARTITIONS",
                        "m1      client-m1         -  10.0.0.7      4  1970-01-01T00:01:00Z  orders:0,1",
                        "TOPIC   PARTITION  COMMITTED  LOG-END  LAG  LAG-SECONDS  MEMBER  OWNED-SINCE",
                        "orders          0          4       10    6          5.0  m1      1970-01-01T00:02:00Z",
                        "orders          1         10       10    0          0.0  m1      1970-01-01T00:02:00Z");
        assertThat(run("group", "describe", "billing", "--output", "json")).isZero();
        assertThat(out)
                .contains("\"members\":[{\"memberId\":\"m1\",\"instanceId\":null,\"clientId\":\"client-m1\"")
                .contains("{\"topic\":\"orders\",\"partition\":0,\"committed\":4,\"logEnd\":10,\"lag\":6,"
                        + "\"lagSeconds\":5.0,\"memberId\":\"m1\",\"ownedSinceMs\":120000}");
        assertThat(run("group", "describe", "nope")).isEqualTo(1);
        assertThat(err).isEqualTo("error: UNKNOWN_GROUP: no group 'nope'\n");
    }

    @Test
    void offsetsAreReset() {
        assertThat(run("group", "reset-offsets", "billing", "--shift-by", "-5", "--dry-run"))
                .isZero();
        assertThat(out.lines())
                .containsExactly(
                        "TOPIC   PARTITION  OLD  NEW  NOTE",
                        "orders          0    4    0  raised to the log start",
                        "orders          1   10    5",
                        "nothing was changed");
        assertThat(fake.committed("billing", ORDERS_1)).isEqualTo(10);

        assertThat(run("group", "reset-offsets", "billing", "--to-offset", "12", "--topic", "orders:1"))
                .isZero();
        assertThat(out.lines()).element(1).isEqualTo("orders          1   10   10  lowered to the log end");
        assertThat(run("group", "reset-offsets", "billing", "--to-earliest")).isZero();
        assertThat(fake.committed("billing", ORDERS_0)).isZero();
        assertThat(fake.committed("billing", ORDERS_1)).isZero();
        assertThat(run("group", "reset-offsets", "billing", "--to-latest", "--topic", "orders:0,1"))
                .isZero();
        assertThat(fake.committed("billing", ORDERS_0)).isEqualTo(10);
        assertThat(run("group", "reset-offsets", "billing", "--to-timestamp", "1970-01-01T00:00:00Z", "-o", "json"))
                .isZero();
        assertThat(out)
                .isEqualTo("{\"group\":\"billing\",\"dryRun\":false,\"partitions\":["
                        + "{\"topic\":\"orders\",\"partition\":0,\"before\":10,\"after\":0,\"bound\":null},"
                        + "{\"topic\":\"orders\",\"partition\":1,\"before\":10,\"after\":0,\"bound\":null}]}\n");
    }

    /** A group may be set up before it has ever had a member. */
    @Test
    void aNewGroupStartsWhereItIsTold() {
        assertThat(run("group", "reset-offsets", "fresh", "--to-latest", "--topic", "orders"))
                .isZero();
        assertThat(fake.committed("fresh", ORDERS_1)).isEqualTo(10);
    }

    @Test
    void wrongOrRefusedResetsSaySo() {
        assertThat(run("group", "reset-offsets", "billing")).isEqualTo(2);
        assertThat(run("group", "reset-offsets", "billing", "--to-latest", "--to-earliest"))
                .isEqualTo(2);
        assertThat(run("group", "reset-offsets", "billing", "--to-offset", "x")).isEqualTo(2);
        assertThat(run("group", "reset-offsets", "billing", "--to-timestamp", "99999999999999999999"))
                .isEqualTo(2);
        assertThat(err).startsWith("error: USAGE: --to-timestamp '99999999999999999999' is neither");
        assertThat(run("group", "reset-offsets", "billing", "--to-latest", "--topic", "orders:x"))
                .isEqualTo(2);
        assertThat(run("group", "reset-offsets", "billing", "--to-latest", "--topic", "orders:7"))
                .isEqualTo(1);
        assertThat(err).isEqualTo("error: UNKNOWN_PARTITION: topic 'orders' has 2 partitions, no 7\n");
        assertThat(run("group", "reset-offsets", "billing", "--to-latest", "--topic", "nope"))
                .isEqualTo(1);
        assertThat(err).startsWith("error: UNKNOWN_TOPIC: ");
        assertThat(run("group", "reset-offsets", "fresh", "--to-latest")).isEqualTo(1);
        assertThat(err)
                .isEqualTo("error: UNKNOWN_GROUP: group fresh has committed nothing; name topics with --topic\n");
        fake.member("billing", "m", ORDERS_0);
        assertThat(run("group", "reset-offsets", "billing", "--to-latest")).isEqualTo(1);
        assertThat(err).startsWith("error: GROUP_NOT_EMPTY: ");
    }

    @Test
    void groupsAreDeleted() {
        fake.group("audit", "classic", 1);
        fake.member("audit", "m", ORDERS_0);

        assertThat(run("group", "delete", "billing")).isZero();
        assertThat(out).isEqualTo("deleted group billing\n");
        assertThat(run("group", "delete", "billing")).isEqualTo(1);
        assertThat(err).isEqualTo("error: UNKNOWN_GROUP: no group 'billing'\n");
        assertThat(run("group", "delete", "audit")).isEqualTo(1);
        assertThat(err).isEqualTo("error: GROUP_NOT_EMPTY: it has members\n");
        assertThat(run("group")).isEqualTo(2);
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
