package io.lograft.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.client.fake.FakeCluster;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.CommitOffsetsRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Consumers of a group, over real connections to brokers in this process. */
@Timeout(60)
class ConsumerGroupTest {
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final ConsumerOptions MANUAL =
            ConsumerOptions.builder().autoCommit(Duration.ZERO).build();
    private static final TopicPartition FIRST = new TopicPartition("orders", 0);

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

    /** Writes down what it is told. */
    private static final class Diary implements RebalanceListener {
        private final List<String> entries = new ArrayList<>();

        @Override
        public void onAssigned(Set<TopicPartition> partitions) {
            entries.add("+" + partitions);
        }

        @Override
        public void onRevoked(Set<TopicPartition> partitions) {
            entries.add("-" + partitions);
        }

        @Override
        public void onLost(Set<TopicPartition> partitions) {
            entries.add("lost " + partitions);
        }
    }

    @Test
    void aLoneMemberReadsAllPartitionsFromTheBeginning() {
        fake.createTopic("orders", 3);
        produce("orders", 3, 100);

        Consumer consumer = cluster.consumer("billing").subscribe("orders");

        assertThat(readAll(consumer, 300)).hasSize(300);
        assertThat(consumer.assignment()).hasSize(3);
        assertThat(consumer.lag(FIRST)).hasValue(0);
    }

    @Test
    void twoMembersShareThePartitionsAndOneThatStaysIsNeverTakenAway() {
        fake.createTopic("orders", 4);
        Diary diary = new Diary();
        Consumer first = cluster.consumer("billing").subscribe(List.of("orders"), diary);
        pollUntil(() -> first.assignment().size() == 4, first);

        Consumer second = cluster.consumer("billing").subscribe("orders");
        pollUntil(() -> first.assignment().size() == 2 && second.assignment().size() == 2, first, second);

        Set<TopicPartition> both = new HashSet<>(first.assignment());
        both.addAll(second.assignment());
        assertThat(both).hasSize(4);
        assertThat(diary.entries).containsExactly("+[orders-0, orders-1, orders-2, orders-3]", "-[orders-1, orders-3]");
        second.close();
        pollUntil(() -> first.assignment().size() == 4, first);
        assertThat(diary.entries).last().isEqualTo("+[orders-1, orders-3]");
    }

