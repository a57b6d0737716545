package io.lograft.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.client.fake.FakeCluster;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.record.Compression;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProduceConsumeTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private FakeCluster fake;
    private Lograft cluster;

    @BeforeEach
    void connect() {
        fake = new FakeCluster(3);
        cluster = Lograft.connect(fake.bootstrap());
    }

    @AfterEach
    void close() {
        cluster.close();
        fake.close();
    }

    @Test
    void whatIsProducedIsConsumedInOrder() {
        fake.createTopic("orders", 3);
        Producer producer = cluster.producer();
        List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            sent.add(producer.send(ProducerRecord.of("orders", "key-" + i % 10, "value-" + i)));
        }
        producer.flush();

        assertThat(sent).allMatch(CompletableFuture::isDone).noneMatch(CompletableFuture::isCompletedExceptionally);
        assertThat(sent.get(0).join().replicasFlushed()).isEqualTo(2);
        List<ConsumerRecord> read = readAll("orders", 10_000);
        assertThat(read).hasSize(10_000);
        for (int key = 0; key < 10; key++) {
            String name = "key-" + key;
            List<String> values = read.stream()
                    .filter(r -> r.keyText().equals(name))
                    .map(ConsumerRecord::valueText)
                    .toList();
            for (int i = 0; i < values.size(); i++) {
                assertThat(values.get(i)).isEqualTo("value-" + (i * 10 + key));
            }
        }
    }

    @Test
    void offsetsInTheAnswersAreTheRecordsOwn() throws Exception {
        fake.createTopic("orders", 1);
        Producer producer = cluster.producer();

        for (int i = 0; i < 5; i++) {
            RecordMetadata written =
                    producer.send(ProducerRecord.of("orders", "v" + i)).get(5, TimeUnit.SECONDS);
            assertThat(written.offset()).isEqualTo(i);
            assertThat(written).hasToString("orders-0@" + i);
        }
    }

    @Test
    void everyCodecMakesTheRoundTrip() {
        for (Compression codec : Compression.values()) {
            String topic = "with-" + codec.label();
            fake.createTopic(topic, 1);
            Producer producer = cluster.producer(
                    ProducerOptions.builder().compression(codec).build());
            for (int i = 0; i < 1_000; i++) {
                producer.send(ProducerRecord.of(topic, "k", "the same value again and again " + i)
                        .withHeader("h", new byte[] {1}));
            }
            producer.close();
            List<ConsumerRecord> read = readAll(topic, 1_000);
            assertThat(read.get(999).valueText()).isEqualTo("the same value again and again 999");
            assertThat(read.get(0).headers().get(0).key()).isEqualTo("h");
        }
    }

    @Test
    void keylessRecordsAreSpreadAndNoneIsLost() {
        fake.createTopic("spread", 4);
        Producer producer =
                cluster.producer(ProducerOptions.builder().batchBytes(2_048).build());
        for (int i = 0; i < 4_000; i++) {
            producer.send(ProducerRecord.of("spread", "value-" + i));
        }
        producer.flush();

        for (int p = 0; p < 4; p++) {
            assertThat(fake.records(new TopicPartition("spread", p)).size()).isBetween(400, 2_000);
        }
    }

    @Test
    void unknownTopicAndPartitionAndLargeRecordsAreRefused() {
        fake.createTopic("orders", 2);
        Producer producer = cluster.producer(
                ProducerOptions.builder().blockTimeout(Duration.ofMillis(300)).build());

        assertFails(producer.send(ProducerRecord.of("no-such", "v")), ErrorCode.UNKNOWN_TOPIC);
        assertFails(producer.send(ProducerRecord.of("orders", "v").withPartition(2)), ErrorCode.UNKNOWN_PARTITION);
        assertFails(producer.send(ProducerRecord.of("orders", new byte[9 << 20])), ErrorCode.RECORD_TOO_LARGE);
        producer.close();
        assertFails(producer.send(ProducerRecord.of("orders", "v")), ErrorCode.UNAVAILABLE);
    }

    @Test
    void aTopicThatAppearsWhileSendingWaitsIsFound() throws Exception {
        Producer producer = cluster.producer();
        CompletableFuture<RecordMetadata> sent = CompletableFuture.supplyAsync(
                () -> producer.send(ProducerRecord.of("late", "v")).join());
        cluster.admin().createTopic(NewTopic.of("late").withPartitions(1));

        assertThat(sent.get(10, TimeUnit.SECONDS).offset()).isZero();
    }

    @Test
    void acksNoneIsDoneWhenSent() throws Exception {
        fake.createTopic("orders", 1);
        Producer producer =
                cluster.producer(ProducerOptions.builder().acks(Acks.NONE).build());

        RecordMetadata written = producer.send(ProducerRecord.of("orders", "v")).get(5, TimeUnit.SECONDS);

        assertThat(written.offset()).isEqualTo(-1);
        assertThat(readAll("orders", 1)).hasSize(1);
    }

    @Test
    void callbackIsToldTheSame() {
        fake.createTopic("orders", 1);
        List<String> told = new ArrayList<>();
        Producer producer = cluster.producer();

        producer.send(ProducerRecord.of("orders", "v"), (written, failure) -> told.add(written + " " + failure));
        producer.flush();

        assertThat(told).containsExactly("orders-0@0 null");
    }

    @Test
    void aFullBufferFailsWhereWaitingIsNotAllowed() {
        fake.createTopic("orders", 1);
        fake.moveLeader(new TopicPartition("orders", 0), -1);
        Producer producer = cluster.producer(ProducerOptions.builder()
                .batchBytes(1 << 16)
                .bufferBytes(1 << 16)
                .blockTimeout(Duration.ofMillis(200))
                .build());
        List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            sent.add(producer.send(ProducerRecord.of("orders", new byte[10_000])));
            if (sent.get(i).isCompletedExceptionally()) {
                break;
            }
        }
        assertFails(sent.get(sent.size() - 1), ErrorCode.BUSY);

        fake.moveLeader(new TopicPartition("orders", 0), 2);
        producer.flush();

        assertThat(sent.subList(0, sent.size() - 1)).noneMatch(CompletableFuture::isCompletedExceptionally);
    }

    @Test
    void seekPositionAndOffsets() {
        fake.createTopic("orders", 1);
        TopicPartition partition = new TopicPartition("orders", 0);
        Producer producer = cluster.producer();
        for (int i = 0; i < 100; i++) {
            producer.send(ProducerRecord.of("orders", "v" + i).withTimestamp(1_000 + i));
        }
        producer.flush();
        Consumer consumer = cluster.consumer();
        consumer.assign(partition);

        assertThat(consumer.endOffsets(List.of(partition))).containsEntry(partition, 100L);
        assertThat(consumer.beginningOffsets(List.of(partition))).containsEntry(partition, 0L);
        assertThat(consumer.offsetsForTimes(java.util.Map.of(partition, 1_050L))
                        .get(partition)
                        .offset())
                .isEqualTo(50);
        assertThat(cluster.admin().maxTimestampOffsets(List.of(partition)))
                .containsEntry(partition, new OffsetAndTimestamp(99, 1_099));
        consumer.seek(partition, 42);
        assertThat(pollSome(consumer).get(0).offset()).isEqualTo(42);
        consumer.seekToEnd();
        assertThat(consumer.position(partition)).isEqualTo(100);
        assertThat(consumer.poll(Duration.ofMillis(50))).isEmpty();
        consumer.seekToBeginning(partition);
        assertThat(pollSome(consumer).get(0).offset()).isZero();
    }

    @Test
    void outOfRangeIsResetOrReported() {
        fake.createTopic("orders", 1);
        TopicPartition partition = new TopicPartition("orders", 0);
        Producer producer = cluster.producer();
        for (int i = 0; i < 100; i++) {
            producer.send(ProducerRecord.of("orders", "v" + i));
            producer.flush();
        }
        fake.deleteRecordsBelow(partition, 30);
        Consumer resetting = cluster.consumer();
        resetting.assign(partition);
        resetting.seek(partition, 5);
        assertThat(pollSome(resetting).get(0).offset()).isEqualTo(30);

        Consumer strict = cluster.consumer(
                ConsumerOptions.builder().offsetReset(OffsetReset.ERROR).build());
        strict.assign(partition);
        assertThatThrownBy(() -> strict.poll(SECOND)).hasMessageContaining("OFFSET_OUT_OF_RANGE");
        strict.seek(partition, 5);
        assertThatThrownBy(() -> strict.poll(SECOND)).hasMessageContaining("OFFSET_OUT_OF_RANGE");
        strict.seek(partition, 30);
        assertThat(pollSome(strict).get(0).offset()).isEqualTo(30);
    }

    @Test
    void prefetchStaysWithinItsBoundAndStillReadsEverything() {
        fake.createTopic("big", 2);
        Producer producer = cluster.producer();
        for (int i = 0; i < 500; i++) {
            producer.send(ProducerRecord.of("big", new byte[10_000]));
        }
        producer.flush();
        Consumer consumer = cluster.consumer(ConsumerOptions.builder()
                .prefetchBytes(300_000)
                .pollRecordsMax(7)
                .build());
        consumer.assign(consumer.partitionsOf("big"));

        assertThat(readAll(consumer, 500)).hasSize(500);
    }

    @Test
    void wakeupEndsAPoll() {
        fake.createTopic("orders", 1);
        Consumer consumer = cluster.consumer();
        consumer.assign(consumer.partitionsOf("orders"));
        consumer.wakeup();

        assertThat(consumer.poll(Duration.ofSeconds(30))).isEmpty();
    }

    @Test
    void aPartitionThatIsAssignedAgainStartsAnew() {
        fake.createTopic("orders", 1);
        Producer producer = cluster.producer();
        for (int i = 0; i < 1_000; i++) {
            producer.send(ProducerRecord.of("orders", "v" + i));
        }
        producer.flush();
        Consumer consumer =
                cluster.consumer(ConsumerOptions.builder().pollRecordsMax(10).build());
        consumer.assign(consumer.partitionsOf("orders"));
        readAll(consumer, 10);

        consumer.assign();
        consumer.assign(consumer.partitionsOf("orders"));

        List<ConsumerRecord> read = readAll(consumer, 1_000);
        for (int i = 0; i < 1_000; i++) {
            assertThat(read.get(i).offset()).isEqualTo(i);
        }
    }

    @Test
    void pausedPartitionsAreNotRead() {
        fake.createTopic("orders", 2);
        Producer producer = cluster.producer();
        for (int p = 0; p < 2; p++) {
            producer.send(ProducerRecord.of("orders", "v").withPartition(p));
        }
        producer.flush();
        TopicPartition first = new TopicPartition("orders", 0);
        Consumer consumer = cluster.consumer();
        consumer.assign(consumer.partitionsOf("orders"));
        consumer.pause(List.of(first));

        assertThat(pollSome(consumer)).extracting(ConsumerRecord::partition).containsExactly(1);
        assertThat(consumer.poll(Duration.ofMillis(100))).isEmpty();
        consumer.resume(List.of(first));
        assertThat(pollSome(consumer)).extracting(ConsumerRecord::partition).containsExactly(0);
    }

    private List<ConsumerRecord> readAll(String topic, int count) {
        try (Consumer consumer = cluster.consumer()) {
            consumer.assign(consumer.partitionsOf(topic));
            return readAll(consumer, count);
        }
    }

    private static List<ConsumerRecord> readAll(Consumer consumer, int count) {
        List<ConsumerRecord> all = new ArrayList<>();
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (all.size() < count && System.nanoTime() < deadlineNs) {
            all.addAll(consumer.poll(SECOND));
        }
        return all;
    }

    private static List<ConsumerRecord> pollSome(Consumer consumer) {
        return readAll(consumer, 1);
    }

    private static void assertFails(CompletableFuture<?> future, ErrorCode code) {
        assertThatThrownBy(() -> future.get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(LograftException.class)
                .hasMessageContaining(code.name());
    }
}
