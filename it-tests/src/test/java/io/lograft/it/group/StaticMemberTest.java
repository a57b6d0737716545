package io.lograft.it.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.Consumer;
import io.lograft.client.ConsumerOptions;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.GroupProtocol;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.NewTopic;
import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import io.lograft.it.ClusterProcesses;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Members with an instance id, in both protocols, against a real coordinator. */
@Tag("it")
class StaticMemberTest {
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SESSION = Duration.ofSeconds(6);
    private static final String TOPIC = "orders";
    private static final int PARTITIONS = 4;

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(1);

    @TempDir
    Path directory;

    private Lograft cluster;
    private final Set<String> read = new TreeSet<>();
    private int sent;

    @BeforeEach
    void start() throws Exception {
        brokers.start(directory);
        cluster = Lograft.connect(brokers.bootstrap());
        cluster.admin().createTopic(NewTopic.of(TOPIC).withPartitions(PARTITIONS));
    }

    @AfterEach
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private Consumer member(GroupProtocol protocol, String instanceId) {
        return cluster.consumer(
                        "billing-" + protocol,
                        ConsumerOptions.builder()
                                .groupProtocol(protocol)
                                .groupInstanceId(instanceId)
                                .sessionTimeout(SESSION)
                                .build())
                .subscribe(TOPIC);
    }

    @ParameterizedTest
    @EnumSource(GroupProtocol.class)
    void whoComesBackGetsItsPartitionsAndNobodyElseNoticesAnything(GroupProtocol protocol) {
        Consumer stays = member(protocol, "one");
        Consumer goes = member(protocol, "two");
        pollUntil(List.of(stays, goes), () -> half(stays) && half(goes));
        produce();
        pollUntil(List.of(stays, goes), () -> read.size() == sent);
        Set<TopicPartition> ofTheOneThatStays = Set.copyOf(stays.assignment());
        Set<TopicPartition> ofTheOneThatGoes = Set.copyOf(goes.assignment());

        goes.close();
        produce();
        pollFor(SESSION.dividedBy(3), stays);
        assertThat(stays.assignment()).as("while the other is away").isEqualTo(ofTheOneThatStays);
        assertThat(read).as("of the partitions that wait").hasSizeLessThan(sent);

        Consumer back = member(protocol, "two");
        pollUntil(List.of(stays, back), () -> read.size() == sent);
        assertThat(back.assignment()).isEqualTo(ofTheOneThatGoes);
        assertThat(stays.assignment()).isEqualTo(ofTheOneThatStays);
        stays.close();
        back.close();
    }

    @ParameterizedTest
    @EnumSource(GroupProtocol.class)
    void whoDoesNotComeBackLosesItsPartitionsAfterItsSession(GroupProtocol protocol) {
        Consumer stays = member(protocol, "one");
        Consumer goes = member(protocol, "two");
        pollUntil(List.of(stays, goes), () -> half(stays) && half(goes));
        goes.close();
        long closedNs = System.nanoTime();
        pollUntil(List.of(stays), () -> stays.assignment().size() == PARTITIONS);
        assertThat(System.nanoTime() - closedNs)
                .as("nanoseconds until the partitions went to the other")
                .isGreaterThan(SESSION.toNanos() / 2);
        stays.close();
    }

    @ParameterizedTest
    @EnumSource(GroupProtocol.class)
    void ofTwoWithOneInstanceIdOnlyOneReads(GroupProtocol protocol) {
        Consumer first = member(protocol, "one");
        pollUntil(List.of(first), () -> first.assignment().size() == PARTITIONS);
        Consumer second = member(protocol, "one");
        ErrorCode[] refusal = {ErrorCode.NONE};
        long deadlineNs = System.nanoTime() + LONG.toNanos();
        while (refusal[0] == ErrorCode.NONE) {
            assertThat(System.nanoTime())
                    .as("time until one of both is refused")
                    .isLessThan(deadlineNs);
            for (Consumer each : List.of(first, second)) {
                try {
                    poll(each);
                } catch (LograftException refused) {
                    refusal[0] = refused.code();
                }
            }
        }
        assertThat(refusal[0]).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        first.close();
        second.close();
    }

    private static boolean half(Consumer member) {
        return member.assignment().size() == PARTITIONS / 2;
    }

    private void produce() {
        try (Producer producer = cluster.producer()) {
            for (int i = 0; i < 10 * PARTITIONS; i++) {
                producer.send(ProducerRecord.of(TOPIC, "value-" + sent++).withPartition(i % PARTITIONS));
            }
        }
    }

    private void poll(Consumer member) {
        for (ConsumerRecord record : member.poll(POLL)) {
            assertThat(read.add(record.valueText()))
                    .as("%s is new", record.valueText())
                    .isTrue();
        }
    }

    private void pollUntil(List<Consumer> members, BooleanSupplier isDone) {
        long deadlineNs = System.nanoTime() + LONG.toNanos();
        while (!isDone.getAsBoolean()) {
            assertThat(System.nanoTime())
                    .as(
                            "time, with %s and %d records",
                            members.stream().map(Consumer::assignment).toList(), read.size())
                    .isLessThan(deadlineNs);
            members.forEach(this::poll);
        }
    }

    private void pollFor(Duration time, Consumer member) {
        long endNs = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < endNs) {
            poll(member);
        }
    }
}
