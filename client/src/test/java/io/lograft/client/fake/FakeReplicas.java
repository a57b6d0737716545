package io.lograft.client.fake;

import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.AdminServiceGrpc;
import io.lograft.proto.v1.BrokerDescription;
import io.lograft.proto.v1.BrokerEndpoint;
import io.lograft.proto.v1.DescribeClusterRequest;
import io.lograft.proto.v1.DescribeClusterResponse;
import io.lograft.proto.v1.DescribeTopicsRequest;
import io.lograft.proto.v1.DescribeTopicsResponse;
import io.lograft.proto.v1.DrainBrokerRequest;
import io.lograft.proto.v1.DrainBrokerResponse;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.LogState;
import io.lograft.proto.v1.MetadataServiceGrpc;
import io.lograft.proto.v1.PartitionDescription;
import io.lograft.proto.v1.PartitionReassignment;
import io.lograft.proto.v1.PartitionTarget;
import io.lograft.proto.v1.ReassignPartitionsRequest;
import io.lograft.proto.v1.ReassignPartitionsResponse;
import io.lograft.proto.v1.ReassignmentResult;
import io.lograft.proto.v1.ReplicaState;
import io.lograft.proto.v1.TopicDescription;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.WireBytes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the brokers of a {@link FakeCluster} answer about replicas and their moves. A new replica has half of the leader's
 * log at the first look, and all of it, which ends the move, at the second, unless moves are held. Guarded by its own lock.
 */
public final class FakeReplicas {
    public static final long LOG_BYTES = 1_000;
    private static final long LOG_END = 50;

    private final Map<Integer, BrokerDescription.Builder> brokers = new TreeMap<>();
    private final Map<TopicPartition, PartitionDescription.Builder> partitions = new TreeMap<>();
    private final Set<TopicPartition> looked = new LinkedHashSet<>();
    private final List<ReassignPartitionsRequest> requests = new ArrayList<>();
    private Runnable onDrain = () -> {};
    private boolean isHeld;
    private int failAfter = Integer.MAX_VALUE;

    /** The brokers of this cluster, of which the first three vote; one serves for all. */
    public synchronized FakeCluster cluster(int brokerCount) {
        for (int id = 1; id <= brokerCount; id++) {
            brokers.put(
                    id,
                    BrokerDescription.newBuilder()
                            .setEndpoint(BrokerEndpoint.newBuilder()
                                    .setBrokerId(id)
                                    .setHost("host-" + id)
                                    .setPort(7400))
                            .setIsVoter(id <= 3));
        }
        return new FakeCluster(1, broker -> List.<BindableService>of(new MetadataApi(), new AdminApi()));
    }

    /** A partition whose replicas are all in sync, led by the first. */
    public synchronized void partition(String topic, int number, Integer... replicas) {
        partitions.put(
                new TopicPartition(topic, number),
                PartitionDescription.newBuilder()
                        .setPartition(number)
                        .setLeader(replicas[0])
                        .addAllReplicas(List.of(replicas))
                        .addAllIsr(List.of(replicas)));
    }

    /** Takes a broker out of the cluster; partitions that have no other replica have no leader then. */
    public synchronized void fence(int id) {
        brokers.get(id).setFenced(true);
        for (PartitionDescription.Builder partition : partitions.values()) {
            List<Integer> live = partition.getIsrList().stream()
                    .filter(broker -> broker != id)
                    .toList();
            partition.setLeader(live.isEmpty() ? -1 : live.get(0));
            if (!live.isEmpty()) {
                partition.clearIsr().addAllIsr(live);
            }
        }
    }

    /** From now on new replicas get no further. */
    public synchronized void hold() {
        isHeld = true;
    }

    public synchronized void release() {
        isHeld = false;
    }

    /** Done just before the next drain. */
    public synchronized void onDrain(Runnable action) {
        onDrain = action;
    }

    /** From the request behind so many on, reassignments fail as a whole. */
    public synchronized void failAfter(int requestCount) {
        failAfter = requestCount;
    }

    public synchronized List<ReassignPartitionsRequest> requests() {
        return List.copyOf(requests);
    }

    public synchronized List<Integer> replicas(String topic, int number) {
        return List.copyOf(partitions.get(new TopicPartition(topic, number)).getReplicasList());
    }

    private Failure refusal(PartitionTarget target) {
        PartitionDescription.Builder partition = partitions.get(partition(target));
        if (partition == null) {
            return FakeBroker.failure(ErrorCode.UNKNOWN_PARTITION, "no " + partition(target));
        }
        if (target.getReplicasCount() == 0 && !partition.hasReassignment()) {
            return FakeBroker.failure(ErrorCode.NO_REASSIGNMENT, partition(target) + " stays");
        }
        for (int id : target.getReplicasList()) {
            if (!brokers.containsKey(id)) {
                return FakeBroker.failure(ErrorCode.UNKNOWN_BROKER, "no broker " + id);
            }
            boolean isFree = !brokers.get(id).getFenced() && !brokers.get(id).getDraining();
            if (!isFree && !partition.getReplicasList().contains(id)) {
                return FakeBroker.failure(ErrorCode.INELIGIBLE_REPLICA, "broker " + id + " is out");
            }
        }
        return null;
    }

