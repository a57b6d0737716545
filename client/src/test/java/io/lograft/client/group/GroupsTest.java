package io.lograft.client.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.LograftOptions;
import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import io.lograft.client.fake.FakeCluster;
import io.lograft.client.fake.FakeGroupAdmin;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What operators do with groups, against brokers of this process that say about groups what each test sets up. */
@Timeout(60)
class GroupsTest {
    private static final TopicPartition ORDERS_0 = new TopicPartition("orders", 0);
    private static final TopicPartition ORDERS_1 = new TopicPartition("orders", 1);
    private static final TopicPartition ORDERS_2 = new TopicPartition("orders", 2);

    private final FakeGroupAdmin fake = new FakeGroupAdmin();
    private FakeCluster brokers;
    private Lograft cluster;
    private Groups groups;

    @BeforeEach
    void start() {
        brokers = fake.cluster(3);
        brokers.createTopic("orders", 3);
        connect(Duration.ofSeconds(15));
    }

    private void connect(Duration requestTimeout) {
        cluster = Lograft.connect(LograftOptions.of(brokers.bootstrap()).withRequestTimeout(requestTimeout));
        groups = cluster.admin().groups();
    }

    @AfterEach
    void stop() {
        cluster.close();
        brokers.close();
    }

    @Test
    void groupsOfAllBrokersAreListed() {
        fake.group("c", "consumer", 1);
        fake.group("a", "consumer", 3);
        fake.group("b", "classic", 3);
        fake.member("b", "m", ORDERS_0);
        // One round of questions fails at one broker; all of them are asked again.
        fake.refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE);

