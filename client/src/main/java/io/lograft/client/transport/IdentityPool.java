package io.lograft.client.transport;

import io.lograft.client.core.Failure;
import io.lograft.client.core.produce.ProducerIdentity;
import io.lograft.proto.v1.AllocateProducerIdRequest;
import io.lograft.proto.v1.AllocateProducerIdResponse;
import io.lograft.proto.v1.ProduceServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Producer ids from the cluster: all partitions share the newest one, and another is asked for when a partition cannot
 * use it any longer. Owned by: client loop.
 */
final class IdentityPool {
    private static final long ATTEMPTS_MS = 30_000;

    private final Calls calls;
    private final BiConsumer<PartitionLane, ProducerIdentity> granted;
    private final List<PartitionLane> waiting = new ArrayList<>();
    private ProducerIdentity newest;
    private boolean isAsked;
    private boolean isClosed;
    private Failure lastFailure;

    IdentityPool(Calls calls, BiConsumer<PartitionLane, ProducerIdentity> granted) {
        this.calls = calls;
        this.granted = granted;
    }

    /** Grants the lane an identity other than {@code used}, now or later. */
    void ask(PartitionLane lane, ProducerIdentity used) {
        if (newest != null && !newest.equals(used)) {
            granted.accept(lane, newest);
            return;
        }
        waiting.add(lane);
        allocate();
    }

    /** Why there is no identity yet; null if nothing went wrong. */
    Failure lastFailure() {
        return lastFailure;
    }

    void close() {
        isClosed = true;
        waiting.clear();
    }

    private void allocate() {
        if (isAsked || isClosed) {
            return;
        }
        isAsked = true;
        Calls.Question<AllocateProducerIdRequest, AllocateProducerIdResponse> question = new Calls.Question<>(
                ProduceServiceGrpc.getAllocateProducerIdMethod(),
                AllocateProducerIdRequest.getDefaultInstance(),
                answer -> null);
        calls.anyBroker(question, ATTEMPTS_MS, this::onReply);
    }

    private void onReply(Calls.Reply<AllocateProducerIdResponse> reply) {
        isAsked = false;
        lastFailure = reply.failure();
        if (reply.failure() != null) {
            allocate();
            return;
        }
        AllocateProducerIdResponse answer = reply.answer();
        newest = new ProducerIdentity(answer.getProducerId(), (short) answer.getProducerEpoch());
        List<PartitionLane> lanes = List.copyOf(waiting);
        waiting.clear();
        lanes.forEach(lane -> granted.accept(lane, newest));
    }
}
