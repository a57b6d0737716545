package io.lograft.client.fake;

import io.grpc.HandlerRegistry;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.AddVoterRequest;
import io.lograft.proto.v1.AdminServiceGrpc;
import io.lograft.proto.v1.BrokerEndpoint;
import io.lograft.proto.v1.BrokerFencing;
import io.lograft.proto.v1.ChangeQuorumResponse;
import io.lograft.proto.v1.CreateTopicsRequest;
import io.lograft.proto.v1.CreateTopicsResponse;
import io.lograft.proto.v1.DeleteTopicsRequest;
import io.lograft.proto.v1.DeleteTopicsResponse;
import io.lograft.proto.v1.DescribeClusterRequest;
import io.lograft.proto.v1.DescribeClusterResponse;
import io.lograft.proto.v1.DescribeFencingRequest;
import io.lograft.proto.v1.DescribeFencingResponse;
import io.lograft.proto.v1.DescribeQuorumRequest;
import io.lograft.proto.v1.DescribeQuorumResponse;
import io.lograft.proto.v1.DescribeTopicsRequest;
import io.lograft.proto.v1.DescribeTopicsResponse;
import io.lograft.proto.v1.DrainBrokerRequest;
import io.lograft.proto.v1.DrainBrokerResponse;
import io.lograft.proto.v1.ElectLeadersRequest;
import io.lograft.proto.v1.ElectLeadersResponse;
import io.lograft.proto.v1.ElectionResult;
import io.lograft.proto.v1.ElectionType;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.ListOffsetsRequest;
import io.lograft.proto.v1.ListOffsetsResponse;
import io.lograft.proto.v1.ListTopicsRequest;
import io.lograft.proto.v1.ListTopicsResponse;
import io.lograft.proto.v1.MetadataServiceGrpc;
import io.lograft.proto.v1.OffsetAnswer;
import io.lograft.proto.v1.OffsetQuery;
import io.lograft.proto.v1.RemoveVoterRequest;
import io.lograft.proto.v1.TopicDescription;
import io.lograft.proto.v1.TopicResult;
import io.lograft.proto.v1.TopicSummary;
import io.lograft.proto.v1.TransferMetadataLeadershipRequest;
import io.lograft.proto.v1.VoterState;
import io.lograft.proto.v1.WatchMetadataRequest;
import io.lograft.proto.v1.WatchMetadataResponse;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.WireBytes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** One broker of a {@link FakeCluster}: serves metadata and admin, and relays; data calls are in classes of their own. */
final class FakeBroker {
    private final FakeCluster cluster;
    private final int id;
    private final Map<String, ServerMethodDefinition<?, ?>> methods = new HashMap<>();
    private final List<StreamObserver<WatchMetadataResponse>> watches = new CopyOnWriteArrayList<>();
    private final AtomicInteger relayedCalls = new AtomicInteger();
    final FakeProduceService produce;
    final FakeFetchService fetch;
    private volatile CompletableFuture<Void> watchIgnored;
    private Server server;
    private int port;

    FakeBroker(FakeCluster cluster, int id) {
        this.cluster = cluster;
        this.id = id;
        this.produce = new FakeProduceService(cluster, id);
        this.fetch = new FakeFetchService(cluster, id);
    }

    int id() {
        return id;
    }

    int port() {
        return port;
    }

    int relayedCalls() {
        return relayedCalls.get();
    }

