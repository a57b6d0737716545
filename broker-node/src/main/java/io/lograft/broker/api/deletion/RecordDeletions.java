package io.lograft.broker.api.deletion;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.api.AdminServiceApi;
import io.lograft.broker.api.ClusterState;
import io.lograft.broker.api.Failures;
import io.lograft.broker.api.LeadershipBarrier;
import io.lograft.broker.replica.ReplicaEffect;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.broker.replica.runtime.PartitionRuntime;
import io.lograft.metadata.control.TopicRules;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.AdminServiceGrpc;
import io.lograft.proto.v1.DeleteRecordsRequest;
import io.lograft.proto.v1.DeleteRecordsResponse;
import io.lograft.proto.v1.RecordDeletion;
import io.lograft.proto.v1.RecordDeletionResult;
import io.lograft.wire.GrpcErrors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the oldest records of partitions: of those that are led here, and by asking the other leaders, each of them once.
 * Safe for use by several threads.
 */
public final class RecordDeletions implements AdminServiceApi.Deletion {
    private static final Logger LOG = LoggerFactory.getLogger(RecordDeletions.class);
    private static final int DELETIONS_MAX = 10_000;
    private static final long TIMEOUT_MS = 30_000;
    private static final long TIMEOUT_MS_MAX = 300_000;
    /** A leader that is asked answers by itself before whoever asked gives up. */
    private static final long ANSWER_MS = 2_000;

    private final ClusterState state;
    private final PartitionRegistry partitions;
    private final LeadershipBarrier leadership;
    private final Function<BrokerId, Optional<? extends Channel>> channels;

    /**
     * Deletes in these replicas, and asks other leaders over these channels.
     *
     * @param leadership passed before anything is refused or deleted here: a deposed leader that does not know yet may
     *     have another idea of what is committed
     */
    public RecordDeletions(
            ClusterState state,
            PartitionRegistry partitions,
            LeadershipBarrier leadership,
            Function<BrokerId, Optional<? extends Channel>> channels) {
        this.state = state;
        this.partitions = partitions;
        this.leadership = leadership;
        this.channels = channels;
    }

    @Override
    public void deleteRecords(DeleteRecordsRequest request, StreamObserver<DeleteRecordsResponse> client) {
        String wrong = problem(request);
        if (wrong != null) {
            client.onError(GrpcErrors.exception(ErrorCode.INVALID_REQUEST, wrong));
            return;
        }
        long timeoutMs = request.getTimeoutMs() == 0 ? TIMEOUT_MS : request.getTimeoutMs();
        List<CompletableFuture<RecordDeletionResult>> results = new ArrayList<>();
        SortedMap<BrokerId, List<Asked>> others = new TreeMap<>();
        for (RecordDeletion deletion : request.getDeletionsList()) {
            CompletableFuture<RecordDeletionResult> result = new CompletableFuture<>();
            results.add(result);
            start(new Asked(deletion, result), request.getOwnPartitionsOnly(), timeoutMs, others);
        }
        others.forEach((leader, asked) -> ask(leader, asked, timeoutMs));
        CompletableFuture.allOf(results.toArray(CompletableFuture[]::new)).whenComplete((done, failure) -> {
            if (failure != null) {
                client.onError(GrpcErrors.exception(ErrorCode.INTERNAL, "a deletion failed: " + failure.getMessage()));
                return;
            }
            DeleteRecordsResponse.Builder response = DeleteRecordsResponse.newBuilder();
            results.forEach(result -> response.addResults(result.join()));
            client.onNext(response.build());
            client.onCompleted();
        });
    }

    /** One part of a request, and where its result goes. */
    private record Asked(RecordDeletion deletion, CompletableFuture<RecordDeletionResult> result) {
        void refuse(ErrorCode code, String message) {
            result.complete(RecordDeletionResult.newBuilder()
                    .setTopic(deletion.getTopic())
                    .setPartition(deletion.getPartition())
                    .setFailure(Failures.of(code, message))
                    .setLogStartOffset(-1)
                    .build());
        }

        String name() {
            return TopicRules.abbreviate(deletion.getTopic()) + "-" + deletion.getPartition();
        }
    }

    private static String problem(DeleteRecordsRequest request) {
        if (request.getDeletionsCount() == 0 || request.getDeletionsCount() > DELETIONS_MAX) {
            return request.getDeletionsCount() + " partitions in one request, allowed are 1 to " + DELETIONS_MAX;
        }
        if (request.getTimeoutMs() < 0 || request.getTimeoutMs() > TIMEOUT_MS_MAX) {
            return "timeout_ms is " + request.getTimeoutMs() + ", allowed are 0 to " + TIMEOUT_MS_MAX;
        }
        Set<String> seen = new HashSet<>();
        for (RecordDeletion deletion : request.getDeletionsList()) {
            if (!seen.add(deletion.getTopic() + "-" + deletion.getPartition())) {
                return "partition " + deletion.getPartition() + " of '" + TopicRules.abbreviate(deletion.getTopic())
                        + "' is named twice";
            }
        }
        return null;
    }

