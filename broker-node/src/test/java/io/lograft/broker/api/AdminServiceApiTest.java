package io.lograft.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.api.deletion.RecordDeletions;
import io.lograft.broker.api.leadership.AssignmentOperations;
import io.lograft.broker.api.leadership.FencingHistory;
import io.lograft.broker.api.leadership.LeadershipOperations;
import io.lograft.broker.api.quorum.QuorumAdmin;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.ratis.QuorumStatus;
import io.lograft.metadata.ratis.Voter;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.proto.v1.AddVoterRequest;
import io.lograft.proto.v1.ChangeQuorumResponse;
import io.lograft.proto.v1.ChangeVotersRequest;
import io.lograft.proto.v1.ChangeVotersResponse;
import io.lograft.proto.v1.CreateTopicsRequest;
import io.lograft.proto.v1.CreateTopicsResponse;
import io.lograft.proto.v1.DeleteTopicsRequest;
import io.lograft.proto.v1.DeleteTopicsResponse;
import io.lograft.proto.v1.DescribeQuorumRequest;
import io.lograft.proto.v1.DescribeQuorumResponse;
import io.lograft.proto.v1.NewTopic;
import io.lograft.proto.v1.RemoveVoterRequest;
import io.lograft.proto.v1.TransferMetadataLeadershipRequest;
import io.lograft.proto.v1.VoterSet;
import io.lograft.proto.v1.VoterState;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.GrpcErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class AdminServiceApiTest {
    private static final TopicDefaults DEFAULTS = new TopicDefaults(4, 3, 2, FlushMode.OS);

    private final ClusterFixture cluster = new ClusterFixture();
    private Optional<QuorumStatus> quorum = Optional.empty();
    private final List<ChangeVotersRequest> changes = new ArrayList<>();
    private CompletableFuture<ChangeVotersResponse> changeAnswer = new CompletableFuture<>();
    private final AdminServiceApi api = new AdminServiceApi(
            cluster,
            DEFAULTS,
            new QuorumAdmin(new Facts(), this::change, broker -> Optional.empty()),
            new LeadershipOperations(cluster, cluster, new FencingHistory()),
            new AssignmentOperations(cluster, cluster),
            new RecordDeletions(
                    cluster,
                    new PartitionRegistry(),
                    () -> CompletableFuture.completedFuture(null),
                    broker -> Optional.empty()));

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
                List.of(status("1@a:7401", 100), status("2@b:7401", 90), status("3@c:7401", -1))));
        RecordingClient<DescribeQuorumResponse> client = new RecordingClient<>();
        api.describeQuorum(DescribeQuorumRequest.getDefaultInstance(), client);
        DescribeQuorumResponse response = client.only();
        assertThat(response.getLeaderId()).isEqualTo(1);
        assertThat(response.getTerm()).isEqualTo(3);
        assertThat(response.getVotersList()).extracting(VoterState::getLag).containsExactly(0L, 10L, -1L);
        assertThat(response.getVotersList()).extracting(VoterState::getStalled).containsExactly(false, true, false);
        assertThat(response.getVoters(0).getAddress()).isEqualTo("a:7401");
    }

    @Test
    void aBrokerThatKnowsNothingOfTheQuorumSaysSo() {
        cluster.controller = Optional.empty();
        RecordingClient<DescribeQuorumResponse> client = new RecordingClient<>();
        api.describeQuorum(DescribeQuorumRequest.getDefaultInstance(), client);
        assertThat(client.error.code()).isEqualTo(ErrorCode.CONTROLLER_UNAVAILABLE);
    }

    private static QuorumStatus.VoterStatus status(String address, long matchIndex) {
        Voter voter = new Voter(VoterAddress.parse(address), "0123456789ab");
        return new QuorumStatus.VoterStatus(voter, matchIndex, matchIndex, 5);
    }

    private final class Facts implements QuorumAdmin.Facts {
        @Override
        public BrokerId self() {
            return cluster.self();
        }

        @Override
        public Optional<BrokerId> controller() {
            return cluster.controller();
        }

        @Override
        public Optional<QuorumStatus> status() {
            return quorum;
        }

        @Override
        public Set<BrokerId> stalled() {
            return Set.of(new BrokerId(2));
        }
    }

    private CompletableFuture<ChangeVotersResponse> change(ChangeVotersRequest.Builder change) {
        changes.add(change.build());
        return changeAnswer;
    }

    @Test
    void changesOfTheVotersGoToTheControllerAndComeBackAsEntriesOfTheConfiguration() {
        changeAnswer = CompletableFuture.completedFuture(ChangeVotersResponse.newBuilder()
                .setControllerId(2)
                .setVoters(VoterSet.newBuilder().addVoters("1@a:7401/7400#0123456789ab"))
                .build());
        RecordingClient<ChangeQuorumResponse> client = new RecordingClient<>();
        api.addVoter(AddVoterRequest.newBuilder().setBrokerId(4).build(), client);
        assertThat(client.only().getLeaderId()).isEqualTo(2);
        assertThat(client.only().getVotersList()).containsExactly("1@a:7401/7400");
        api.removeVoter(
                RemoveVoterRequest.newBuilder()
                        .setBrokerId(3)
                        .setTimeoutMs(9_000)
                        .build(),
                client);
        api.transferMetadataLeadership(TransferMetadataLeadershipRequest.getDefaultInstance(), client);
        assertThat(changes)
                .containsExactly(
                        ChangeVotersRequest.newBuilder()
                                .setAdd(4)
                                .setTimeoutMs(30_000)
                                .build(),
                        ChangeVotersRequest.newBuilder()
                                .setRemove(3)
                                .setTimeoutMs(9_000)
                                .build(),
                        ChangeVotersRequest.newBuilder()
                                .setTransferTo(-1)
                                .setTimeoutMs(30_000)
                                .build());
    }

    @Test
    void refusalsOfTheControllerKeepTheirCodeAndWrongTimesAreRefusedHere() {
        changeAnswer = CompletableFuture.failedFuture(
                GrpcErrors.exception(ErrorCode.MAJORITY_WOULD_BE_LOST, "too few would answer"));
        RecordingClient<ChangeQuorumResponse> client = new RecordingClient<>();
        api.removeVoter(RemoveVoterRequest.newBuilder().setBrokerId(3).build(), client);
        assertThat(client.error.code()).isEqualTo(ErrorCode.MAJORITY_WOULD_BE_LOST);
        RecordingClient<ChangeQuorumResponse> wrong = new RecordingClient<>();
        api.addVoter(
                AddVoterRequest.newBuilder()
                        .setBrokerId(3)
                        .setTimeoutMs(300_001)
                        .build(),
                wrong);
        assertThat(wrong.error.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(changes).hasSize(1);
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