    void start(int atPort) throws IOException {
        List<ServerServiceDefinition> services = List.of(
                new MetadataApi().bindService(),
                new AdminApi().bindService(),
                produce.bindService(),
                fetch.bindService(),
                new FakeGroupService(cluster, id).bindService());
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), atPort))
                .directExecutor()
                .maxInboundMessageSize(32 << 20);
        for (ServerServiceDefinition service : services) {
            builder.addService(service);
            service.getMethods()
                    .forEach(m -> methods.put(m.getMethodDescriptor().getFullMethodName(), m));
        }
        cluster.moreServices.apply(id).forEach(more -> {
            builder.addService(more);
            more.bindService()
                    .getMethods()
                    .forEach(m -> methods.put(m.getMethodDescriptor().getFullMethodName(), m));
        });
        builder.fallbackHandlerRegistry(new Relay());
        server = builder.build().start();
        port = server.getPort();
    }

    void stop() {
        server.shutdownNow();
    }

    CompletableFuture<Void> ignoreWatches() {
        watchIgnored = new CompletableFuture<>();
        return watchIgnored;
    }

    void breakStreams() {
        produce.breakStreams();
        fetch.breakStreams();
        for (StreamObserver<WatchMetadataResponse> watch : List.copyOf(watches)) {
            watches.remove(watch);
            watch.onError(
                    Status.UNAVAILABLE.withDescription("broken by the test").asRuntimeException());
        }
    }

    void pushMetadata() {
        WatchMetadataResponse state = cluster.fullState();
        for (StreamObserver<WatchMetadataResponse> watch : List.copyOf(watches)) {
            try {
                watch.onNext(state);
            } catch (RuntimeException e) {
                watches.remove(watch); // The client is gone.
            }
        }
    }

    static Failure failure(ErrorCode code, String message) {
        return Failure.newBuilder()
                .setCode(ErrorCodes.toProto(code))
                .setMessage(message)
                .build();
    }

    /** Hands relayed calls to the broker that they name. */
    private final class Relay extends HandlerRegistry {
        @Override
        public ServerMethodDefinition<?, ?> lookupMethod(String name, String authority) {
            if (!name.startsWith("relay.")) {
                return null;
            }
            relayedCalls.incrementAndGet();
            int dot = name.indexOf('.', 6);
            return cluster.broker(Integer.parseInt(name.substring(6, dot)))
                    .methods
                    .get(name.substring(dot + 1));
        }
    }

    private final class MetadataApi extends MetadataServiceGrpc.MetadataServiceImplBase {
        @Override
        public void describeCluster(DescribeClusterRequest request, StreamObserver<DescribeClusterResponse> out) {
            out.onNext(DescribeClusterResponse.newBuilder()
                    .setClusterId(cluster.clusterId)
                    .setAnsweredBy(id)
                    .setControllerId(1)
                    .addAllBrokers(cluster.describeBrokers())
                    .build());
            out.onCompleted();
        }

        @Override
        public void listTopics(ListTopicsRequest request, StreamObserver<ListTopicsResponse> out) {
            ListTopicsResponse.Builder answer = ListTopicsResponse.newBuilder();
            synchronized (cluster) {
                cluster.topics.forEach((name, topic) -> answer.addTopics(TopicSummary.newBuilder()
                        .setName(name)
                        .setTopicId(WireBytes.topicId(topic.id))
                        .setPartitionCount(topic.partitions.size())
                        .setReplicationFactor(1)));
            }
            out.onNext(answer.build());
            out.onCompleted();
        }

        @Override
        public void describeTopics(DescribeTopicsRequest request, StreamObserver<DescribeTopicsResponse> out) {
            DescribeTopicsResponse.Builder answer = DescribeTopicsResponse.newBuilder();
            for (String name : request.getNamesList()) {
                synchronized (cluster) {
                    FakeCluster.FakeTopic topic = cluster.topics.get(name);
                    answer.addTopics(
                            topic == null
                                    ? TopicDescription.newBuilder()
                                            .setName(name)
                                            .setFailure(failure(ErrorCode.UNKNOWN_TOPIC, "no topic '" + name + "'"))
                                            .build()
                                    : cluster.describe(name, topic));
                }
            }
            out.onNext(answer.build());
            out.onCompleted();
        }

        @Override
        public void watchMetadata(WatchMetadataRequest request, StreamObserver<WatchMetadataResponse> out) {
            CompletableFuture<Void> ignored = watchIgnored;
            if (ignored != null) {
                ignored.complete(null);
                return;
            }
            out.onNext(cluster.fullState());
            watches.add(out);
        }

        @Override
        public void listOffsets(ListOffsetsRequest request, StreamObserver<ListOffsetsResponse> out) {
            ListOffsetsResponse.Builder answer = ListOffsetsResponse.newBuilder();
            synchronized (cluster) {
                request.getQueriesList().forEach(query -> answer.addAnswers(answer(query)));
            }
            out.onNext(answer.build());
            out.onCompleted();
        }

        private OffsetAnswer answer(OffsetQuery query) {
            FakePartition partition = cluster.byId(WireBytes.topicId(query.getTopicId()))
                    .getValue()
                    .partitions
                    .get(query.getPartition());
            OffsetAnswer.Builder answer =
                    OffsetAnswer.newBuilder().setTopicId(query.getTopicId()).setPartition(query.getPartition());
            if (partition.leader != id) {
                return answer.setFailure(failure(ErrorCode.NOT_LEADER, "broker " + id + " does not lead"))
                        .setLeaderHint(cluster.hint(partition))
                        .build();
            }
            if (query.hasAtOrAfterMs()) {
                long offset = partition.records().stream()
                        .filter(record -> record.timestampMs() >= query.getAtOrAfterMs())
                        .mapToLong(record -> record.offset())
                        .findFirst()
                        .orElse(-1);
                return answer.setOffset(offset)
                        .setTimestampMs(query.getAtOrAfterMs())
                        .build();
            }
            if (query.hasMaxTimestamp()) {
                answer.setOffset(-1).setTimestampMs(-1);
                partition.records().forEach(record -> {
                    if (record.timestampMs() > answer.getTimestampMs()) {
                        answer.setOffset(record.offset()).setTimestampMs(record.timestampMs());
                    }
                });
                return answer.build();
            }
            if (query.hasAgeOfOffset()) {
                // As if a record had been written every second, the last one right now.
                long offset = Math.max(query.getAgeOfOffset(), partition.logStart);
                return answer.setOffset(offset)
                        .setAgeMs(Math.max(0, partition.logEnd - 1 - offset) * 1_000)
                        .build();
            }
            return answer.setOffset(query.hasEarliest() ? partition.logStart : partition.logEnd)
                    .build();
        }
    }

    private final class AdminApi extends AdminServiceGrpc.AdminServiceImplBase {
        @Override
        public void createTopics(CreateTopicsRequest request, StreamObserver<CreateTopicsResponse> out) {
            CreateTopicsResponse.Builder answer = CreateTopicsResponse.newBuilder();
            request.getTopicsList().forEach(topic -> {
                TopicResult.Builder result = TopicResult.newBuilder().setName(topic.getName());
                synchronized (cluster) {
                    if (cluster.topics.containsKey(topic.getName())) {
                        result.setFailure(failure(ErrorCode.TOPIC_ALREADY_EXISTS, "it exists"));
                    } else {
                        cluster.createTopic(topic.getName(), Math.max(1, topic.getPartitionCount()));
                        result.setTopicId(WireBytes.topicId(cluster.topics.get(topic.getName()).id))
                                .setPartitionCount(Math.max(1, topic.getPartitionCount()))
                                .setReplicationFactor(1);
                    }
                }
                answer.addResults(result);
            });
            out.onNext(answer.build());
            out.onCompleted();
        }

        @Override
        public void deleteTopics(DeleteTopicsRequest request, StreamObserver<DeleteTopicsResponse> out) {
            DeleteTopicsResponse.Builder answer = DeleteTopicsResponse.newBuilder();
            request.getNamesList().forEach(name -> {
                TopicResult.Builder result = TopicResult.newBuilder().setName(name);
                synchronized (cluster) {
                    if (cluster.topics.containsKey(name)) {
                        cluster.deleteTopic(name);
                    } else {
                        result.setFailure(failure(ErrorCode.UNKNOWN_TOPIC, "no topic '" + name + "'"));
                    }
                }
                answer.addResults(result);
            });
            out.onNext(answer.build());
            out.onCompleted();
        }

        /** Partition 0 is where it belongs; the others are moved, but one that nobody can lead. */
        @Override
        public void electLeaders(ElectLeadersRequest request, StreamObserver<ElectLeadersResponse> out) {
            ElectLeadersResponse.Builder answer = ElectLeadersResponse.newBuilder();
            boolean isUnclean = request.getType() == ElectionType.ELECTION_TYPE_UNCLEAN;
            List<Integer> partitions = request.getPartitionsCount() > 0 ? request.getPartitionsList() : List.of(0, 1);
            for (int partition : partitions) {
                ElectionResult.Builder result = ElectionResult.newBuilder()
                        .setPartition(partition)
                        .setLeader(partition == 2 ? -1 : 3)
                        .setLeaderEpoch(isUnclean ? 8 : 7);
                if (partition == 0) {
                    result.setFailure(failure(ErrorCode.ELECTION_NOT_NEEDED, "it leads"));
                } else if (partition == 2) {
                    result.setFailure(failure(ErrorCode.NO_ELIGIBLE_LEADER, "nobody lives"));
                }
                answer.addResults(result);
            }
            out.onNext(answer.build());
            out.onCompleted();
        }

        /** Broker 2 is drained in two steps, broker 3 cannot be drained. */
        @Override
        public void drainBroker(DrainBrokerRequest request, StreamObserver<DrainBrokerResponse> out) {
            if (request.getBrokerId() == 3) {
                out.onError(GrpcErrors.exception(ErrorCode.UNSAFE_CHANGE, "orders-0 has no other copy"));
                return;
            }
            int left = cluster.drainCalls.getAndIncrement() == 0 ? 4 : 0;
            out.onNext(DrainBrokerResponse.newBuilder()
                    .setBrokerEpoch(9)
                    .setPartitionsChanged(3)
                    .setLeadershipsLeft(left)
                    .setInSyncLeft(left)
                    .build());
            out.onCompleted();
        }

        @Override
        public void describeFencing(DescribeFencingRequest request, StreamObserver<DescribeFencingResponse> out) {
            out.onNext(DescribeFencingResponse.newBuilder()
                    .addBrokers(BrokerFencing.newBuilder()
                            .setEndpoint(BrokerEndpoint.newBuilder()
                                    .setBrokerId(1)
                                    .setHost("host-1")
                                    .setPort(7400))
                            .setSinceMs(-1))
                    .addBrokers(BrokerFencing.newBuilder()
                            .setEndpoint(BrokerEndpoint.newBuilder()
                                    .setBrokerId(2)
                                    .setHost("host-2")
                                    .setPort(7400))
                            .setFenced(true)
                            .setReason("it fell silent")
                            .setSinceMs(1_000))
                    .build());
            out.onCompleted();
        }

        @Override
        public void describeQuorum(DescribeQuorumRequest request, StreamObserver<DescribeQuorumResponse> out) {
            out.onNext(DescribeQuorumResponse.newBuilder()
                    .setLeaderId(1)
                    .setTerm(7)
                    .addVoters(VoterState.newBuilder()
                            .setBrokerId(1)
                            .setAddress("127.0.0.1:7401")
                            .setDirectoryId("0123456789ab"))
                    .addVoters(VoterState.newBuilder()
                            .setBrokerId(2)
                            .setAddress("127.0.0.1:7411")
                            .setMatchIndex(3)
                            .setLag(97)
                            .setSilentMs(5)
                            .setStalled(true))
                    .build());
            out.onCompleted();
        }

        @Override
        public void addVoter(AddVoterRequest request, StreamObserver<ChangeQuorumResponse> out) {
            if (request.getBrokerId() == 1) {
                out.onError(GrpcErrors.exception(ErrorCode.ALREADY_A_VOTER, "broker 1 is a voter already"));
                return;
            }
            changed(request.getBrokerId(), out);
        }

        @Override
        public void removeVoter(RemoveVoterRequest request, StreamObserver<ChangeQuorumResponse> out) {
            changed(request.getBrokerId(), out);
        }

        @Override
        public void transferMetadataLeadership(
                TransferMetadataLeadershipRequest request, StreamObserver<ChangeQuorumResponse> out) {
            changed(request.hasBrokerId() ? request.getBrokerId() : 3, out);
        }

        private static void changed(int leader, StreamObserver<ChangeQuorumResponse> out) {
            out.onNext(ChangeQuorumResponse.newBuilder()
                    .setLeaderId(leader)
                    .addVoters("1@a:7401/7400")
                    .addVoters("2@b:7401/7400")
                    .addVoters("3@c:7401/7400")
                    .build());
            out.onCompleted();
        }
    }
}
