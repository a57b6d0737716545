package io.lograft.broker.api;

import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.DescribeTopicsRequest;
import io.lograft.proto.v1.DescribeTopicsResponse;
import io.lograft.proto.v1.LogState;
import io.lograft.proto.v1.MetadataServiceGrpc;
import io.lograft.proto.v1.PartitionDescription;
import io.lograft.proto.v1.ReplicaState;
import io.lograft.proto.v1.TopicDescription;
import io.lograft.wire.WireBytes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Adds to descriptions of topics what brokers know of their logs: leaders of high watermarks, and all of how far their
 * replicas are. Its own from memory, that of others by asking each of them once. A broker that does not answer in time
 * leaves that out. Any thread.
 */
public final class LogStates {
    private static final long ANSWER_TIMEOUT_MS = 2_000;

    private final BrokerId self;
    private final PartitionOffsets own;
    private final Function<BrokerId, Optional<? extends Channel>> channels;

    public LogStates(BrokerId self, PartitionOffsets own, Function<BrokerId, Optional<? extends Channel>> channels) {
        this.self = self;
        this.own = own;
        this.channels = channels;
    }

    /** What others answered, by partition; several may at a time. */
    private record Answers(
            Map<PartitionId, LogState> logs, Map<PartitionId, SortedMap<Integer, ReplicaState>> replicas) {
        Answers() {
            this(new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
        }

        void collect(TopicDescription topic) {
            if (topic.hasFailure()) {
                return;
            }
            TopicId topicId = WireBytes.topicId(topic.getTopicId());
            for (PartitionDescription partition : topic.getPartitionsList()) {
                PartitionId id = new PartitionId(topicId, partition.getPartition());
                if (partition.hasLogState()) {
                    logs.put(id, partition.getLogState());
                }
                partition.getReplicaStatesList().forEach(state -> add(id, state));
            }
        }

        void add(PartitionId id, ReplicaState state) {
            replicas.computeIfAbsent(id, none -> new ConcurrentSkipListMap<>()).put(state.getBrokerId(), state);
        }
    }

    /**
     * The same descriptions with the states of the logs led here.
     *
     * @param needsReplicas with those of the replicas here, too
     */
    List<TopicDescription> withOwn(List<TopicDescription> topics, boolean needsReplicas) {
        return filled(topics, needsReplicas, new Answers());
    }

    /**
     * The same descriptions with the states of all logs whose leaders answer.
     *
     * @param needsReplicas with those of all replicas whose brokers answer, too
     */
    CompletableFuture<List<TopicDescription>> withAll(List<TopicDescription> topics, boolean needsReplicas) {
        Answers answers = new Answers();
        List<CompletableFuture<Void>> calls = new ArrayList<>();
        namesByBroker(topics, needsReplicas).forEach((broker, names) -> {
            if (!broker.equals(self)) {
                calls.add(ask(broker, names, needsReplicas, answers));
            }
        });
        return CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new))
                .thenApply(done -> filled(topics, needsReplicas, answers));
    }

    private static SortedMap<BrokerId, List<String>> namesByBroker(
            List<TopicDescription> topics, boolean needsReplicas) {
        SortedMap<BrokerId, List<String>> names = new TreeMap<>();
        for (TopicDescription topic : topics) {
            topic.getPartitionsList().stream()
                    .flatMap(partition ->
                            needsReplicas ? partition.getReplicasList().stream() : Stream.of(partition.getLeader()))
                    .filter(broker -> broker >= 0)
                    .distinct()
                    .forEach(broker -> names.computeIfAbsent(new BrokerId(broker), id -> new ArrayList<>())
                            .add(topic.getName()));
        }
        return names;
    }

    private CompletableFuture<Void> ask(BrokerId broker, List<String> names, boolean needsReplicas, Answers answers) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Optional<? extends Channel> channel = channels.apply(broker);
        if (channel.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        DescribeTopicsRequest request = DescribeTopicsRequest.newBuilder()
                .addAllNames(names)
                .setIncludeLogState(true)
                .setOwnLogStateOnly(true)
                .setIncludeReplicaStates(needsReplicas)
                .build();
        MetadataServiceGrpc.newStub(channel.get())
                .withDeadlineAfter(ANSWER_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .describeTopics(request, new StreamObserver<>() {
                    @Override
                    public void onNext(DescribeTopicsResponse response) {
                        response.getTopicsList().forEach(answers::collect);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        done.complete(null);
                    }

                    @Override
                    public void onCompleted() {
                        done.complete(null);
                    }
                });
        return done;
    }

    private List<TopicDescription> filled(List<TopicDescription> topics, boolean needsReplicas, Answers answers) {
        List<TopicDescription> filled = new ArrayList<>(topics.size());
        for (TopicDescription topic : topics) {
            if (topic.hasFailure()) {
                filled.add(topic);
                continue;
            }
            TopicId topicId = WireBytes.topicId(topic.getTopicId());
            TopicDescription.Builder description = topic.toBuilder();
            for (PartitionDescription.Builder partition : description.getPartitionsBuilderList()) {
                PartitionId id = new PartitionId(topicId, partition.getPartition());
                own.logState(id)
                        .or(() -> Optional.ofNullable(answers.logs().get(id)))
                        .ifPresent(partition::setLogState);
                if (needsReplicas) {
                    own.replicaState(id)
                            .map(state ->
                                    state.toBuilder().setBrokerId(self.value()).build())
                            .ifPresent(state -> answers.add(id, state));
                    partition.addAllReplicaStates(answers.replicas()
                            .getOrDefault(id, Collections.emptySortedMap())
                            .values());
                }
            }
            filled.add(description.build());
        }
        return filled;
    }
}
