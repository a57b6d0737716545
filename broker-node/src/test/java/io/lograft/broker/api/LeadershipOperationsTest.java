package io.lograft.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.api.leadership.FencingHistory;
import io.lograft.broker.api.leadership.LeadershipOperations;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.BrokerFencing;
import io.lograft.proto.v1.DescribeFencingRequest;
import io.lograft.proto.v1.DescribeFencingResponse;
import io.lograft.proto.v1.DrainBrokerRequest;
import io.lograft.proto.v1.DrainBrokerResponse;
import io.lograft.proto.v1.ElectLeadersRequest;
import io.lograft.proto.v1.ElectLeadersResponse;
import io.lograft.proto.v1.ElectionResult;
import io.lograft.proto.v1.ElectionType;
import io.lograft.wire.ErrorCodes;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Elections, draining and fencing as an administrator sees them. */
final class LeadershipOperationsTest {
    private final ClusterFixture cluster = new ClusterFixture();
    private final FencingHistory history = new FencingHistory();
    private final LeadershipOperations operations = new LeadershipOperations(cluster, cluster, history);

    @Test
    void anUncleanElectionGivesAnOfflinePartitionALeaderAndMarksTheEpoch() {
        cluster.topic("orders", 1);
        int first = partition().leader();
        cluster.fence(1);
        cluster.fence(2);
        cluster.fence(3);
        assertThat(partition().hasLeader()).isFalse();
        assertThat(codes(elect(ElectionType.ELECTION_TYPE_UNCLEAN))).containsExactly(ErrorCode.NO_ELIGIBLE_LEADER);
        cluster.restart(first);
        assertThat(partition().hasLeader()).isFalse();
        ElectionResult result = elect(ElectionType.ELECTION_TYPE_UNCLEAN).getResults(0);
        assertThat(result.hasFailure()).isFalse();
        assertThat(result.getLeader()).isEqualTo(first);
        assertThat(result.getLeaderEpoch()).isEqualTo(partition().lastUncleanEpoch());
        assertThat(cluster.image().uncleanCount()).isEqualTo(1);
        assertThat(codes(elect(ElectionType.ELECTION_TYPE_UNCLEAN))).containsExactly(ErrorCode.ELECTION_NOT_NEEDED);
    }

    @Test
    void eachPartitionIsAnsweredByItself() {
        cluster.topic("orders", 3);
        ElectLeadersResponse all = elect(ElectionType.ELECTION_TYPE_PREFERRED);
        assertThat(all.getResultsList())
                .extracting(ElectionResult::getPartition)
                .containsExactly(0, 1, 2);
        assertThat(codes(all)).containsOnly(ErrorCode.ELECTION_NOT_NEEDED);
        ElectLeadersResponse some = elect(ElectionType.ELECTION_TYPE_PREFERRED, 2, 9);
        assertThat(codes(some)).containsExactly(ErrorCode.ELECTION_NOT_NEEDED, ErrorCode.UNKNOWN_PARTITION);
    }

    @Test
    void whatMakesNoSenseIsRefusedAsAWhole() {
        cluster.topic("orders", 1);
        assertThat(refusal("orders", ElectionType.ELECTION_TYPE_UNSPECIFIED)).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(refusal("nope", ElectionType.ELECTION_TYPE_PREFERRED)).isEqualTo(ErrorCode.UNKNOWN_TOPIC);
        assertThat(refusal("orders", ElectionType.ELECTION_TYPE_PREFERRED, 0, 0))
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(cluster.commands).isEmpty();
    }

    @Test
    void aDrainTellsWhatIsLeftAndIsRefusedWhereItWouldHarm() {
        cluster.topic("orders", 3);
        DrainBrokerResponse drained = drain(1).only();
        assertThat(drained.getBrokerEpoch())
                .isEqualTo(cluster.image().brokers().get(new BrokerId(1)).epoch());
        assertThat(drained.getPartitionsChanged()).isEqualTo(3);
        assertThat(drained.getLeadershipsLeft()).isZero();
        assertThat(drained.getInSyncLeft()).isZero();
        assertThat(drain(1).only().getPartitionsChanged()).isZero();
        assertThat(drain(2).error.code()).isEqualTo(ErrorCode.UNSAFE_CHANGE);
        assertThat(drain(2).error.message()).contains("orders-0 (1 of at least 2)");
        assertThat(drain(9).error.code()).isEqualTo(ErrorCode.UNKNOWN_BROKER);
        assertThat(drain(-1).error.code()).isEqualTo(ErrorCode.UNKNOWN_BROKER);
    }

    @Test
    void fencingIsToldWithItsReasonAndItsAge() {
        cluster.topic("orders", 3);
        ClusterImage start = cluster.image();
        history.changed(ClusterImage.empty(), start, 1_000);
        cluster.fence(3);
        history.changed(start, cluster.image(), 2_000);
        drain(2);
        List<BrokerFencing> brokers = fencing();
        assertThat(brokers).extracting(b -> b.getEndpoint().getBrokerId()).containsExactly(1, 2, 3);
        assertThat(brokers.get(0).getReason()).isEmpty();
        assertThat(brokers.get(0).getSinceMs()).isEqualTo(-1);
        assertThat(brokers.get(0).getInSyncCount()).isEqualTo(3);
        assertThat(brokers.get(2).getFenced()).isTrue();
        assertThat(brokers.get(2).getReason()).contains("session broke or fell silent");
        assertThat(brokers.get(2).getSinceMs()).isEqualTo(2_000);
        assertThat(brokers.get(2).getLeaderCount()).isZero();
    }

    private PartitionImage partition() {
        return cluster.image().topic("orders").orElseThrow().partitions().get(0);
    }

    private ElectLeadersResponse elect(ElectionType type, Integer... partitions) {
        RecordingClient<ElectLeadersResponse> client = new RecordingClient<>();
        operations.electLeaders(request("orders", type, partitions), client);
        return client.only();
    }

    private ErrorCode refusal(String topic, ElectionType type, Integer... partitions) {
        RecordingClient<ElectLeadersResponse> client = new RecordingClient<>();
        operations.electLeaders(request(topic, type, partitions), client);
        return client.error.code();
    }

    private static ElectLeadersRequest request(String topic, ElectionType type, Integer... partitions) {
        return ElectLeadersRequest.newBuilder()
                .setTopic(topic)
                .setType(type)
                .addAllPartitions(List.of(partitions))
                .build();
    }

    private RecordingClient<DrainBrokerResponse> drain(int broker) {
        RecordingClient<DrainBrokerResponse> client = new RecordingClient<>();
        operations.drainBroker(
                DrainBrokerRequest.newBuilder().setBrokerId(broker).build(), client);
        return client;
    }

    private List<BrokerFencing> fencing() {
        RecordingClient<DescribeFencingResponse> client = new RecordingClient<>();
        operations.describeFencing(DescribeFencingRequest.getDefaultInstance(), client);
        return client.only().getBrokersList();
    }

    private static List<ErrorCode> codes(ElectLeadersResponse response) {
        return response.getResultsList().stream()
                .map(result -> ErrorCodes.fromProto(result.getFailure().getCode()))
                .toList();
    }
}
