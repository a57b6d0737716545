package io.lograft.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.client.fake.FakeCluster;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The application's own partitioner and interceptor, and what a producer counts. */
@Timeout(60)
class ProducerHooksTest {
    private FakeCluster fake;
    private Lograft cluster;

    @BeforeEach
    void connect() {
        fake = new FakeCluster(1);
        cluster = Lograft.connect(fake.bootstrap());
        fake.createTopic("orders", 3);
    }

    @AfterEach
    void close() {
        cluster.close();
        fake.close();
    }

    private Producer producer(ProducerOptions.Builder options) {
        return cluster.producer(options.build());
    }

    @Test
    void thePartitionerChoosesForRecordsThatNameNoPartition() throws Exception {
        Producer producer = producer(ProducerOptions.builder()
                .partitioner((record, count) -> record.key() == null ? ProducerRecord.ANY_PARTITION : count - 1));
        assertThat(producer.send(ProducerRecord.of("orders", "any key", "v"))
                        .get(20, TimeUnit.SECONDS)
                        .partition())
                .isEqualTo(2);
        assertThat(producer.send(ProducerRecord.of("orders", "any key", "v").withPartition(1))
                        .get(20, TimeUnit.SECONDS)
                        .partition())
                .isEqualTo(1);
        assertThat(producer.send(ProducerRecord.of("orders", "v")).get(20, TimeUnit.SECONDS))
                .isNotNull();
    }

    @Test
    void aPartitionThatDoesNotExistFailsTheRecordAndAnExceptionComesOutOfSend() {
        Producer far = producer(ProducerOptions.builder().partitioner((record, count) -> count));
        assertThat(far.send(ProducerRecord.of("orders", "v")))
                .failsWithin(java.time.Duration.ofSeconds(20))
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(
                        LograftException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_PARTITION));
        Producer broken = producer(ProducerOptions.builder().partitioner((record, count) -> {
            throw new IllegalStateException("no region");
        }));
        assertThatThrownBy(() -> broken.send(ProducerRecord.of("orders", "v"))).hasMessage("no region");
        assertThat(broken.stats()).isEqualTo(new Producer.Stats(1, 0, 1));
    }

    @Test
    void theInterceptorMaySendAnotherRecordInPlaceOfTheOneGiven() throws Exception {
        Producer producer = producer(ProducerOptions.builder()
                .interceptor(record -> record.withHeader("trace", "7".getBytes(StandardCharsets.US_ASCII))));
        producer.send(ProducerRecord.of("orders", "v").withPartition(0)).get(20, TimeUnit.SECONDS);
        assertThat(fake.records(new TopicPartition("orders", 0)))
                .singleElement()
                .satisfies(record -> assertThat(record.headers().get(0).key()).isEqualTo("trace"));
    }

    @Test
    void everyRecordIsCountedOnceWithWhatBecameOfIt() throws Exception {
        Producer producer = producer(ProducerOptions.builder());
        for (int i = 0; i < 10; i++) {
            producer.send(ProducerRecord.of("orders", "v" + i));
        }
        producer.send(ProducerRecord.of("orders", "v").withPartition(7), (written, failure) -> {});
        producer.flush();
        assertThat(producer.stats()).isEqualTo(new Producer.Stats(11, 10, 1));
        assertThat(producer.stats().waiting()).isZero();
    }
}
