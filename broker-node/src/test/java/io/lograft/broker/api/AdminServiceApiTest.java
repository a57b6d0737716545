package io.lograft.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.api.leadership.FencingHistory;
import io.lograft.broker.api.leadership.LeadershipOperations;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.ratis.QuorumStatus;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.proto.v1.CreateTopicsRequest;
import io.lograft.proto.v1.CreateTopicsResponse;
import io.lograft.proto.v1.DeleteTopicsRequest;
import io.lograft.proto.v1.DeleteTopicsResponse;
import io.lograft.proto.v1.DescribeQuorumRequest;
import io.lograft.proto.v1.DescribeQuorumResponse;
import io.lograft.proto.v1.NewTopic;
import io.lograft.proto.v1.VoterState;
import io.lograft.wire.ErrorCodes;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class AdminServiceApiTest {
    private static final TopicDefaults DEFAULTS = new TopicDefaults(4, 3, 2, FlushMode.OS);

    private final ClusterFixture cluster = new ClusterFixture();
    private Optional<QuorumStatus> quorum = Optional.empty();
    private final AdminServiceApi api = new AdminServiceApi(
            cluster,
            cluster,
            DEFAULTS,
            () -> quorum,
            broker -> Optional.empty(),
            new LeadershipOperations(cluster, cluster, new FencingHistory()));

    @Test
    void createsTopicsAndAnswersForEachByItself() {
        CreateTopicsResponse response = create(
                NewTopic.newBuilder().setName("orders").setPartitionCount(6).setReplicationFactor(2),
                NewTopic.newBuilder().setName("not a name"),
                NewTopic.newBuilder().setName("defaults"),
                NewTopic.newBuilder().setName("wide").setReplicationFactor(9),
                NewTopic.newBuilder().setName("odd").putConfigs("retention.ms", "soon"));
        assertThat(response.getResultsList())
                .extracting(result -> ErrorCodes.fromProto(result.getFailure().getCode()))
                .containsExactly(
                        ErrorCode.NONE,
                        ErrorCode.INVALID_TOPIC_NAME,
                        ErrorCode.NONE,
                        ErrorCode.INVALID_REPLICATION_FACTOR,
                        ErrorCode.INVALID_CONFIG);
        assertThat(response.getResults(0).getPartitionCount()).isEqualTo(6);
        assertThat(response.getResults(0).getReplicationFactor()).isEqualTo(2);
        assertThat(response.getResults(0).getTopicId().size()).isEqualTo(16);
        assertThat(response.getResults(2).getPartitionCount()).isEqualTo(4);
        assertThat(response.getResults(2).getReplicationFactor()).isEqualTo(3);
        assertThat(response.getResults(4).getFailure().getMessage())
                .contains("retention.ms")
                .contains("soon");
        assertThat(cluster.image().topic("defaults").orElseThrow().flushMode()).isEqualTo(FlushMode.OS);
    }

    @Test
    void everyTopicGetsAnIdOfItsOwn() {
        create(NewTopic.newBuilder().setName("one"), NewTopic.newBuilder().setName("two"));
        assertThat(cluster.commands.stream().map(command -> ((MetadataCommand.CreateTopic) command).id()))
                .hasSize(2)
                .doesNotHaveDuplicates();
    }

    @Test
    void validatesWithoutCreating() {
        RecordingClient<CreateTopicsResponse> client = new RecordingClient<>();
        api.createTopics(
                CreateTopicsRequest.newBuilder()
                        .setValidateOnly(true)
                        .addTopics(NewTopic.newBuilder().setName("orders"))
                        .build(),
                client);
        assertThat(client.only().getResults(0).hasFailure()).isFalse();
        assertThat(cluster.image().topic("orders")).isEmpty();
    }

    @Test
    void refusesRequestsThatMakeNoSense() {
        RecordingClient<CreateTopicsResponse> nothing = new RecordingClient<>();
        api.createTopics(CreateTopicsRequest.getDefaultInstance(), nothing);
        assertThat(nothing.error.code()).isEqualTo(ErrorCode.INVALID_REQUEST);

        RecordingClient<DeleteTopicsResponse> twice = new RecordingClient<>();
        api.deleteTopics(
                DeleteTopicsRequest.newBuilder().addNames("a").addNames("a").build(), twice);
        assertThat(twice.error.message()).contains("'a' is named twice");
        assertThat(cluster.commands).isEmpty();
    }

    @Test
    void deletesTopicsByName() {
        cluster.topic("orders", 2);
        RecordingClient<DeleteTopicsResponse> client = new RecordingClient<>();
        api.deleteTopics(
                DeleteTopicsRequest.newBuilder()
                        .addNames("orders")
                        .addNames("nothing")
                        .build(),
                client);
        assertThat(client.only().getResults(0).hasFailure()).isFalse();
        assertThat(ErrorCodes.fromProto(client.only().getResults(1).getFailure().getCode()))
                .isEqualTo(ErrorCode.UNKNOWN_TOPIC);
        assertThat(cluster.image().topicCount()).isZero();
    }

    @Test
    void describesTheQuorumAsTheLeader() {
        quorum = Optional.of(new QuorumStatus(
                Optional.of(new BrokerId(1)),
                3,
                100,
                99,
                -1,
                List.of(
                        new QuorumStatus.VoterStatus(new BrokerId(1), "a:7401", 100),
                        new QuorumStatus.VoterStatus(new BrokerId(2), "b:7401", 90),
                        new QuorumStatus.VoterStatus(new BrokerId(3), "c:7401", -1))));
        RecordingClient<DescribeQuorumResponse> client = new RecordingClient<>();
        api.describeQuorum(DescribeQuorumRequest.getDefaultInstance(), client);
        DescribeQuorumResponse response = client.only();
        assertThat(response.getLeaderId()).isEqualTo(1);
        assertThat(response.getTerm()).isEqualTo(3);
        assertThat(response.getVotersList()).extracting(VoterState::getLag).containsExactly(0L, 10L, -1L);
    }

    @Test
    void aBrokerThatKnowsNothingOfTheQuorumSaysSo() {
        cluster.controller = Optional.empty();
        RecordingClient<DescribeQuorumResponse> client = new RecordingClient<>();
        api.describeQuorum(DescribeQuorumRequest.getDefaultInstance(), client);
        assertThat(client.error.code()).isEqualTo(ErrorCode.CONTROLLER_UNAVAILABLE);
    }

    private CreateTopicsResponse create(NewTopic.Builder... topics) {
        CreateTopicsRequest.Builder request = CreateTopicsRequest.newBuilder();
        for (NewTopic.Builder topic : topics) {
            request.addTopics(topic);
        }
        RecordingClient<CreateTopicsResponse> client = new RecordingClient<>();
        api.createTopics(request.build(), client);
        return client.only();
    }
}
