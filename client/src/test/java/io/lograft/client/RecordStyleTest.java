package io.lograft.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.client.fake.FakeCluster;
import io.lograft.model.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Records taken one by one: by an iterator, and by a subscriber that says how many it can take. */
@Timeout(60)
class RecordStyleTest {
    private static final TopicPartition PARTITION = new TopicPartition("orders", 0);

    private FakeCluster fake;
    private Lograft cluster;
    private Consumer consumer;

    @BeforeEach
    void connect() {
        fake = new FakeCluster(1);
        fake.createTopic("orders", 1);
        cluster = Lograft.connect(fake.bootstrap());
        try (Producer producer = cluster.producer()) {
            for (int i = 0; i < 100; i++) {
                producer.send(ProducerRecord.of("orders", "value-" + i));
            }
        }
        consumer = cluster.consumer("billing").subscribe("orders");
    }

    @AfterEach
    void close() {
        cluster.close();
        fake.close();
    }

    /** Keeps what it gets, and asks for nothing by itself. */
    private static final class Keeper implements Flow.Subscriber<ConsumerRecord> {
        private final BlockingQueue<ConsumerRecord> records = new LinkedBlockingQueue<>();
        private final CompletableFuture<Void> end = new CompletableFuture<>();
        private Flow.Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
        }

        @Override
        public void onNext(ConsumerRecord record) {
            records.add(record);
        }

        @Override
        public void onError(Throwable failure) {
            end.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            end.complete(null);
        }

        private List<Long> take(int count) throws InterruptedException {
            List<Long> offsets = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                ConsumerRecord record = records.poll(10, TimeUnit.SECONDS);
                assertThat(record).as("record %d of %d", i, count).isNotNull();
                offsets.add(record.offset());
            }
            return offsets;
        }
    }

    @Test
    void anIteratorGoesOnUntilTheConsumerIsClosed() {
        List<Long> offsets = new ArrayList<>();
        for (ConsumerRecord record : consumer.records()) {
            offsets.add(record.offset());
            if (offsets.size() == 100) {
                consumer.close();
            }
        }

        assertThat(offsets).isEqualTo(offsets(0, 100));
        Iterator<ConsumerRecord> ended = consumer.records().iterator();
        assertThatThrownBy(ended::next).isInstanceOf(NoSuchElementException.class);
        assertThat(fake.groups.committed(PARTITION)).isEqualTo(100);
    }

    @Test
    void anIteratorThatWaitsEndsWhenAnotherThreadClosesTheConsumer() {
        Iterator<ConsumerRecord> iterator = consumer.records().iterator();
        for (int i = 0; i < 100; i++) {
            iterator.next();
        }
        CompletableFuture<Void> closing = CompletableFuture.runAsync(
                consumer::close, CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS));

        assertThat(iterator.hasNext()).isFalse();
        closing.join();
        assertThat(fake.groups.committed(PARTITION)).as("in time to commit").isEqualTo(100);
        assertThat(fake.groups.memberCount()).isZero();
    }

    @Test
    void aSubscriberGetsNoMoreThanItAskedForAndOnlyThatIsCommitted() throws Exception {
        Keeper keeper = new Keeper();
        consumer.publisher().subscribe(keeper);

        keeper.subscription.request(10);
        assertThat(keeper.take(10)).isEqualTo(offsets(0, 10));
        keeper.subscription.request(20);
        keeper.subscription.request(5);
        assertThat(keeper.take(25)).isEqualTo(offsets(10, 35));
        assertThat(keeper.records.poll(300, TimeUnit.MILLISECONDS)).isNull();

        keeper.subscription.cancel();
        awaitNoMember();
        assertThat(fake.groups.committed(PARTITION)).isEqualTo(35);
        assertThat(keeper.end).isNotDone();
    }

    @Test
    void aSubscriberThatAsksForNothingStaysAMemberAndGivesUpPartitions() throws Exception {
        fake.addPartitions("orders", 2);
        Keeper keeper = new Keeper();
        consumer.publisher().subscribe(keeper);
        while (fake.groups.memberCount() == 0) {
            Thread.onSpinWait();
        }
        Consumer second = cluster.consumer("billing").subscribe("orders");

        while (second.assignment().size() != 1) {
            second.poll(Duration.ofMillis(20));
        }
        assertThat(fake.groups.memberCount()).isEqualTo(2);
        assertThat(keeper.records).isEmpty();
    }

    @Test
    void closingTheConsumerCompletesTheSubscriber() throws Exception {
        Keeper keeper = new Keeper();
        consumer.publisher().subscribe(keeper);
        keeper.subscription.request(Long.MAX_VALUE);
        keeper.subscription.request(Long.MAX_VALUE);
        assertThat(keeper.take(100)).hasSize(100);

        consumer.close();

        keeper.end.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aDemandThatIsNoneIsRefused() {
        Keeper keeper = new Keeper();
        consumer.publisher().subscribe(keeper);
        keeper.subscription.request(0);

        assertThatThrownBy(() -> keeper.end.get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(IllegalArgumentException.class);
        awaitNoMember();
    }

    @Test
    void whatPollThrowsEndsTheSubscription() {
        fake.deleteRecordsBelow(PARTITION, 50);
        Consumer strict = cluster.consumer(
                ConsumerOptions.builder().offsetReset(OffsetReset.ERROR).build());
        strict.assign(PARTITION);
        Keeper keeper = new Keeper();
        strict.publisher().subscribe(keeper);
        keeper.subscription.request(1);

        assertThatThrownBy(() -> keeper.end.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(LograftException.class);
    }

    @Test
    void thereIsOneSubscriber() {
        Flow.Publisher<ConsumerRecord> publisher = consumer.publisher();
        publisher.subscribe(new Keeper());
        Keeper second = new Keeper();
        publisher.subscribe(second);

        assertThat(second.subscription).isNotNull();
        assertThatThrownBy(second.end::get).hasCauseInstanceOf(IllegalStateException.class);
    }

    private void awaitNoMember() {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (fake.groups.memberCount() > 0) {
            assertThat(System.nanoTime()).isLessThan(deadlineNs);
            Thread.onSpinWait();
        }
    }

    private static List<Long> offsets(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }
}
