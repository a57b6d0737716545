package io.lograft.broker.api;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.DescribeClusterRequest;
import io.lograft.proto.v1.DescribeClusterResponse;
import io.lograft.proto.v1.DescribeTopicsRequest;
import io.lograft.proto.v1.DescribeTopicsResponse;
import io.lograft.proto.v1.ListOffsetsRequest;
import io.lograft.proto.v1.ListOffsetsResponse;
import io.lograft.proto.v1.ListTopicsRequest;
import io.lograft.proto.v1.ListTopicsResponse;
import io.lograft.proto.v1.MetadataServiceGrpc;
import io.lograft.proto.v1.OffsetAnswer;
import io.lograft.proto.v1.TopicDescription;
import io.lograft.proto.v1.WatchMetadataRequest;
import io.lograft.proto.v1.WatchMetadataResponse;
import io.lograft.wire.GrpcErrors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** What clients ask about the cluster, answered from the image of this broker. Safe for use by several threads. */
public final class MetadataServiceApi extends MetadataServiceGrpc.MetadataServiceImplBase {
    private static final int QUERIES_MAX = 10_000;

    private final ClusterState state;
    private final MetadataWatches watches;
    private final PartitionOffsets offsets;
    private final LogStates logStates;

    /** Answers from this state. */
    public MetadataServiceApi(
            ClusterState state, MetadataWatches watches, PartitionOffsets offsets, LogStates logStates) {
        this.state = state;
        this.watches = watches;
        this.offsets = offsets;
        this.logStates = logStates;
    }

    @Override
    public void describeCluster(DescribeClusterRequest request, StreamObserver<DescribeClusterResponse> client) {
        ClusterImage image = state.image();
        DescribeClusterResponse.Builder response = DescribeClusterResponse.newBuilder()
                .setClusterId(image.clusterId())
                .setAnsweredBy(state.self().value())
                .setControllerId(state.controller().map(BrokerId::value).orElse(-1))
                .setMetadataVersion(image.metadataVersion())
                .setMetadataIndex(image.index())
                .addAllVoters(state.voters().stream().map(BrokerId::value).toList())
                .setTopicCount(image.topicCount())
                .setPartitionCount(image.partitionCount())
                .setUnderReplicatedPartitions(image.underReplicatedCount())
                .setOfflinePartitions(image.offlineCount());
        Map<Integer, Integer> replicas = new HashMap<>();
        Map<Integer, Integer> leaders = new HashMap<>();
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                partition
                        .replicas()
                        .forEach(replica -> replicas.merge(replica.broker().value(), 1, Integer::sum));
                leaders.merge(partition.leader(), 1, Integer::sum);
            }
        }
        for (BrokerImage broker : image.brokers().values()) {
            response.addBrokers(ImageMessages.broker(broker, state)
                    .setReplicaCount(replicas.getOrDefault(broker.id().value(), 0))
                    .setLeaderCount(leaders.getOrDefault(broker.id().value(), 0)));
        }
        answer(client, response.build());
    }

    @Override
    public void listTopics(ListTopicsRequest request, StreamObserver<ListTopicsResponse> client) {
        ClusterImage image = state.image();
        ListTopicsResponse.Builder response = ListTopicsResponse.newBuilder();
        image.topicIdsByName()
                .values()
                .forEach(id -> image.topic(id).ifPresent(topic -> response.addTopics(ImageMessages.summary(topic))));
        answer(client, response.build());
    }

    @Override
    public void describeTopics(DescribeTopicsRequest request, StreamObserver<DescribeTopicsResponse> client) {
        ClusterImage image = state.image();
        Iterable<String> names =
                request.getNamesCount() == 0 ? image.topicIdsByName().keySet() : request.getNamesList();
        List<TopicDescription> topics = new ArrayList<>();
        for (String name : names) {
            topics.add(image.topic(name)
                    .map(topic -> ImageMessages.topic(topic).build())
                    .orElseGet(() -> ImageMessages.unknownTopic(name)));
        }
        if (!request.getIncludeLogState()) {
            answer(client, topics);
        } else if (request.getOwnLogStateOnly()) {
            answer(client, logStates.withOwn(topics, request.getIncludeReplicaStates()));
        } else {
            logStates
                    .withAll(topics, request.getIncludeReplicaStates())
                    .whenComplete((filled, failure) -> answer(client, failure == null ? filled : topics));
        }
    }

    @Override
    public void listOffsets(ListOffsetsRequest request, StreamObserver<ListOffsetsResponse> client) {
        if (request.getQueriesCount() > QUERIES_MAX) {
            client.onError(GrpcErrors.exception(
                    ErrorCode.INVALID_REQUEST,
                    request.getQueriesCount() + " queries in one request, at most " + QUERIES_MAX + " are allowed"));
            return;
        }
        List<CompletableFuture<OffsetAnswer>> answers =
                request.getQueriesList().stream().map(offsets::find).toList();
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).whenComplete((done, failure) -> {
            if (failure != null) {
                client.onError(GrpcErrors.exception(ErrorCode.INTERNAL, "a query failed: " + failure.getMessage()));
                return;
            }
            ListOffsetsResponse.Builder response = ListOffsetsResponse.newBuilder();
            answers.forEach(answer -> response.addAnswers(answer.join()));
            answer(client, response.build());
        });
    }

    @Override
    public void watchMetadata(WatchMetadataRequest request, StreamObserver<WatchMetadataResponse> client) {
        String clusterId = state.image().clusterId();
        if (!request.getClusterId().isEmpty()
                && !clusterId.isEmpty()
                && !request.getClusterId().equals(clusterId)) {
            client.onError(GrpcErrors.exception(
                    ErrorCode.CLUSTER_ID_MISMATCH,
                    "the client knows cluster '" + request.getClusterId() + "', this is cluster '" + clusterId + "'"));
            return;
        }
        watches.add(request, (ServerCallStreamObserver<WatchMetadataResponse>) client);
    }

    private static void answer(StreamObserver<DescribeTopicsResponse> client, List<TopicDescription> topics) {
        answer(client, DescribeTopicsResponse.newBuilder().addAllTopics(topics).build());
    }

    private static <T> void answer(StreamObserver<T> client, T response) {
        client.onNext(response);
        client.onCompleted();
    }
}
