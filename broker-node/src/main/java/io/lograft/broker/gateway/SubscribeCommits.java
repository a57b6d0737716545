package io.lograft.broker.gateway;

import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.SubscribeRequest;
import io.lograft.proto.v1.SubscribeResponse;
import io.lograft.wire.ErrorCodes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The commits of one Subscribe stream that are under way, answered in their order. At most so many; one more waits for the
 * oldest. Owned by: the stream's thread.
 */
final class SubscribeCommits {
    private static final int UNDER_WAY_MAX = 64;
    private static final long WAIT_MS_MAX = 9_000;
    private static final Failure NOTHING_HEARD = failure(
            ErrorCode.REQUEST_TIMED_OUT, "the coordinator did not answer the commit for " + WAIT_MS_MAX + " ms");

    private final SubscribeSession session;
    private final RecordReader reader;
    private final ArrayDeque<Commit> underWay = new ArrayDeque<>();

    /** One commit: what becomes of it, and what was wrong with some of its positions before it was sent. */
    private record Commit(
            List<SubscribeRequest.Position> positions,
            Map<SubscribeRequest.Position, Failure> refused,
            CompletableFuture<Failure> outcome) {}

    SubscribeCommits(SubscribeSession session, RecordReader reader) {
        this.session = session;
        this.reader = reader;
    }

    /** Sends a commit to the group, but for positions that are bad or of partitions that are not the client's. */
    void commit(SubscribeRequest.Commit asked, Predicate<TopicPartition> isOurs) {
        if (underWay.size() >= UNDER_WAY_MAX) {
            await(underWay.peek());
            sendDone();
        }
        Map<SubscribeRequest.Position, Failure> refused = new HashMap<>();
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (SubscribeRequest.Position position : asked.getPositionsList()) {
            String fault = SubscribeChecks.fault(position);
            if (fault != null) {
                refused.put(position, failure(ErrorCode.INVALID_REQUEST, fault));
                continue;
            }
            TopicPartition partition = new TopicPartition(position.getTopic(), position.getPartition());
            if (isOurs.test(partition)) {
                offsets.put(partition, position.getOffset());
            } else {
                refused.put(
                        position,
                        failure(ErrorCode.ILLEGAL_GENERATION, "partition " + partition + " is not this stream's"));
            }
        }
        CompletableFuture<Failure> outcome =
                offsets.isEmpty() ? CompletableFuture.completedFuture(null) : reader.commit(offsets);
        outcome.whenComplete((failure, broken) -> session.wake());
        underWay.add(new Commit(asked.getPositionsList(), refused, outcome));
    }

    /** Answers those that are done. */
    void sendDone() {
        while (!underWay.isEmpty() && underWay.peek().outcome().isDone()) {
            Commit done = underWay.poll();
            Failure failure = done.outcome().getNow(null);
            SubscribeResponse.Builder response = SubscribeResponse.newBuilder();
            for (SubscribeRequest.Position position : done.positions()) {
                SubscribeResponse.CommitResult.Builder result = SubscribeResponse.CommitResult.newBuilder()
                        .setTopic(position.getTopic())
                        .setPartition(position.getPartition())
                        .setOffset(position.getOffset());
                Failure own = done.refused().getOrDefault(position, failure);
                if (own != null) {
                    result.setFailure(own);
                }
                response.addCommitted(result);
            }
            session.send(response.build());
        }
    }

    /** Waits for all that is under way, and answers it. */
    void awaitAll() {
        new ArrayList<>(underWay).forEach(SubscribeCommits::await);
        sendDone();
    }

    private static void await(Commit commit) {
        commit.outcome()
                .completeOnTimeout(NOTHING_HEARD, WAIT_MS_MAX, TimeUnit.MILLISECONDS)
                .join();
    }

    private static Failure failure(ErrorCode code, String message) {
        return Failure.newBuilder()
                .setCode(ErrorCodes.toProto(code))
                .setMessage(message)
                .build();
    }
}
