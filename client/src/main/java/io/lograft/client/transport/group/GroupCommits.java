package io.lograft.client.transport.group;

import io.lograft.client.core.Failure;
import io.lograft.client.core.group.CommitPoint;
import io.lograft.client.core.group.CommitQueue;
import io.lograft.client.transport.ClientLoop;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.CommitOffsetsRequest;
import io.lograft.proto.v1.GroupServiceGrpc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** Carries the commits of one consumer, one request after the other. Owned by: client loop. */
final class GroupCommits {
    private static final long ATTEMPT_MS_MAX = 5_000;

    private final ClientLoop loop;
    private final Coordinator coordinator;
    private final String groupId;
    private final UnaryOperator<CommitOffsetsRequest.Builder> signature;
    private final CommitQueue queue;
    private final Map<Long, CompletableFuture<Failure>> open = new HashMap<>();
    private long lastId;
    private boolean isClosed;

    /** {@code signature} puts into each request who commits, as of the time when it is sent. */
    GroupCommits(
            ClientLoop loop,
            Coordinator coordinator,
            GroupSettings settings,
            UnaryOperator<CommitOffsetsRequest.Builder> signature) {
        this.loop = loop;
        this.coordinator = coordinator;
        this.groupId = settings.groupId();
        this.queue = new CommitQueue(!settings.isClassic());
        this.signature = signature;
    }

    /** Completes {@code done} with null once the points are durable. */
    void add(Map<PartitionId, CommitPoint> points, long deadlineMs, CompletableFuture<Failure> done) {
        List<CommitQueue.Effect> effects = new ArrayList<>();
        open.put(++lastId, done);
        queue.add(lastId, points, ClientLoop.nowMs(), deadlineMs, effects);
        execute(effects);
    }

    /** Fails what is open. */
    void failAll(Failure failure) {
        List<CommitQueue.Effect> effects = new ArrayList<>();
        queue.failAll(failure, effects);
        execute(effects);
    }

    void close(Failure why) {
        isClosed = true;
        failAll(why);
    }

    private void execute(List<CommitQueue.Effect> effects) {
        for (CommitQueue.Effect effect : effects) {
            if (effect instanceof CommitQueue.Effect.Done done) {
                open.remove(done.id()).complete(done.failure());
            } else if (effect instanceof CommitQueue.Effect.Send send) {
                send(send.points());
            }
        }
        long dueMs = queue.dueMs();
        if (dueMs != Long.MAX_VALUE && !isClosed) {
            loop.schedule(this::tick, Math.max(1, dueMs - ClientLoop.nowMs()));
        }
    }

    private void tick() {
        List<CommitQueue.Effect> effects = new ArrayList<>();
        long dueMs = queue.dueMs();
        queue.tick(ClientLoop.nowMs(), effects);
        if (!effects.isEmpty() || dueMs > ClientLoop.nowMs()) {
            execute(effects);
        }
    }

    private void send(Map<PartitionId, CommitPoint> points) {
        CommitOffsetsRequest request =
                signature.apply(GroupWire.commit(groupId, points)).build();
        coordinator.call(GroupServiceGrpc.getCommitOffsetsMethod(), request, ATTEMPT_MS_MAX, reply -> {
            List<CommitQueue.Effect> effects = new ArrayList<>();
            if (reply.failure() != null) {
                queue.refused(reply.failure(), ClientLoop.nowMs(), effects);
            } else {
                queue.answered(GroupWire.refusals(reply.answer()), ClientLoop.nowMs(), effects);
            }
            execute(effects);
        });
    }
}