        assertThat(groups.list())
                .containsExactly(
                        new GroupListing("a", "Empty", "consumer", 0, 3),
                        new GroupListing("b", "Stable", "classic", 1, 3),
                        new GroupListing("c", "Empty", "consumer", 0, 1));
    }

    @Test
    void aListThatLacksABrokerIsNone() {
        cluster.close();
        connect(Duration.ofMillis(700));
        fake.refuse(
                Collections.nCopies(500, ErrorCode.COORDINATOR_NOT_AVAILABLE).toArray(ErrorCode[]::new));

        assertThatThrownBy(groups::list)
                .isInstanceOf(LograftException.class)
                .hasMessageMatching("COORDINATOR_NOT_AVAILABLE: broker [123]: refused by the test");
    }

    @Test
    void aGroupIsDescribedWithItsLag() {
        write(ORDERS_0, 10);
        write(ORDERS_1, 4);
        fake.group("g", "consumer", 2);
        fake.member("g", "m1", ORDERS_2, ORDERS_0);
        fake.member("g", "m0", ORDERS_1);
        fake.committed("g", ORDERS_0, 7);
        fake.committed("g", ORDERS_1, 4);

        GroupDescription group = groups.describe("g");

        assertThat(group.state()).isEqualTo("Stable");
        assertThat(group.epoch()).isEqualTo(5);
        assertThat(group.coordinator().brokerId()).isEqualTo(2);
        assertThat(group.coordinator().address()).isEqualTo(brokers.bootstrap(2));
        Optional<Instant> joined = Optional.of(Instant.ofEpochSecond(60));
        assertThat(group.members())
                .containsExactly(
                        new GroupDescription.Member(
                                "m0", Optional.empty(), "client-m0", "10.0.0.7", 4, joined, List.of(ORDERS_1)),
                        new GroupDescription.Member(
                                "m1",
                                Optional.empty(),
                                "client-m1",
                                "10.0.0.7",
                                4,
                                joined,
                                List.of(ORDERS_0, ORDERS_2)));
        Optional<Instant> since = Optional.of(Instant.ofEpochSecond(120));
        assertThat(group.partitions())
                .containsExactly(
                        new GroupDescription.Partition(
                                ORDERS_0,
                                OptionalLong.of(7),
                                OptionalLong.of(10),
                                OptionalLong.of(3),
                                Optional.of(Duration.ofSeconds(2)),
                                Optional.of("m1"),
                                since),
                        new GroupDescription.Partition(
                                ORDERS_1,
                                OptionalLong.of(4),
                                OptionalLong.of(4),
                                OptionalLong.of(0),
                                Optional.of(Duration.ZERO),
                                Optional.of("m0"),
                                since),
                        new GroupDescription.Partition(
                                ORDERS_2,
                                OptionalLong.empty(),
                                OptionalLong.of(0),
                                OptionalLong.empty(),
                                Optional.empty(),
                                Optional.of("m1"),
                                since));
    }

    @Test
    void assignmentsOfClassicGroupsAreRead() {
        fake.group("g", "classic", 1);
        fake.member("g", "m", ORDERS_0, ORDERS_2);

        GroupDescription group = groups.describe("g");

        assertThat(group.members().get(0).partitions()).containsExactly(ORDERS_0, ORDERS_2);
        assertThat(group.partitions()).hasSize(2).allSatisfy(partition -> {
            assertThat(partition.memberId()).contains("m");
            assertThat(partition.ownedSince()).isEmpty();
        });
    }

    @Test
    void anAssignmentThatMakesNoSenseIsNamed() {
        fake.group("g", "classic", 1);
        fake.member("g", "m");
        fake.assignmentBytes("g", new byte[] {0, 0, 0});

        assertThatThrownBy(() -> groups.describe("g"))
                .hasMessageStartingWith("INTERNAL: the assignment of member m: the bytes are no assignment");
    }

    /** What one leader does not tell is left out; the rest is shown. */
    @Test
    void aPartitionWithoutALeaderHidesNothingElse() {
        cluster.close();
        connect(Duration.ofSeconds(1));
        write(ORDERS_0, 3);
        fake.group("g", "consumer", 2);
        fake.committed("g", ORDERS_0, 1);
        fake.committed("g", ORDERS_1, 1);
        brokers.moveLeader(ORDERS_1, -1);

        List<GroupDescription.Partition> partitions = groups.describe("g").partitions();

        assertThat(partitions.get(0).lag()).hasValue(2);
        assertThat(partitions.get(1).committed()).hasValue(1);
        assertThat(partitions.get(1).logEnd()).isEmpty();
        assertThat(partitions.get(1).lag()).isEmpty();
        assertThat(partitions.get(1).lagTime()).isEmpty();
    }

    @Test
    void offsetsOfDeletedTopicsAreLeftOut() {
        brokers.createTopic("gone", 1);
        fake.group("g", "consumer", 2);
        fake.committed("g", new TopicPartition("gone", 0), 5);
        fake.committed("g", ORDERS_0, 0);
        brokers.deleteTopic("gone");

        assertThat(groups.committed("g")).containsExactly(Map.entry(ORDERS_0, 0L));
        assertThat(groups.describe("g").partitions()).hasSize(1);
    }

    @Test
    void theCoordinatorIsLookedForUntilItIsFound() {
        fake.group("g", "consumer", 2);
        fake.mislead(2);
        fake.refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE, ErrorCode.NOT_COORDINATOR);

        groups.alter("g", Map.of(ORDERS_0, 0L));

        assertThat(fake.findings()).isEqualTo(5);
        assertThat(fake.committed("g", ORDERS_0)).isZero();
    }

    @Test
    void theSearchForACoordinatorEnds() {
        cluster.close();
        connect(Duration.ofSeconds(2));
        groups.list();
        fake.group("g", "consumer", 2);
        fake.mislead(Integer.MAX_VALUE);

        assertThatThrownBy(() -> groups.delete("g"))
                .isInstanceOfSatisfying(
                        LograftException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_COORDINATOR));
        assertThat(fake.findings()).isBetween(3, 20);
    }

    @Test
    void whatIsRefusedIsSaidAtOnce() {
        fake.group("g", "consumer", 2);
        fake.member("g", "m", ORDERS_0);

        assertThatThrownBy(() -> groups.alter("g", Map.of(ORDERS_0, 0L)))
                .hasMessage("GROUP_NOT_EMPTY: orders-0: it has members");
        assertThatThrownBy(() -> groups.delete("g")).hasMessage("GROUP_NOT_EMPTY: it has members");
        assertThatThrownBy(() -> groups.describe("h")).hasMessage("UNKNOWN_GROUP: no group 'h'");
        assertThatThrownBy(() -> groups.alter("h", Map.of(new TopicPartition("nope", 0), 0L)))
                .hasMessage("UNKNOWN_TOPIC: no topic 'nope'");
        assertThatThrownBy(() -> groups.plan("h", OffsetTarget.latest(), List.of(new TopicPartition("orders", 3))))
                .hasMessage("UNKNOWN_PARTITION: topic 'orders' has 3 partitions, no 3");
    }

    @Test
    void targetsAreBroughtIntoTheLog() {
        write(ORDERS_0, 10);
        brokers.deleteRecordsBelow(ORDERS_0, 3);
        fake.group("g", "consumer", 2);
        fake.committed("g", ORDERS_0, 6);

        assertThat(plan(OffsetTarget.earliest())).isEqualTo(move(3, OffsetMove.Bound.NONE));
        assertThat(plan(OffsetTarget.latest())).isEqualTo(move(10, OffsetMove.Bound.NONE));
        assertThat(plan(OffsetTarget.offset(5))).isEqualTo(move(5, OffsetMove.Bound.NONE));
        assertThat(plan(OffsetTarget.offset(2))).isEqualTo(move(3, OffsetMove.Bound.LOG_START));
        assertThat(plan(OffsetTarget.offset(11))).isEqualTo(move(10, OffsetMove.Bound.LOG_END));
        assertThat(plan(OffsetTarget.shift(-2))).isEqualTo(move(4, OffsetMove.Bound.NONE));
        assertThat(plan(OffsetTarget.shift(Long.MAX_VALUE))).isEqualTo(move(10, OffsetMove.Bound.LOG_END));
        assertThat(plan(OffsetTarget.shift(Long.MIN_VALUE))).isEqualTo(move(3, OffsetMove.Bound.LOG_START));
        assertThat(plan(OffsetTarget.timestamp(Instant.EPOCH)).after()).isEqualTo(3);
        assertThat(plan(OffsetTarget.timestamp(Instant.parse("2999-01-01T00:00:00Z"))))
                .isEqualTo(move(10, OffsetMove.Bound.NONE));
        assertThat(fake.committed("g", ORDERS_0)).isEqualTo(6);
    }

    @Test
    void aGroupIsDeleted() {
        fake.group("g", "consumer", 2);

        groups.delete("g");

        assertThat(fake.exists("g")).isFalse();
    }

    private OffsetMove plan(OffsetTarget target) {
        return groups.plan("g", target, List.of(ORDERS_0)).get(0);
    }

    private static OffsetMove move(long after, OffsetMove.Bound bound) {
        return new OffsetMove(ORDERS_0, OptionalLong.of(6), after, bound);
    }

    private void write(TopicPartition partition, int records) {
        Producer producer = cluster.producer();
        for (int i = 0; i < records; i++) {
            var unused =
                    producer.send(ProducerRecord.of(partition.topic(), "v" + i).withPartition(partition.partition()));
        }
        producer.flush();
    }
}
