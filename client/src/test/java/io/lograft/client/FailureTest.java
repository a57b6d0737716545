package io.lograft.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.fake.FakeCluster;
import io.lograft.client.fake.Fault;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong between client and brokers, over real connections. */
@Timeout(60)
class FailureTest {
    private static final TopicPartition PARTITION = new TopicPartition("orders", 0);
    private static final int RECORDS = 5_000;

    private FakeCluster fake;
    private Lograft cluster;

    @BeforeEach
    void connect() {
        fake = new FakeCluster(3);
        fake.createTopic("orders", 1);
        cluster = Lograft.connect(fake.bootstrap());
    }

    @AfterEach
    void close() {
        cluster.close();
        fake.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"NOT_ENOUGH_REPLICAS", "OUTCOME_UNKNOWN", "BREAK_BEFORE", "BREAK_AFTER", "MOVE_LEADER"})
    void aFaultInTheMiddleLosesDoublesAndReordersNothing(Fault fault) {
        AtomicInteger batches = new AtomicInteger();
        fake.faults(partition -> batches.incrementAndGet() % 7 == 3 ? fault : Fault.NONE);

        List<CompletableFuture<RecordMetadata>> sent = sendAll();

        assertEachIsInTheLogWhereItSays(sent);
    }

    @Test
    void randomFaultsLoseDoubleAndReorderNothing() {
        Random random = new Random(5);
        Fault[] passing = {
            Fault.NOT_ENOUGH_REPLICAS, Fault.OUTCOME_UNKNOWN, Fault.BREAK_BEFORE, Fault.BREAK_AFTER, Fault.MOVE_LEADER
        };
        fake.faults(partition -> random.nextInt(4) == 0 ? passing[random.nextInt(passing.length)] : Fault.NONE);

        assertEachIsInTheLogWhereItSays(sendAll());
    }

    @Test
    void aBatchThatIsTooLargeIsWrittenInParts() {
        AtomicInteger batches = new AtomicInteger();
        fake.faults(partition -> batches.incrementAndGet() == 5 ? Fault.RECORD_TOO_LARGE : Fault.NONE);

        assertThat(sendAll()).noneMatch(CompletableFuture::isCompletedExceptionally);
        assertThat(values()).hasSize(RECORDS).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void recordsRefusedForGoodFailAndTheRestIsWritten() {
        AtomicInteger batches = new AtomicInteger();
        fake.faults(partition -> {
            int number = batches.incrementAndGet();
            return number >= 5 && number < 60 ? Fault.RECORD_TOO_LARGE : Fault.NONE;
        });

        List<CompletableFuture<RecordMetadata>> sent = sendAll();

        List<CompletableFuture<RecordMetadata>> failed = sent.stream()
                .filter(CompletableFuture::isCompletedExceptionally)
                .toList();
        assertThat(failed).isNotEmpty().hasSizeLessThan(RECORDS / 2);
        assertThat(failed.get(0).handle((written, e) -> e.getMessage()).join()).contains("RECORD_TOO_LARGE");
        assertThat(values()).hasSize(RECORDS - failed.size()).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aBrokerThatForgotTheProducerGetsANewIdentity() {
        Producer producer = cluster.producer();
        producer.send(ProducerRecord.of("orders", "1")).join();
        fake.forgetProducers(PARTITION);

        assertThat(producer.send(ProducerRecord.of("orders", "2")).join().offset())
                .isEqualTo(1);
        assertThat(values()).containsExactly(1, 2);
    }

    @Test
    void aSilentLeaderIsLeftForTheNextOne() {
        AtomicInteger batches = new AtomicInteger();
        fake.faults(partition -> batches.incrementAndGet() == 3 ? Fault.SILENCE : Fault.NONE);
        CompletableFuture<Void> moving = CompletableFuture.runAsync(
                () -> fake.moveLeader(PARTITION, 2), CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS));

        assertEachIsInTheLogWhereItSays(sendAll());
        moving.join();
    }

    @Test
    void aBrokerThatTellsNothingDoesNotTakeThePlaceOfTheOneThatTellsTheMetadata() throws Exception {
        CompletableFuture<Void> asked = CompletableFuture.anyOf(fake.ignoreWatches(2), fake.ignoreWatches(3))
                .thenAccept(nothing -> {});
        fake.faults(partition -> fake.leader(PARTITION) == 1 ? Fault.SILENCE : Fault.NONE);
        CompletableFuture<RecordMetadata> sent = cluster.producer().send(ProducerRecord.of("orders", "1"));

        asked.get(10, TimeUnit.SECONDS);
        fake.moveLeader(PARTITION, 3);

        // Left for the others in turn, the first broker would be watched again after four seconds.
        assertThat(sent.get(3, TimeUnit.SECONDS).offset()).isZero();
    }

    @Test
    void aKilledBrokerIsLeftForTheNextLeader() {
        CompletableFuture<Void> killing = CompletableFuture.runAsync(
                () -> {
                    fake.kill(1);
                    fake.moveLeader(PARTITION, 3);
                },
                CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS));

        assertEachIsInTheLogWhereItSays(sendAll());
        killing.join();
    }

    @Test
    void brokersThatCannotBeReachedAreReachedThroughABootstrapBroker() {
        fake.hideAddresses();
        fake.moveLeader(PARTITION, 3);
        try (Lograft inside = Lograft.connect(fake.bootstrap(1))) {
            List<CompletableFuture<RecordMetadata>> sent = sendAll(inside.producer());
            assertEachIsInTheLogWhereItSays(sent);
            assertThat(fake.relayedCalls()).isPositive();
            Consumer consumer = inside.consumer();
            consumer.assign(PARTITION);
            assertThat(readAll(consumer)).hasSize(RECORDS);
        }
    }

    @Test
    void aConsumerReadsOnThroughBreaksAndMoves() {
        int polls = 0;
        sendAll();
        Consumer consumer = cluster.consumer(ConsumerOptions.builder()
                .prefetchBytes(20_000)
                .pollRecordsMax(50)
                .build());
        consumer.assign(PARTITION);
        List<Integer> read = new ArrayList<>();
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (read.size() < RECORDS && System.nanoTime() < deadlineNs) {
            consumer.poll(Duration.ofMillis(500)).forEach(record -> read.add(Integer.valueOf(record.valueText())));
            switch (++polls % 9) {
                case 3 -> fake.moveLeader(PARTITION, 1 + polls % 3);
                case 5 -> fake.breakStreams(1 + polls % 3);
                case 7 -> fake.moveLeaderQuietly(PARTITION, 1 + polls % 3);
                default -> assertThat(consumer.position(PARTITION)).isEqualTo(read.size());
            }
        }

        assertThat(read).hasSize(RECORDS).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void adminGoesToTheNextBroker() {
        fake.kill(1);
        fake.kill(2);

        assertThat(cluster.admin().listTopics()).extracting(TopicListing::name).containsExactly("orders");
    }

    @Test
    void aDeletedTopicFailsWhatWaits() {
        Producer producer = cluster.producer();
        producer.send(ProducerRecord.of("orders", "1")).join();
        fake.moveLeader(PARTITION, -1);
        CompletableFuture<RecordMetadata> waiting = producer.send(ProducerRecord.of("orders", "2"));
        fake.deleteTopic("orders");

        assertThat(waiting.handle((written, e) -> e.getMessage()).join()).contains(ErrorCode.UNKNOWN_TOPIC.name());
    }

    private List<CompletableFuture<RecordMetadata>> sendAll() {
        return sendAll(
                cluster.producer(ProducerOptions.builder().batchBytes(1_024).build()));
    }

    private static List<CompletableFuture<RecordMetadata>> sendAll(Producer producer) {
        List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            sent.add(producer.send(ProducerRecord.of("orders", Integer.toString(i))));
        }
        producer.flush();
        return sent;
    }

    private void assertEachIsInTheLogWhereItSays(List<CompletableFuture<RecordMetadata>> sent) {
        List<Integer> values = values();
        assertThat(values).hasSize(RECORDS).isSorted().doesNotHaveDuplicates();
        for (int i = 0; i < RECORDS; i++) {
            assertThat(sent.get(i).join().offset()).isEqualTo(i);
        }
    }

    private List<Integer> values() {
        return fake.records(PARTITION).stream()
                .map(record -> Integer.valueOf(new String(record.value(), StandardCharsets.UTF_8)))
                .toList();
    }

    private static List<ConsumerRecord> readAll(Consumer consumer) {
        List<ConsumerRecord> all = new ArrayList<>();
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (all.size() < RECORDS && System.nanoTime() < deadlineNs) {
            all.addAll(consumer.poll(Duration.ofMillis(500)));
        }
        return all;
    }
}
