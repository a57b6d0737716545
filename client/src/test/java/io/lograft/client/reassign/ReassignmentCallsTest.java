package io.lograft.client.reassign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.client.Admin;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.TopicDescription;
import io.lograft.client.fake.FakeCluster;
import io.lograft.client.fake.FakeReplicas;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.ReassignPartitionsRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReassignmentCallsTest {
    private static final TopicPartition ORDERS_0 = new TopicPartition("orders", 0);

    private final FakeReplicas fake = new FakeReplicas();
    private FakeCluster brokers;
    private Lograft cluster;
    private Admin admin;

    @BeforeEach
    void start() {
        brokers = fake.cluster(4);
        fake.partition("orders", 0, 1, 2, 3);
        cluster = Lograft.connect(brokers.bootstrap());
        admin = cluster.admin();
    }

    @AfterEach
    void stop() {
        cluster.close();
        brokers.close();
    }

    @Test
    void aMoveIsBegunShownAndCancelled() {
        fake.hold();
        ReassignmentOptions options = ReassignmentOptions.unlimited().withThrottle(77);
        assertThat(admin.reassignPartitions(Map.of(ORDERS_0, List.of(4, 2)), options))
                .singleElement()
                .matches(ReassignmentOutcome::isAccepted);

        TopicDescription.Partition moving = partition();
        assertThat(moving.reassignment())
                .contains(new TopicDescription.Reassignment(List.of(1, 2, 3), List.of(4, 2), 77));
        assertThat(moving.reassignment().orElseThrow().joiningReplicas()).containsExactly(4);
        assertThat(moving.settledReplicas()).containsExactly(4, 2);
        assertThat(moving.replicas()).containsExactly(1, 2, 3, 4);
        assertThat(moving.isUnderReplicated())
                .as("what is on its way does not count yet")
                .isFalse();
        assertThat(moving.replicaStates())
                .last()
                .isEqualTo(new TopicDescription.Replica(4, 0, 25, FakeReplicas.LOG_BYTES / 2));

        assertThat(admin.cancelReassignments(List.of(ORDERS_0))).allMatch(ReassignmentOutcome::isAccepted);
        assertThat(partition().replicas()).containsExactly(1, 2, 3);
        assertThat(admin.cancelReassignments(List.of(ORDERS_0)))
                .singleElement()
                .satisfies(outcome ->
                        assertThat(outcome.refusal().orElseThrow().code()).isEqualTo(ErrorCode.NO_REASSIGNMENT));
    }

    @Test
    void eachPartitionIsAnsweredByItself() {
        Map<TopicPartition, List<Integer>> targets = new LinkedHashMap<>();
        targets.put(new TopicPartition("orders", 7), List.of(1));
        targets.put(ORDERS_0, List.of(2, 1, 3));
        List<ReassignmentOutcome> outcomes = admin.reassignPartitions(
                targets, ReassignmentOptions.unlimited().validateOnly());
        assertThat(outcomes).extracting(ReassignmentOutcome::isAccepted).containsExactly(false, true);
        assertThat(outcomes.get(0).topicPartition()).isEqualTo(new TopicPartition("orders", 7));
        assertThat(partition().reassignment()).as("nothing has changed").isEmpty();
    }

    @Test
    void manyTargetsGoInRequestsOfBoundedSize() {
        assertThat(admin.reassignPartitions(targets(2_001), ReassignmentOptions.unlimited()))
                .hasSize(2_001)
                .allMatch(ReassignmentOutcome::isAccepted);
        assertThat(fake.requests())
                .extracting(ReassignPartitionsRequest::getTargetsCount)
                .containsExactly(1_000, 1_000, 1);
        assertThat(admin.reassignPartitions(targets(1_000), ReassignmentOptions.unlimited()))
                .hasSize(1_000);
        assertThat(fake.requests()).hasSize(4);
        assertThat(admin.reassignPartitions(Map.of(), ReassignmentOptions.unlimited()))
                .isEmpty();
        assertThat(fake.requests()).hasSize(4);
    }

    @Test
    void aRequestThatFailsBehindAnotherIsTheAnswerOfItsPartitions() {
        fake.failAfter(1);
        List<ReassignmentOutcome> outcomes = admin.reassignPartitions(targets(2_500), ReassignmentOptions.unlimited());
        assertThat(outcomes.subList(0, 1_000)).allMatch(ReassignmentOutcome::isAccepted);
        assertThat(outcomes.subList(1_000, 2_500))
                .allMatch(outcome -> outcome.refusal().orElseThrow().code() == ErrorCode.INVALID_REQUEST);
        assertThatThrownBy(() -> admin.reassignPartitions(targets(1), ReassignmentOptions.unlimited()))
                .isInstanceOf(LograftException.class)
                .hasMessage("INVALID_REQUEST: that is enough");
    }

    @Test
    void targetsThatMakeNoSenseAreNotSent() {
        assertThatThrownBy(() -> admin.reassignPartitions(Map.of(ORDERS_0, List.of()), ReassignmentOptions.unlimited()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no replicas for orders-0");
        assertThatThrownBy(() -> ReassignmentOptions.unlimited().withThrottle(-1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(fake.requests()).isEmpty();
    }

    private Map<TopicPartition, List<Integer>> targets(int count) {
        Map<TopicPartition, List<Integer>> targets = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            fake.partition("many", i, 1, 2);
            targets.put(new TopicPartition("many", i), List.of(3, 2));
        }
        return targets;
    }

    private TopicDescription.Partition partition() {
        return admin.describeReplicas(List.of("orders")).get(0).partitions().get(0);
    }
}
