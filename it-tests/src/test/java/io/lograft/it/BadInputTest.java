package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.lograft.client.Consumer;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.Lograft;
import io.lograft.client.NewTopic;
import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import io.lograft.client.RecordMetadata;
import io.lograft.model.TopicPartition;
import io.lograft.wire.WireBytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Everything that people and programs may get wrong: each is refused with the right code, and the broker goes on. */
@Tag("it")
class BadInputTest {
    private static final String TOPIC = "orders";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(1);

    @TempDir
    Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();

    @TestFactory
    Stream<DynamicTest> isRefusedAndHarmsNobody() throws Exception {
        brokers.start(directory, "min.insync.replicas=1", "default.replication.factor=1");
        Lograft cluster = Lograft.connect(brokers.bootstrap());
        open.add(cluster);
        RawCalls calls = new RawCalls(brokers.address(1));
        open.add(calls);
        cluster.admin().createTopic(NewTopic.of(TOPIC).withPartitions(1));
        ByteString topic =
                WireBytes.topicId(cluster.admin().describeTopic(TOPIC).id());
        Producer producer = cluster.producer();
        Consumer consumer = cluster.consumer();
        consumer.assign(PARTITION);
        List<BadCase> cases = new ArrayList<>();
        cases.addAll(BadProduceCases.all(calls, topic));
        cases.addAll(BadQueryCases.all(calls, topic, brokers.grpcPort(1)));
        cases.addAll(BadGroupCases.all(calls, topic));
        cases.addAll(BadCommandCases.all(cluster, TOPIC, directory));
        assertThat(cases).hasSizeGreaterThanOrEqualTo(40);
        return cases.stream()
                .map(bad -> DynamicTest.dynamicTest(bad.name(), () -> {
                    bad.attempt().execute();
                    assertWorks(producer, consumer, bad.name());
                }));
    }

    /** A record goes in and comes out. */
    private void assertWorks(Producer producer, Consumer consumer, String text) throws Exception {
        RecordMetadata written = producer.send(ProducerRecord.of(TOPIC, text)).get(30, TimeUnit.SECONDS);
        consumer.seek(PARTITION, written.offset());
        List<ConsumerRecord> read = new ArrayList<>();
        Eventually.holds(
                Duration.ofSeconds(30),
                "the record can be read",
                () -> read.addAll(consumer.poll(Duration.ofSeconds(1))));
        assertThat(read.get(0).valueText()).isEqualTo(text);
        assertThat(read.get(0).offset()).isEqualTo(written.offset());
        assertThat(brokers.isAlive(1)).isTrue();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : open) {
            resource.close();
        }
    }
}
