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
import io.lograft.proto.v1.TopicDescription;
import io.lograft.wire.WireBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Adds to descriptions of topics what the leaders know of their logs: its own from memory, that of others by asking
 * each of them once. A leader that does not answer in time leaves its partitions without log state. Any thread.
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

    /** The same descriptions with the states of the logs led here. */
    List<TopicDescription> withOwn(List<TopicDescription> topics) {
        return filled(topics, this::ownState);
    }

    /** The same descriptions with the states of all logs whose leaders answer. */
    CompletableFuture<List<TopicDescription>> withAll(List<TopicDescription> topics) {
        Map<PartitionId, LogState> answers = new ConcurrentHashMap<>();
        List<CompletableFuture<Void>> calls = new ArrayList<>();
        namesByLeader(topics).forEach((leader, names) -> {
            if (!leader.equals(self)) {
                calls.add(ask(leader, names, answers));
            }
        });
        return CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new))
                .thenApply(done -> filled(topics, id -> ownState(id).or(() -> Optional.ofNullable(answers.get(id)))));
    }

    private Optional<LogState> ownState(PartitionId id) {
        return own.logState(id);
    }

    private static SortedMap<BrokerId, List<String>> namesByLeader(List<TopicDescription> topics) {
        SortedMap<BrokerId, List<String>> names = new TreeMap<>();
        for (TopicDescription topic : topics) {
            topic.getPartitionsList().stream()
                    .map(PartitionDescription::getLeader)
                    .filter(leader -> leader >= 0)
                    .distinct()
                    .forEach(leader -> names.computeIfAbsent(new BrokerId(leader), id -> new ArrayList<>())
                            .add(topic.getName()));
        }
        return names;
    }

    private CompletableFuture<Void> ask(BrokerId leader, List<String> names, Map<PartitionId, LogState> answers) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Optional<? extends Channel> channel = channels.apply(leader);
        if (channel.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        DescribeTopicsRequest request = DescribeTopicsRequest.newBuilder()
                .addAllNames(names)
                .setIncludeLogState(true)
                .setOwnLogStateOnly(true)
                .build();
        MetadataServiceGrpc.newStub(channel.get())
                .withDeadlineAfter(ANSWER_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .describeTopics(request, new StreamObserver<>() {
                    @Override
                    public void onNext(DescribeTopicsResponse response) {
                        response.getTopicsList().forEach(topic -> collect(topic, answers));
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

    private static void collect(TopicDescription topic, Map<PartitionId, LogState> answers) {
        if (topic.hasFailure()) {
            return;
        }
        TopicId id = WireBytes.topicId(topic.getTopicId());
        for (PartitionDescription partition : topic.getPartitionsList()) {
            if (partition.hasLogState()) {
                answers.put(new PartitionId(id, partition.getPartition()), partition.getLogState());
            }
        }
    }

    private static List<TopicDescription> filled(
            List<TopicDescription> topics, Function<PartitionId, Optional<LogState>> states) {
        List<TopicDescription> filled = new ArrayList<>(topics.size());
        for (TopicDescription topic : topics) {
            if (topic.hasFailure()) {
                filled.add(topic);
                continue;
            }
            TopicId id = WireBytes.topicId(topic.getTopicId());
            TopicDescription.Builder description = topic.toBuilder();
            for (PartitionDescription.Builder partition : description.getPartitionsBuilderList()) {
                states.apply(new PartitionId(id, partition.getPartition())).ifPresent(partition::setLogState);
            }
            filled.add(description.build());
        }
        return filled;
    }
}
