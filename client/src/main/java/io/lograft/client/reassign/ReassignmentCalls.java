package io.lograft.client.reassign;

import io.lograft.client.LograftException;
import io.lograft.client.transport.Calls;
import io.lograft.client.transport.Session;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.AdminServiceGrpc;
import io.lograft.proto.v1.PartitionTarget;
import io.lograft.proto.v1.ReassignPartitionsRequest;
import io.lograft.proto.v1.ReassignPartitionsResponse;
import io.lograft.proto.v1.ReassignmentResult;
import io.lograft.wire.ErrorCodes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Asks brokers for reassignments, at most {@link #TARGETS_MAX} in a request, one request after the other. May be used by
 * many threads at once; has no state.
 */
public final class ReassignmentCalls {
    /** What one request may name, by the wire contract. */
    static final int TARGETS_MAX = 1_000;

    private final Session session;
    private final long timeoutMs;

    /** For {@code Admin}. */
    public ReassignmentCalls(Session session, long timeoutMs) {
        this.session = session;
        this.timeoutMs = timeoutMs;
    }

    /** Gives partitions these replicas, in assignment order; at least one for each. */
    public CompletableFuture<List<ReassignmentOutcome>> begin(
            Map<TopicPartition, List<Integer>> targets, ReassignmentOptions options) {
        targets.forEach((partition, replicas) -> {
            if (replicas.isEmpty()) {
                throw new IllegalArgumentException("no replicas for " + partition);
            }
        });
        return ask(targets, options);
    }

    /** Ends what is under way of these partitions. */
    public CompletableFuture<List<ReassignmentOutcome>> cancel(Collection<TopicPartition> partitions) {
        Map<TopicPartition, List<Integer>> targets = new LinkedHashMap<>();
        partitions.forEach(partition -> targets.put(partition, List.of()));
        return ask(targets, ReassignmentOptions.unlimited());
    }

    /**
     * Asks for all of these targets; the future fails where the first request does as a whole. Where a later one does, its
     * partitions and those behind it are answered with that failure, as the others have begun.
     *
     * @param targets none means to cancel what is under way
     */
    private CompletableFuture<List<ReassignmentOutcome>> ask(
            Map<TopicPartition, List<Integer>> targets, ReassignmentOptions options) {
        List<PartitionTarget> all = new ArrayList<>(targets.size());
        targets.forEach((partition, replicas) -> all.add(PartitionTarget.newBuilder()
                .setTopic(partition.topic())
                .setPartition(partition.partition())
                .addAllReplicas(replicas)
                .build()));
        CompletableFuture<List<ReassignmentOutcome>> done = new CompletableFuture<>();
        askFrom(all, options, new ArrayList<>(targets.size()), done);
        return done;
    }

    private void askFrom(
            List<PartitionTarget> targets,
            ReassignmentOptions options,
            List<ReassignmentOutcome> outcomes,
            CompletableFuture<List<ReassignmentOutcome>> done) {
        int from = outcomes.size();
        if (from == targets.size()) {
            done.complete(List.copyOf(outcomes));
            return;
        }
        List<PartitionTarget> part = targets.subList(from, Math.min(targets.size(), from + TARGETS_MAX));
        ReassignPartitionsRequest request = ReassignPartitionsRequest.newBuilder()
                .addAllTargets(part)
                .setThrottleBytesPerSecond(options.throttleBytesPerSecond())
                .setValidateOnly(options.isValidateOnly())
                .build();
        Calls.Question<ReassignPartitionsRequest, ReassignPartitionsResponse> question =
                new Calls.Question<>(AdminServiceGrpc.getReassignPartitionsMethod(), request, reply -> null);
        session.calls().anyBroker(question, timeoutMs, reply -> {
            LograftException failure = failure(reply, part.size());
            if (failure == null) {
                outcomes.addAll(outcomes(part, reply.answer().getResultsList()));
                askFrom(targets, options, outcomes, done);
            } else if (from == 0) {
                done.completeExceptionally(failure);
            } else {
                targets.subList(from, targets.size())
                        .forEach(target ->
                                outcomes.add(new ReassignmentOutcome(partition(target), Optional.of(failure))));
                done.complete(List.copyOf(outcomes));
            }
        });
    }

    private static LograftException failure(Calls.Reply<ReassignPartitionsResponse> reply, int asked) {
        if (reply.failure() != null) {
            return new LograftException(reply.failure().code(), reply.failure().message());
        }
        int answered = reply.answer().getResultsCount();
        return answered == asked
                ? null
                : new LograftException(
                        ErrorCode.INTERNAL, "the broker answered " + answered + " of " + asked + " partitions");
    }

    private static List<ReassignmentOutcome> outcomes(List<PartitionTarget> asked, List<ReassignmentResult> results) {
        List<ReassignmentOutcome> outcomes = new ArrayList<>(asked.size());
        for (int i = 0; i < asked.size(); i++) {
            ReassignmentResult result = results.get(i);
            outcomes.add(new ReassignmentOutcome(
                    partition(asked.get(i)),
                    result.hasFailure()
                            ? Optional.of(new LograftException(
                                    ErrorCodes.fromProto(result.getFailure().getCode()),
                                    result.getFailure().getMessage()))
                            : Optional.empty()));
        }
        return outcomes;
    }

    private static TopicPartition partition(PartitionTarget target) {
        return new TopicPartition(target.getTopic(), target.getPartition());
    }
}
