package io.lograft.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.api.leadership.AssignmentOperations;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.PartitionDescription;
import io.lograft.proto.v1.PartitionReassignment;
import io.lograft.proto.v1.PartitionTarget;
import io.lograft.proto.v1.ReassignPartitionsRequest;
import io.lograft.proto.v1.ReassignPartitionsResponse;
import io.lograft.proto.v1.ReassignmentResult;
import io.lograft.wire.ErrorCodes;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Other replicas for partitions as an administrator asks for them. */
final class AssignmentOperationsTest {
    private final ClusterFixture cluster = new ClusterFixture();
    private final AssignmentOperations operations = new AssignmentOperations(cluster, cluster);

    @Test
    void eachPartitionIsAnsweredByItself() {
        cluster.topic("orders", 2);
        ReassignPartitionsResponse response = reassign(request(
                target("nope", 0, 1), target("orders", 1, 2, 3), target("orders", 9, 1), target("orders", 0, 1, 7)));
        assertThat(response.getResultsList())
                .extracting(result -> ErrorCodes.fromProto(result.getFailure().getCode()))
                .containsExactly(
                        ErrorCode.UNKNOWN_TOPIC, ErrorCode.NONE, ErrorCode.UNKNOWN_PARTITION, ErrorCode.UNKNOWN_BROKER);
        assertThat(response.getResultsList())
                .extracting(ReassignmentResult::getTopic)
                .startsWith("nope", "orders");
        assertThat(partition(1).getReplicasList()).containsExactly(2, 3);
        assertThat(partition(1).hasReassignment()).isFalse();
    }

    @Test
    void whatIsUnderWayIsShownAndCanBeCancelled() {
        cluster.topic("orders", 1);
        List<Integer> former = partition(0).getReplicasList();
        reassign(request(target("orders", 0, 1)));
        assertThat(partition(0).getReplicasList()).containsExactly(1);
        reassign(request(target("orders", 0, 1, 2, 3)).setThrottleBytesPerSecond(5));
        PartitionReassignment underWay = partition(0).getReassignment();
        assertThat(underWay.getFormerReplicasList()).containsExactly(1);
        assertThat(underWay.getTargetReplicasList()).containsExactly(1, 2, 3);
        assertThat(underWay.getThrottleBytesPerSecond()).isEqualTo(5);
        assertThat(partition(0).getReplicasList()).hasSameElementsAs(former);
        assertThat(reassign(request(target("orders", 0))).getResults(0).hasFailure())
                .isFalse();
        assertThat(partition(0).getReplicasList()).containsExactly(1);
        ReassignmentResult again = reassign(request(target("orders", 0))).getResults(0);
        assertThat(ErrorCodes.fromProto(again.getFailure().getCode())).isEqualTo(ErrorCode.NO_REASSIGNMENT);
    }

    @Test
    void whatMakesNoSenseIsRefusedAsAWhole() {
        cluster.topic("orders", 1);
        assertThat(refusal(ReassignPartitionsRequest.newBuilder())).startsWith("0 partitions in one request");
        assertThat(refusal(request(target("orders", 0, 1), target("orders", 0, 2))))
                .isEqualTo("partition orders-0 is named twice");
        assertThat(refusal(request(target("orders", -1, 1)))).isEqualTo("orders--1: a partition is not negative");
        assertThat(refusal(request(target("orders", 0, 1, -2)))).contains("a broker id is not negative");
        assertThat(refusal(request(target("orders", 0, 1)).setThrottleBytesPerSecond(-1)))
                .contains("must not be negative");
        assertThat(refusal(request(target("orders", 0, IntStream.range(0, 65).toArray()))))
                .contains("65 replicas, at most 64");
        ReassignPartitionsRequest.Builder many = ReassignPartitionsRequest.newBuilder();
        for (int partition = 0; partition <= 1_000; partition++) {
            many.addTargets(target("orders", partition, 1));
        }
        assertThat(refusal(many)).startsWith("1001 partitions in one request");
        assertThat(cluster.commands).isEmpty();
    }

    private PartitionDescription partition(int number) {
        return ImageMessages.topic(cluster.image().topic("orders").orElseThrow())
                .build()
                .getPartitions(number);
    }

    private ReassignPartitionsResponse reassign(ReassignPartitionsRequest.Builder request) {
        RecordingClient<ReassignPartitionsResponse> client = new RecordingClient<>();
        operations.reassignPartitions(request.build(), client);
        return client.only();
    }

    private String refusal(ReassignPartitionsRequest.Builder request) {
        RecordingClient<ReassignPartitionsResponse> client = new RecordingClient<>();
        operations.reassignPartitions(request.build(), client);
        assertThat(client.error.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        return client.error.message();
    }

    private static ReassignPartitionsRequest.Builder request(PartitionTarget... targets) {
        return ReassignPartitionsRequest.newBuilder().addAllTargets(List.of(targets));
    }

    private static PartitionTarget target(String topic, int partition, int... replicas) {
        return PartitionTarget.newBuilder()
                .setTopic(topic)
                .setPartition(partition)
                .addAllReplicas(IntStream.of(replicas).boxed().toList())
                .build();
    }
}
