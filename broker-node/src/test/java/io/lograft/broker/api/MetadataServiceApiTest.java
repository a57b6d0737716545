package io.lograft.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.concurrent.Clock;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.BrokerDescription;
import io.lograft.proto.v1.DescribeClusterRequest;
import io.lograft.proto.v1.DescribeClusterResponse;
import io.lograft.proto.v1.DescribeTopicsRequest;
import io.lograft.proto.v1.DescribeTopicsResponse;
import io.lograft.proto.v1.ListOffsetsRequest;
import io.lograft.proto.v1.ListOffsetsResponse;
import io.lograft.proto.v1.ListTopicsRequest;
import io.lograft.proto.v1.ListTopicsResponse;
import io.lograft.proto.v1.LogState;
import io.lograft.proto.v1.OffsetAnswer;
import io.lograft.proto.v1.OffsetQuery;
import io.lograft.proto.v1.PartitionDescription;
import io.lograft.proto.v1.ReplicaState;
import io.lograft.proto.v1.TopicDescription;
import io.lograft.proto.v1.TopicSummary;
import io.lograft.proto.v1.WatchMetadataRequest;
import io.lograft.proto.v1.WatchMetadataResponse;
import io.lograft.wire.ErrorCodes;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MetadataServiceApiTest {
    private final ClusterFixture cluster = new ClusterFixture();
    private final EventLoop loop = new EventLoop("test", Clock.SYSTEM, 100, failure -> {
        throw new AssertionError(failure);
    });
    private final MetadataWatches watches = new MetadataWatches(cluster, loop);
    private final PartitionOffsets offsets = new PartitionOffsets() {
        @Override
        public CompletableFuture<OffsetAnswer> find(OffsetQuery query) {
            return CompletableFuture.completedFuture(OffsetAnswer.newBuilder()
                    .setPartition(query.getPartition())
                    .setOffset(100 + query.getPartition())
                    .build());
        }

        @Override
        public Optional<LogState> logState(PartitionId id) {
            boolean isLedHere = cluster.image().partition(id).orElseThrow().isLedBy(cluster.self());
            return isLedHere
                    ? Optional.of(LogState.newBuilder().setLogEndOffset(5).build())
                    : Optional.empty();
        }

        @Override
        public Optional<ReplicaState> replicaState(PartitionId id) {
            return Optional.of(ReplicaState.newBuilder().setLogEndOffset(4).build());
        }
    };
    private final MetadataServiceApi api = new MetadataServiceApi(
            cluster, watches, offsets, new LogStates(cluster.self(), offsets, broker -> Optional.empty()));

    @AfterEach
    void closeLoop() {
        loop.close();
    }

    @Test
    void describesTheCluster() {
        cluster.topic("orders", 6);
        cluster.fence(3);
        DescribeClusterResponse response = describeCluster();
        assertThat(response.getClusterId()).isEqualTo("cluster-a");
        assertThat(response.getAnsweredBy()).isEqualTo(1);
        assertThat(response.getControllerId()).isEqualTo(1);
        assertThat(response.getVotersList()).containsExactly(1, 2);
        assertThat(response.getMetadataIndex()).isEqualTo(cluster.image().index());
        assertThat(response.getTopicCount()).isEqualTo(1);
        assertThat(response.getPartitionCount()).isEqualTo(6);
        assertThat(response.getUnderReplicatedPartitions()).isEqualTo(6);
        assertThat(response.getOfflinePartitions()).isZero();
    }

    @Test
    void describesEachBroker() {
        cluster.topic("orders", 6);
        cluster.fence(3);
        DescribeClusterResponse response = describeCluster();
        assertThat(response.getBrokersList())
                .extracting(BrokerDescription::getFenced)
                .containsExactly(false, false, true);
        assertThat(response.getBrokersList())
                .extracting(BrokerDescription::getIsVoter)
                .containsExactly(true, true, false);
        assertThat(response.getBrokersList())
                .extracting(BrokerDescription::getReplicaCount)
                .containsExactly(6, 6, 6);
        int leaders =
                response.getBrokers(0).getLeaderCount() + response.getBrokers(1).getLeaderCount();
        assertThat(leaders).isEqualTo(6);
        assertThat(response.getBrokers(2).getLeaderCount()).isZero();
    }

    @Test
    void saysThatThereIsNoController() {
        cluster.controller = Optional.empty();
        assertThat(describeCluster().getControllerId()).isEqualTo(-1);
    }

    @Test
    void listsTopicsByName() {
        cluster.topic("zebra", 1);
        cluster.topic("apple", 2);
        RecordingClient<ListTopicsResponse> client = new RecordingClient<>();
        api.listTopics(ListTopicsRequest.getDefaultInstance(), client);
        assertThat(client.only().getTopicsList())
                .extracting(TopicSummary::getName)
                .containsExactly("apple", "zebra");
        assertThat(client.only().getTopics(0).getReplicationFactor()).isEqualTo(3);
    }

    @Test
    void describesTopicsAndAnswersForEachUnknownOne() {
        cluster.topic("orders", 3);
        DescribeTopicsResponse response = describe(DescribeTopicsRequest.newBuilder()
                .addNames("orders")
                .addNames("nothing")
                .build());
        TopicDescription orders = response.getTopics(0);
        assertThat(orders.getPartitionsList())
                .extracting(PartitionDescription::getLeader)
                .containsExactlyInAnyOrder(1, 2, 3);
        assertThat(orders.getConfigsMap())
                .containsEntry("min.insync.replicas", "2")
                .containsEntry("flush.mode", "commit");
        assertThat(orders.getPartitions(0).hasLogState()).isFalse();
        assertThat(ErrorCodes.fromProto(response.getTopics(1).getFailure().getCode()))
                .isEqualTo(ErrorCode.UNKNOWN_TOPIC);
        assertThat(response.getTopics(1).getFailure().getMessage()).contains("nothing");
    }

    @Test
    void addsLogStatesWhereTheLeaderAnswers() {
        cluster.topic("orders", 3);
        DescribeTopicsResponse response = describe(
                DescribeTopicsRequest.newBuilder().setIncludeLogState(true).build());
        for (PartitionDescription partition : response.getTopics(0).getPartitionsList()) {
            assertThat(partition.hasLogState()).isEqualTo(partition.getLeader() == 1);
        }
    }

    @Test
    void passesOnQueriesForOffsetsInOrder() {
        RecordingClient<ListOffsetsResponse> client = new RecordingClient<>();
        api.listOffsets(
                ListOffsetsRequest.newBuilder()
                        .addQueries(OffsetQuery.newBuilder().setPartition(4))
                        .addQueries(OffsetQuery.newBuilder().setPartition(2))
                        .build(),
                client);
        assertThat(client.only().getAnswersList())
                .extracting(OffsetAnswer::getOffset)
                .containsExactly(104L, 102L);
    }

    @Test
    void aWatchBeginsWithEverythingAndGoesOnWithWhatChanged() {
        cluster.topic("orders", 1);
        cluster.topic("other", 1);
        RecordingClient<WatchMetadataResponse> client = watch(WatchMetadataRequest.getDefaultInstance());
        WatchMetadataResponse full = client.messages.get(0);
        assertThat(full.getFull()).isTrue();
        assertThat(full.getBrokersCount()).isEqualTo(3);
        assertThat(full.getTopicsCount()).isEqualTo(2);

        int leader = full.getTopics(0).getPartitions(0).getLeader();
        cluster.fence(leader);
        changed();
        WatchMetadataResponse change = client.messages.get(1);
        assertThat(change.getFull()).isFalse();
        assertThat(change.getIndex()).isEqualTo(cluster.image().index());
        assertThat(change.getBrokersList())
                .extracting(broker -> broker.getEndpoint().getBrokerId())
                .containsExactly(leader);
        assertThat(change.getTopicsList())
                .isNotEmpty()
                .allMatch(topic -> topic.getPartitions(0).getLeader() != leader);
    }

    @Test
    void aWatchTellsOfTopicsThatAreGone() {
        cluster.topic("orders", 1);
        RecordingClient<WatchMetadataResponse> client = watch(WatchMetadataRequest.getDefaultInstance());
        cluster.carryOut(new MetadataCommand.DeleteTopic("orders", Optional.empty()));
        changed();
        assertThat(client.messages.get(1).getRemovedTopicsList()).containsExactly("orders");
    }

    @Test
    void aWatchIsSilentAboutOtherTopics() {
        cluster.topic("orders", 1);
        RecordingClient<WatchMetadataResponse> client =
                watch(WatchMetadataRequest.newBuilder().addTopics("orders").build());
        cluster.topic("other", 1);
        changed();
        assertThat(client.messages).hasSize(1);
        assertThat(client.messages.get(0).getTopicsCount()).isEqualTo(1);
    }

    @Test
    void aSlowClientGetsTheSumOfWhatItMissed() {
        RecordingClient<WatchMetadataResponse> client = watch(WatchMetadataRequest.getDefaultInstance());
        client.isReady = false;
        cluster.topic("one", 1);
        changed();
        cluster.topic("two", 1);
        changed();
        assertThat(client.messages).hasSize(1);
        client.isReady = true;
        client.onReady.run();
        drain();
        assertThat(client.messages).hasSize(2);
        assertThat(client.messages.get(1).getTopicsList())
                .extracting(TopicDescription::getName)
                .containsExactlyInAnyOrder("one", "two");
    }

    @Test
    void aClientNeverGoesBackInTime() {
        long future = cluster.image().index() + 1;
        RecordingClient<WatchMetadataResponse> client =
                watch(WatchMetadataRequest.newBuilder().setKnownIndex(future).build());
        assertThat(client.messages).isEmpty();
        cluster.topic("orders", 1);
        changed();
        assertThat(client.messages.get(0).getIndex()).isEqualTo(future);
        assertThat(client.messages.get(0).getFull()).isTrue();
    }

    @Test
    void aWatchTellsOfANewController() {
        RecordingClient<WatchMetadataResponse> client = watch(WatchMetadataRequest.getDefaultInstance());
        cluster.controller = Optional.of(new BrokerId(2));
        changed();
        assertThat(client.messages.get(1).getControllerId()).isEqualTo(2);
        assertThat(client.messages.get(1).getBrokersCount()).isEqualTo(2);
    }

    @Test
    void refusesAClientOfAnotherCluster() {
        RecordingClient<WatchMetadataResponse> client = watch(
                WatchMetadataRequest.newBuilder().setClusterId("cluster-b").build());
        assertThat(client.error.code()).isEqualTo(ErrorCode.CLUSTER_ID_MISMATCH);
        assertThat(client.error.message()).contains("cluster-a").contains("cluster-b");
    }

    @Test
    void forgetsAClientThatWentAway() {
        RecordingClient<WatchMetadataResponse> client = watch(WatchMetadataRequest.getDefaultInstance());
        client.onCancel.run();
        drain();
        cluster.topic("orders", 1);
        changed();
        assertThat(client.messages).hasSize(1);
    }

    private DescribeClusterResponse describeCluster() {
        RecordingClient<DescribeClusterResponse> client = new RecordingClient<>();
        api.describeCluster(DescribeClusterRequest.getDefaultInstance(), client);
        return client.only();
    }

    private DescribeTopicsResponse describe(DescribeTopicsRequest request) {
        RecordingClient<DescribeTopicsResponse> client = new RecordingClient<>();
        api.describeTopics(request, client);
        return client.only();
    }

    private RecordingClient<WatchMetadataResponse> watch(WatchMetadataRequest request) {
        RecordingClient<WatchMetadataResponse> client = new RecordingClient<>();
        api.watchMetadata(request, client);
        drain();
        return client;
    }

    private void changed() {
        loop.execute(watches::changed);
        drain();
    }

    /** Waits until the loop has done all that it was given. */
    private void drain() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> done.complete(null));
        done.join();
    }
}