    private void begin(PartitionTarget target, long throttle) {
        PartitionDescription.Builder partition = partitions.get(partition(target));
        List<Integer> former = partition.hasReassignment()
                ? partition.getReassignment().getFormerReplicasList()
                : partition.getReplicasList();
        Set<Integer> both = new LinkedHashSet<>(former);
        both.addAll(target.getReplicasList());
        partition.clearReassignment().clearReplicas().addAllReplicas(both);
        looked.remove(partition(target));
        if (target.getReplicasCount() > 0 && !target.getReplicasList().equals(former)) {
            partition.setReassignment(PartitionReassignment.newBuilder()
                    .addAllFormerReplicas(former)
                    .addAllTargetReplicas(target.getReplicasList())
                    .setThrottleBytesPerSecond(throttle));
        }
    }

    private static TopicPartition partition(PartitionTarget target) {
        return new TopicPartition(target.getTopic(), target.getPartition());
    }

    private PartitionDescription described(TopicPartition name, PartitionDescription.Builder partition) {
        PartitionDescription.Builder described = partition.clone();
        if (partition.getLeader() >= 0) {
            described.setLogState(LogState.newBuilder()
                    .setHighWatermark(LOG_END)
                    .setLogEndOffset(LOG_END)
                    .setSizeBytes(LOG_BYTES));
        }
        partition.getReplicasList().forEach(broker -> {
            boolean isThere = partition.getIsrList().contains(broker);
            described.addReplicaStates(ReplicaState.newBuilder()
                    .setBrokerId(broker)
                    .setLogEndOffset(isThere ? LOG_END : LOG_END / 2)
                    .setSizeBytes(isThere ? LOG_BYTES : LOG_BYTES / 2));
        });
        if (partition.hasReassignment() && !isHeld && !looked.add(name)) {
            List<Integer> target = partition.getReassignment().getTargetReplicasList();
            partition
                    .clearReassignment()
                    .clearReplicas()
                    .addAllReplicas(target)
                    .clearIsr()
                    .addAllIsr(target)
                    .setLeader(target.get(0));
        }
        return described.build();
    }

    private TopicDescription topic(String name, boolean isWithReplicas) {
        TopicDescription.Builder topic = TopicDescription.newBuilder()
                .setName(name)
                .setTopicId(WireBytes.topicId(new io.lograft.model.TopicId(1, 2)));
        partitions.forEach((partition, description) -> {
            if (partition.topic().equals(name)) {
                topic.addPartitions(isWithReplicas ? described(partition, description) : description.build());
            }
        });
        return topic.getPartitionsCount() > 0
                ? topic.build()
                : topic.setFailure(FakeBroker.failure(ErrorCode.UNKNOWN_TOPIC, "no topic '" + name + "'"))
                        .build();
    }

    private final class MetadataApi extends MetadataServiceGrpc.MetadataServiceImplBase {
        @Override
        public void describeCluster(DescribeClusterRequest request, StreamObserver<DescribeClusterResponse> out) {
            DescribeClusterResponse.Builder answer =
                    DescribeClusterResponse.newBuilder().setControllerId(1);
            synchronized (FakeReplicas.this) {
                brokers.values().forEach(broker -> answer.addBrokers(broker.build()));
            }
            out.onNext(answer.build());
            out.onCompleted();
        }

        @Override
        public void describeTopics(DescribeTopicsRequest request, StreamObserver<DescribeTopicsResponse> out) {
            DescribeTopicsResponse.Builder answer = DescribeTopicsResponse.newBuilder();
            synchronized (FakeReplicas.this) {
                Collection<String> names = new TreeSet<>(request.getNamesList());
                if (names.isEmpty()) {
                    partitions.keySet().forEach(partition -> names.add(partition.topic()));
                }
                names.forEach(name -> answer.addTopics(topic(name, request.getIncludeReplicaStates())));
            }
            out.onNext(answer.build());
            out.onCompleted();
        }
    }

    private final class AdminApi extends AdminServiceGrpc.AdminServiceImplBase {
        @Override
        public void reassignPartitions(
                ReassignPartitionsRequest request, StreamObserver<ReassignPartitionsResponse> out) {
            ReassignPartitionsResponse.Builder answer = ReassignPartitionsResponse.newBuilder();
            synchronized (FakeReplicas.this) {
                if (requests.size() == failAfter) {
                    out.onError(GrpcErrors.exception(ErrorCode.INVALID_REQUEST, "that is enough"));
                    return;
                }
                requests.add(request);
                for (PartitionTarget target : request.getTargetsList()) {
                    Failure failure = refusal(target);
                    if (failure == null && !request.getValidateOnly()) {
                        begin(target, request.getThrottleBytesPerSecond());
                    }
                    ReassignmentResult.Builder result = answer.addResultsBuilder();
                    if (failure != null) {
                        result.setFailure(failure);
                    }
                }
            }
            out.onNext(answer.build());
            out.onCompleted();
        }

        @Override
        public void drainBroker(DrainBrokerRequest request, StreamObserver<DrainBrokerResponse> out) {
            synchronized (FakeReplicas.this) {
                onDrain.run();
                onDrain = () -> {};
                brokers.get(request.getBrokerId()).setDraining(true);
            }
            out.onNext(DrainBrokerResponse.getDefaultInstance());
            out.onCompleted();
        }
    }

    /** Partitions with all that a cluster tells of them, by name. */
    public synchronized Map<TopicPartition, List<Integer>> all() {
        Map<TopicPartition, List<Integer>> all = new LinkedHashMap<>();
        partitions.forEach((name, partition) -> all.put(name, List.copyOf(partition.getReplicasList())));
        return all;
    }
}