    private void start(Asked asked, boolean isOwnOnly, long timeoutMs, SortedMap<BrokerId, List<Asked>> others) {
        RecordDeletion deletion = asked.deletion();
        Optional<TopicImage> topic = state.image().topic(deletion.getTopic());
        if (topic.isEmpty()) {
            asked.refuse(
                    ErrorCode.UNKNOWN_TOPIC,
                    "no topic has the name '" + TopicRules.abbreviate(deletion.getTopic()) + "'");
            return;
        }
        Optional<PartitionImage> partition = topic.get().partition(deletion.getPartition());
        if (partition.isEmpty()) {
            asked.refuse(
                    ErrorCode.UNKNOWN_PARTITION,
                    "topic " + deletion.getTopic() + " has "
                            + topic.get().partitions().size() + " partitions, none of number "
                            + deletion.getPartition());
        } else if (topic.get().internal()) {
            asked.refuse(
                    ErrorCode.POLICY_VIOLATION,
                    "'" + deletion.getTopic() + "' belongs to the brokers and is compacted");
        } else if (!partition.get().hasLeader()) {
            asked.refuse(ErrorCode.LEADER_NOT_AVAILABLE, asked.name() + " has no leader now");
        } else if (partition.get().isLedBy(state.self())) {
            PartitionId id = new PartitionId(topic.get().id(), deletion.getPartition());
            leadership.pass().whenComplete((passed, failure) -> {
                if (failure == null) {
                    deleteHere(id, asked, timeoutMs);
                } else {
                    asked.refuse(
                            ErrorCode.OFFSET_NOT_AVAILABLE,
                            "leadership could not be confirmed: " + failure.getMessage());
                }
            });
        } else if (isOwnOnly) {
            asked.refuse(
                    ErrorCode.NOT_LEADER,
                    asked.name() + " is led by broker " + partition.get().leader());
        } else {
            others.computeIfAbsent(new BrokerId(partition.get().leader()), id -> new ArrayList<>())
                    .add(asked);
        }
    }

    private void deleteHere(PartitionId id, Asked asked, long timeoutMs) {
        Optional<PartitionRuntime> partition = partitions.find(id);
        if (partition.isEmpty()) {
            asked.refuse(ErrorCode.NOT_LEADER, asked.name() + " is not here yet");
            return;
        }
        long before = asked.deletion().getBeforeOffset();
        LOG.info("somebody asks that records of {} below {} be deleted", asked.name(), before < 0 ? "its end" : before);
        if (!partition.get().deleteRecords(before, timeoutMs, done -> completed(asked, done))) {
            asked.refuse(ErrorCode.BUSY, "the loop of " + asked.name() + " has too much to do");
        }
    }

    private static void completed(Asked asked, ReplicaEffect.CompleteDeletion done) {
        if (done.code() != ErrorCode.NONE) {
            asked.refuse(done.code(), asked.name() + ": " + done.message());
            return;
        }
        asked.result()
                .complete(RecordDeletionResult.newBuilder()
                        .setTopic(asked.deletion().getTopic())
                        .setPartition(asked.deletion().getPartition())
                        .setLogStartOffset(done.logStartOffset())
                        .build());
    }

    private void ask(BrokerId leader, List<Asked> all, long timeoutMs) {
        Optional<? extends Channel> channel = channels.apply(leader);
        if (channel.isEmpty()) {
            all.forEach(asked -> asked.refuse(
                    ErrorCode.LEADER_NOT_AVAILABLE, "no address is known of broker " + leader + ", which leads"));
            return;
        }
        DeleteRecordsRequest request = DeleteRecordsRequest.newBuilder()
                .addAllDeletions(all.stream().map(Asked::deletion).toList())
                .setTimeoutMs((int) timeoutMs)
                .setOwnPartitionsOnly(true)
                .build();
        AdminServiceGrpc.newStub(channel.get())
                .withDeadlineAfter(timeoutMs + ANSWER_MS, TimeUnit.MILLISECONDS)
                .deleteRecords(request, new StreamObserver<>() {
                    @Override
                    public void onNext(DeleteRecordsResponse response) {
                        for (int i = 0; i < Math.min(all.size(), response.getResultsCount()); i++) {
                            all.get(i).result().complete(response.getResults(i));
                        }
                    }

                    @Override
                    public void onError(Throwable failure) {
                        String why = "broker " + leader + ", which leads, does not answer: "
                                + Status.fromThrowable(failure).getCode();
                        all.forEach(asked -> asked.refuse(ErrorCode.OUTCOME_UNKNOWN, why));
                    }

                    @Override
                    public void onCompleted() {
                        all.forEach(asked -> asked.refuse(
                                ErrorCode.OUTCOME_UNKNOWN, "broker " + leader + " did not answer for " + asked.name()));
                    }
                });
    }
}