    @Test
    void aPartitionIsNotReadTwiceAtATimeWhileItMoves() {
        fake.createTopic("orders", 6);
        List<Consumer> consumers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            consumers.add(cluster.consumer("billing").subscribe("orders"));
            for (int round = 0; round < 40; round++) {
                consumers.forEach(consumer -> consumer.poll(Duration.ofMillis(2)));
                assertThat(consumers.stream().flatMap(c -> c.assignment().stream()))
                        .doesNotHaveDuplicates();
                assertThat(fake.groups.owned()).doesNotHaveDuplicates();
            }
        }
        pollUntil(
                () -> consumers.stream().allMatch(c -> !c.assignment().isEmpty()), consumers.toArray(Consumer[]::new));
    }

    @Test
    void whatWasCommittedIsWhereTheNextMemberStarts() {
        fake.createTopic("orders", 1);
        produce("orders", 1, 10);
        Consumer first = cluster.consumer("billing", MANUAL).subscribe("orders");
        readAll(first, 10);
        first.commit(Map.of(FIRST, new OffsetAndMetadata(4, -1, "half")));
        first.close();

        Consumer second = cluster.consumer("billing", MANUAL).subscribe("orders");
        List<ConsumerRecord> read = readAll(second, 6);

        assertThat(read).extracting(ConsumerRecord::offset).containsExactly(4L, 5L, 6L, 7L, 8L, 9L);
        assertThat(second.committed(Set.of(FIRST)))
                .containsExactly(Map.entry(FIRST, new OffsetAndMetadata(4, -1, "half")));
        second.commit();
        assertThat(fake.groups.committed(FIRST)).isEqualTo(10);
    }

    @Test
    void aMemberThatGoesOnAtACommitTellsTheEpochOfTheLastRecordReadBefore() {
        fake.createTopic("orders", 1);
        produce("orders", 1, 4);
        fake.moveLeader(FIRST, 2);
        produce("orders", 1, 2);
        Consumer first = cluster.consumer("billing", MANUAL).subscribe("orders");
        readAll(first, 6);
        first.commit();
        first.close();
        int epoch = fake.leaderEpoch(FIRST);
        fake.lastReadEpochs.clear();

        Consumer second = cluster.consumer("billing", MANUAL).subscribe("orders");
        produce("orders", 1, 1);
        readAll(second, 1);

        assertThat(epoch).isPositive();
        assertThat(fake.lastReadEpochs).containsOnly(epoch);
    }

    @Test
    void whatWasLookedUpWasReadByNobody() {
        fake.createTopic("orders", 1);
        produce("orders", 1, 4);
        Consumer consumer = cluster.consumer("billing", MANUAL);
        consumer.assign(FIRST);
        readAll(consumer, 4);
        fake.deleteRecordsBelow(FIRST, 3);
        fake.lastReadEpochs.clear();

        consumer.seek(FIRST, 0);
        readAll(consumer, 1);

        assertThat(fake.lastReadEpochs).containsOnly(-1);
    }

    @Test
    void closingCommitsAndLeaves() {
        fake.createTopic("orders", 1);
        produce("orders", 1, 10);
        Diary diary = new Diary();
        Consumer consumer = cluster.consumer("billing").subscribe(List.of("orders"), diary);
        readAll(consumer, 10);

        consumer.close();

        assertThat(fake.groups.committed(FIRST)).isEqualTo(10);
        assertThat(fake.groups.memberCount()).isZero();
        assertThat(diary.entries).containsExactly("+[orders-0]", "-[orders-0]");
        assertThatThrownBy(() -> consumer.poll(SHORT)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void withoutAutoCommitClosingCommitsNothing() {
        fake.createTopic("orders", 1);
        produce("orders", 1, 10);
        Consumer consumer = cluster.consumer("billing", MANUAL).subscribe("orders");
        readAll(consumer, 10);

        consumer.close();

        assertThat(fake.groups.commits()).isEmpty();
    }

    @Test
    void positionsAreCommittedByThemselvesAlsoWhileAPollWaits() {
        fake.createTopic("orders", 1);
        produce("orders", 1, 10);
        Consumer consumer = cluster.consumer(
                        "billing",
                        ConsumerOptions.builder()
                                .autoCommit(Duration.ofMillis(200))
                                .build())
                .subscribe("orders");
        readAll(consumer, 10);

        consumer.poll(Duration.ofMillis(800));

        assertThat(fake.groups.committed(FIRST)).isEqualTo(10);
        assertThat(fake.groups.commits()).as("what is unchanged is left out").hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void aRevokedPartitionIsCommittedBeforeAnotherGetsIt() {
        fake.createTopic("orders", 2);
        produce("orders", 2, 10);
        Consumer first = cluster.consumer("billing").subscribe("orders");
        readAll(first, 20);

        Consumer second = cluster.consumer("billing").subscribe("orders");
        List<ConsumerRecord> again = new ArrayList<>();
        pollUntil(
                () -> {
                    again.addAll(second.poll(SHORT));
                    return second.assignment().size() == 1;
                },
                first);
        again.addAll(second.poll(Duration.ofMillis(200)));

        assertThat(again).isEmpty();
    }

    @Test
    void aListenerMayCommitAndSeek() {
        fake.createTopic("orders", 2);
        produce("orders", 2, 10);
        Consumer[] consumer = new Consumer[1];
        Map<TopicPartition, Long> positions = new HashMap<>();
        RebalanceListener listener = new RebalanceListener() {
            @Override
            public void onAssigned(Set<TopicPartition> partitions) {
                partitions.forEach(partition -> consumer[0].seek(partition, 7));
            }

            @Override
            public void onRevoked(Set<TopicPartition> partitions) {
                partitions.forEach(partition -> positions.put(partition, consumer[0].position(partition)));
                consumer[0].commit();
            }
        };
        consumer[0] = cluster.consumer("billing", MANUAL);
        consumer[0].subscribe(List.of("orders"), listener);

        assertThat(readAll(consumer[0], 6)).allMatch(record -> record.offset() >= 7);
        Consumer second = cluster.consumer("billing", MANUAL).subscribe("orders");
        pollUntil(() -> second.assignment().size() == 1, consumer[0], second);

        assertThat(positions).containsOnly(Map.entry(new TopicPartition("orders", 1), 10L));
        assertThat(second.position(new TopicPartition("orders", 1))).isEqualTo(10);
    }

    @Test
    void whatAListenerThrowsComesOutOfPollAndThePartitionIsGivenUpAllTheSame() {
        fake.createTopic("orders", 2);
        Consumer first = cluster.consumer("billing").subscribe(List.of("orders"), new RebalanceListener() {
            @Override
            public void onRevoked(Set<TopicPartition> partitions) {
                throw new IllegalStateException("not now");
            }
        });
        pollUntil(() -> first.assignment().size() == 2, first);
        Consumer second = cluster.consumer("billing").subscribe("orders");

        assertThatThrownBy(() -> pollUntil(() -> false, first)).hasMessage("not now");

        pollUntil(() -> second.assignment().size() == 1, first, second);
        second.close();
        assertThatThrownBy(first::close).hasMessage("not now");
        assertThat(fake.groups.memberCount()).isZero();
    }

    @Test
    void aListenerMayCloseTheConsumerThatTellsItWhatGoes() {
        fake.createTopic("orders", 2);
        produce("orders", 2, 5);
        List<String> told = new ArrayList<>();
        Consumer consumer = cluster.consumer("billing");
        consumer.subscribe(List.of("orders"), new RebalanceListener() {
            @Override
            public void onRevoked(Set<TopicPartition> partitions) {
                told.add("-" + partitions);
                consumer.close();
            }
        });
        readAll(consumer, 10);

        consumer.unsubscribe();

        assertThat(told).containsExactly("-[orders-0, orders-1]");
        assertThat(fake.groups.committed(FIRST)).isEqualTo(5);
        assertThat(fake.groups.memberCount()).isZero();
        assertThatThrownBy(() -> consumer.poll(SHORT)).isInstanceOf(IllegalStateException.class);
    }

    /** The steps before the end throw; what it has goes all the same. */
    @Test
    void unsubscribingGivesAllUpThoughAListenerThrowsBefore() {
        fake.createTopic("orders", 1);
        fake.createTopic("returns", 1);
        Diary diary = new Diary();
        RebalanceListener listener = new RebalanceListener() {
            @Override
            public void onAssigned(Set<TopicPartition> partitions) {
                throw new IllegalStateException("not ready");
            }

            @Override
            public void onRevoked(Set<TopicPartition> partitions) {
                diary.onRevoked(partitions);
            }
        };
        Consumer consumer = cluster.consumer("billing").subscribe(List.of("orders"), listener);
        assertThatThrownBy(() -> pollUntil(() -> false, consumer)).hasMessage("not ready");
        consumer.subscribe(List.of("orders", "returns"), listener);
        await(() -> fake.groups.owned().size() == 2);
        // Behind the question where the new partition begins, so that it is the next step.
        consumer.committed(Set.of(FIRST));

        assertThatThrownBy(consumer::unsubscribe).hasMessage("not ready");

        assertThat(diary.entries).containsExactly("-[orders-0, returns-0]");
        assertThat(consumer.assignment()).isEmpty();
        assertThat(consumer.subscribe("orders").assignment()).isEmpty();
    }

    @Test
    void aCallbackOnTheClientsOwnThreadMayCloseTheConsumer() throws Exception {
        fake.createTopic("orders", 1);
        produce("orders", 1, 10);
        Consumer consumer = cluster.consumer("billing").subscribe("orders");
        readAll(consumer, 10);
        CompletableFuture<Void> closed;
        FakeCluster brokers = fake;
        // So that the commit is not answered before the callback is there.
        synchronized (brokers) {
            closed =
                    consumer.commitAsync(Map.of(FIRST, OffsetAndMetadata.of(3))).thenRun(consumer::close);
        }

        closed.get(10, TimeUnit.SECONDS);

        await(() -> fake.groups.committed(FIRST) == 10 && fake.groups.memberCount() == 0);
    }

    @Test
    void whoWaitsForTheGroupsOffsetsIsToldThatItIsClosed() throws Exception {
        fake.createTopic("orders", 1);
        fake.groups.refuseToFetch(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        Consumer consumer = cluster.consumer("billing");
        CompletableFuture<Map<TopicPartition, OffsetAndMetadata>> asked =
                CompletableFuture.supplyAsync(() -> consumer.committed(Set.of(FIRST)));
        await(() -> fake.groups.fetchCount() >= 8); // The pauses between two tries are long by now.

        cluster.close();

        assertThatThrownBy(() -> asked.get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        LograftException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    }

    @Test
    void anApplicationThatNeverPollsIsNoMemberForLong() {
        fake.createTopic("orders", 1);
        Consumer consumer = cluster.consumer(
                        "billing",
                        ConsumerOptions.builder()
                                .maxPollInterval(Duration.ofMillis(1_500))
                                .build())
                .subscribe("orders");
        await(() -> fake.groups.memberCount() == 1);
        await(() -> fake.groups.memberCount() == 0);
        pollUntil(() -> !consumer.assignment().isEmpty(), consumer);
    }

    @Test
    void wakingUpOftenMakesOnePollReturn() {
        fake.createTopic("orders", 1);
        Consumer consumer = cluster.consumer("billing").subscribe("orders");
        pollUntil(() -> !consumer.assignment().isEmpty(), consumer);
        for (int i = 0; i < 100; i++) {
            consumer.wakeup();
        }
        assertThat(consumer.poll(Duration.ofSeconds(20))).isEmpty();
        produce("orders", 1, 1);
        assertThat(consumer.poll(Duration.ofSeconds(20))).hasSize(1);
        consumer.wakeup();
        assertThat(consumer.poll(Duration.ofSeconds(20))).isEmpty();
    }

    @Test
    void aMemberThatWasThrownOutLosesAllAndComesBack() {
        fake.createTopic("orders", 2);
        produce("orders", 2, 10);
        Diary diary = new Diary();
        Consumer consumer = cluster.consumer("billing", MANUAL).subscribe(List.of("orders"), diary);
        readAll(consumer, 20);
        consumer.commit(Map.of(FIRST, OffsetAndMetadata.of(10)));

        fake.groups.expelAll();
        List<ConsumerRecord> again = readAll(consumer, 10);

        assertThat(diary.entries)
                .containsExactly("+[orders-0, orders-1]", "lost [orders-0, orders-1]", "+[orders-0, orders-1]");
        assertThat(again).hasSize(10).allMatch(record -> record.partition() == 1);
    }

    @Test
    void theCoordinatorIsFollowed() {
        fake.createTopic("orders", 2);
        Diary diary = new Diary();
        Consumer consumer = cluster.consumer("billing").subscribe(List.of("orders"), diary);
        pollUntil(() -> consumer.assignment().size() == 2, consumer);

        for (int broker = 2; broker <= 3; broker++) {
            fake.groups.moveCoordinator(broker);
            consumer.commit(Map.of(FIRST, OffsetAndMetadata.of(broker)));
            assertThat(fake.groups.committed(FIRST)).isEqualTo(broker);
        }

        int before = fake.groups.heartbeatCount();
        pollUntil(() -> fake.groups.heartbeatCount() > before + 1, consumer);
        assertThat(diary.entries).containsExactly("+[orders-0, orders-1]");
    }

    @Test
    void aCommitWhoseAnswerWasLostIsSentAgain() {
        fake.createTopic("orders", 1);
        Consumer consumer = cluster.consumer("billing").subscribe("orders");
        pollUntil(() -> !consumer.assignment().isEmpty(), consumer);
        fake.groups.loseNextCommitAnswer();

        consumer.commit(Map.of(FIRST, OffsetAndMetadata.of(5)));

        assertThat(fake.groups.commits()).hasSize(2);
        assertThat(fake.groups.committed(FIRST)).isEqualTo(5);
    }

    @Test
    void commitsArriveInTheOrderInWhichTheyWereMade() {
        fake.createTopic("orders", 1);
        Consumer consumer = cluster.consumer("billing").subscribe("orders");
        pollUntil(() -> !consumer.assignment().isEmpty(), consumer);
        fake.groups.loseNextCommitAnswer();
        List<CompletableFuture<Void>> done = new ArrayList<>();

        for (int i = 1; i <= 100; i++) {
            done.add(consumer.commitAsync(Map.of(FIRST, OffsetAndMetadata.of(i))));
        }
        done.forEach(CompletableFuture::join);

        List<Long> offsets = fake.groups.commits().stream()
                .map(request -> request.getOffsets(0).getOffset())
                .toList();
        assertThat(offsets).isSorted().last().isEqualTo(100L);
    }

    @Test
    void aCommitThatIsRefusedSaysWhy() throws Exception {
        fake.createTopic("orders", 1);
        Consumer consumer = cluster.consumer("billing").subscribe("orders");
        pollUntil(() -> !consumer.assignment().isEmpty(), consumer);

        fake.groups.refuseNextCommit(ErrorCode.UNKNOWN_MEMBER);
        assertThatThrownBy(() -> consumer.commit(Map.of(FIRST, OffsetAndMetadata.of(1))))
                .isInstanceOfSatisfying(
                        LograftException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_MEMBER));
        fake.groups.refuseNextCommit(ErrorCode.UNKNOWN_MEMBER);
        assertThatThrownBy(() -> consumer.commitAsync(Map.of(FIRST, OffsetAndMetadata.of(1)))
                        .get(5, TimeUnit.SECONDS))
                .hasCauseInstanceOf(LograftException.class);
        assertThatThrownBy(() -> consumer.commit(Map.of(new TopicPartition("orders", 9), OffsetAndMetadata.of(1))))
                .hasMessageContaining("UNKNOWN_PARTITION");
    }

    @Test
    void aCommitThatMeetsANewEpochIsSentWithIt() {
        fake.createTopic("orders", 1);
        Consumer consumer = cluster.consumer("billing").subscribe("orders");
        pollUntil(() -> !consumer.assignment().isEmpty(), consumer);
        fake.groups.refuseNextCommit(ErrorCode.ILLEGAL_GENERATION);

        consumer.commit(Map.of(FIRST, OffsetAndMetadata.of(3)));

        assertThat(fake.groups.committed(FIRST)).isEqualTo(3);
    }

    @Test
    void beforeItIsAMemberNothingCanBeCommitted() {
        fake.createTopic("orders", 1);
        fake.groups.refuseToJoin(ErrorCode.BUSY);
        Consumer consumer = cluster.consumer("billing").subscribe("orders");

        assertThatThrownBy(() -> consumer.commit(Map.of(FIRST, OffsetAndMetadata.of(1))))
                .hasMessageContaining("no member of group 'billing'");
    }

    @Test
    void aSlowApplicationStaysAMemberUntilThePollIntervalIsOver() {
        fake.createTopic("orders", 1);
        Diary diary = new Diary();
        Consumer consumer = cluster.consumer(
                        "billing",
                        ConsumerOptions.builder()
                                .maxPollInterval(Duration.ofMillis(1_500))
                                .build())
                .subscribe(List.of("orders"), diary);
        pollUntil(() -> !consumer.assignment().isEmpty(), consumer);

        int before = fake.groups.heartbeatCount();
        await(() -> fake.groups.heartbeatCount() >= before + 2);
        assertThat(fake.groups.memberCount()).isEqualTo(1);
        await(() -> fake.groups.memberCount() == 0);
        pollUntil(() -> diary.entries.size() == 3, consumer);

        assertThat(diary.entries).containsExactly("+[orders-0]", "lost [orders-0]", "+[orders-0]");
    }

    @Test
    void aPatternFindsTopicsThatComeLater() {
        fake.createTopic("orders-a", 1);
        fake.createTopic("bills", 1);
        Consumer consumer = cluster.consumer("billing").subscribe(Pattern.compile("orders-.*"));
        pollUntil(() -> consumer.assignment().size() == 1, consumer);

        fake.createTopic("orders-b", 2);
        pollUntil(() -> consumer.assignment().size() == 3, consumer);
        fake.addPartitions("orders-b", 4);
        pollUntil(() -> consumer.assignment().size() == 5, consumer);
        fake.deleteTopic("orders-a");
        pollUntil(() -> consumer.assignment().size() == 4, consumer);
    }

    @Test
    void aNewSubscriptionTakesThePlaceOfTheOld() {
        fake.createTopic("orders", 2);
        fake.createTopic("bills", 1);
        Consumer consumer = cluster.consumer("billing").subscribe("orders");
        pollUntil(() -> consumer.assignment().size() == 2, consumer);

        consumer.subscribe("bills");
        pollUntil(() -> consumer.assignment().equals(Set.of(new TopicPartition("bills", 0))), consumer);
        consumer.unsubscribe();

        assertThat(consumer.assignment()).isEmpty();
        assertThat(fake.groups.memberCount()).isZero();
        consumer.subscribe("orders");
        pollUntil(() -> consumer.assignment().size() == 2, consumer);
    }

    @Test
    void aGroupThatCannotBeJoinedIsReportedByEachPoll() {
        fake.createTopic("orders", 1);
        fake.groups.refuseToJoin(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
        Consumer consumer = cluster.consumer("billing").subscribe("orders");

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> pollUntil(() -> false, consumer))
                    .isInstanceOfSatisfying(
                            LograftException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL));
        }
        fake.groups.refuseToJoin(ErrorCode.NONE);
        consumer.subscribe("orders");
        pollUntil(() -> !consumer.assignment().isEmpty(), consumer);
    }

    @Test
    void assignedPartitionsStartWhereTheGroupCommittedAndAreCommittedFromOutside() {
        fake.createTopic("orders", 1);
        produce("orders", 1, 10);
        try (Consumer first = cluster.consumer("billing")) {
            first.assign(FIRST);
            readAll(first, 10);
        }
        assertThat(fake.groups.commits())
                .extracting(CommitOffsetsRequest::getGenerationId)
                .containsExactly(-1);
        Consumer second = cluster.consumer("billing");
        second.assign(FIRST);

        assertThat(second.position(FIRST)).isEqualTo(10);
        assertThatThrownBy(() -> second.subscribe("orders")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aStableGroupIsQuiet() {
        fake.createTopic("orders", 1);
        Consumer consumer = cluster.consumer("billing").subscribe("orders");
        pollUntil(() -> !consumer.assignment().isEmpty(), consumer);
        int before = fake.groups.heartbeatCount();

        consumer.poll(Duration.ofSeconds(1));

        assertThat(fake.groups.heartbeatCount() - before).isBetween(1, 4);
    }

    @Test
    void theCoordinatorIsReachedThroughABootstrapBroker() {
        fake.createTopic("orders", 3);
        produce("orders", 3, 10);
        fake.hideAddresses();
        fake.groups.moveCoordinator(3);
        try (Lograft inside = Lograft.connect(fake.bootstrap(1))) {
            Consumer consumer = inside.consumer("billing").subscribe("orders");
            assertThat(readAll(consumer, 30)).hasSize(30);
            consumer.commit();
        }
        assertThat(fake.groups.committed(FIRST)).isEqualTo(10);
        assertThat(fake.relayedCalls()).isPositive();
    }

    @Test
    void aPartitionThatComesBackIsReadOnlyFromWhereItWasCommitted() {
        fake.createTopic("orders", 1);
        produce("orders", 1, 1_000);
        ConsumerOptions small = ConsumerOptions.builder()
                .autoCommit(Duration.ZERO)
                .pollRecordsMax(10)
                .partitionBytesMax(500)
                .build();
        Consumer consumer = cluster.consumer("billing", small).subscribe("orders");
        readAll(consumer, 300);
        consumer.commit(Map.of(FIRST, OffsetAndMetadata.of(100)));

        fake.groups.expelAll();
        List<ConsumerRecord> read = new ArrayList<>();
        pollUntil(() -> {
            List<ConsumerRecord> more = consumer.poll(SHORT);
            // Records from before the loss may be handed out until it is known.
            if (!more.isEmpty() && more.get(0).offset() == 100) {
                read.clear();
            }
            read.addAll(more);
            return !read.isEmpty()
                    && read.get(read.size() - 1).offset() == 999
                    && read.get(0).offset() == 100;
        });

        assertThat(read).hasSize(900);
    }

    @Test
    void withoutAGroupThereIsNothingToSubscribeOrCommit() {
        Consumer consumer = cluster.consumer();

        assertThatThrownBy(() -> consumer.subscribe("orders")).hasMessageContaining("without a group");
        assertThatThrownBy(consumer::commit).hasMessageContaining("without a group");
    }

    private void produce(String topic, int partitions, int countEach) {
        try (Producer producer =
                cluster.producer(ProducerOptions.builder().batchBytes(1_024).build())) {
            for (int i = 0; i < countEach; i++) {
                for (int p = 0; p < partitions; p++) {
                    producer.send(ProducerRecord.of(topic, "value-" + i).withPartition(p));
                }
            }
        }
    }

    private static List<ConsumerRecord> readAll(Consumer consumer, int count) {
        List<ConsumerRecord> all = new ArrayList<>();
        pollUntil(() -> {
            all.addAll(consumer.poll(SHORT));
            return all.size() >= count;
        });
        return all;
    }

    private static void pollUntil(BooleanSupplier isDone, Consumer... consumers) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!isDone.getAsBoolean()) {
            assertThat(System.nanoTime())
                    .as(
                            "time, with %s",
                            List.of(consumers).stream()
                                    .map(consumer -> new TreeSet<>(consumer.assignment()))
                                    .toList())
                    .isLessThan(deadlineNs);
            for (Consumer consumer : consumers) {
                consumer.poll(SHORT);
            }
        }
    }

    private static void await(BooleanSupplier isDone) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!isDone.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadlineNs);
            Thread.onSpinWait();
        }
    }
}
