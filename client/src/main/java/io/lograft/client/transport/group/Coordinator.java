package io.lograft.client.transport.group;

import io.grpc.MethodDescriptor;
import io.lograft.client.core.Failure;
import io.lograft.client.transport.Calls;
import io.lograft.client.transport.Session;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.FindCoordinatorRequest;
import io.lograft.proto.v1.FindCoordinatorResponse;
import io.lograft.proto.v1.GroupServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Calls to the coordinator of a group, wherever it is: looks for it first where that is not known, and after each
 * failure by which it may have moved. Callers try again themselves. Owned by: client loop.
 */
final class Coordinator {
    private static final long FIND_MS_MAX = 5_000;
    private static final int UNKNOWN = -1;

    private final Session session;
    private final String groupId;
    private final List<Consumer<Failure>> waiting = new ArrayList<>();
    private int brokerId = UNKNOWN;

    Coordinator(Session session, String groupId) {
        this.session = session;
        this.groupId = groupId;
    }

    /** Makes a call, once the coordinator is known; {@code done} is told the outcome later, never at once. */
    <Q, R> void call(MethodDescriptor<Q, R> method, Q request, long timeoutMs, Consumer<Calls.Reply<R>> done) {
        if (brokerId != UNKNOWN) {
            send(method, request, timeoutMs, done);
            return;
        }
        waiting.add(failure -> {
            if (failure == null) {
                send(method, request, timeoutMs, done);
            } else {
                session.loop().execute(() -> done.accept(Calls.Reply.failed(failure)));
            }
        });
        if (waiting.size() == 1) {
            find();
        }
    }

    private <Q, R> void send(MethodDescriptor<Q, R> method, Q request, long timeoutMs, Consumer<Calls.Reply<R>> done) {
        int askedId = brokerId;
        Calls.unary(
                session.connections().channelTo(askedId),
                method,
                request,
                timeoutMs,
                reply -> session.loop().execute(() -> {
                    if (reply.failure() != null && mayHaveMoved(reply.failure().code()) && askedId == brokerId) {
                        brokerId = UNKNOWN;
                    }
                    done.accept(reply);
                }));
    }

    private static boolean mayHaveMoved(ErrorCode code) {
        return switch (code) {
            case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, UNAVAILABLE, REQUEST_TIMED_OUT, UNKNOWN_BROKER -> true;
            default -> false;
        };
    }

    private void find() {
        Calls.Question<FindCoordinatorRequest, FindCoordinatorResponse> question = new Calls.Question<>(
                GroupServiceGrpc.getFindCoordinatorMethod(),
                FindCoordinatorRequest.newBuilder().setGroupId(groupId).build(),
                answer -> answer.hasCoordinator()
                        ? null
                        : new Failure(ErrorCode.COORDINATOR_NOT_AVAILABLE, "no broker coordinates '" + groupId + "'"));
        session.calls().anyBroker(question, FIND_MS_MAX, reply -> session.loop().execute(() -> found(reply)));
    }

    private void found(Calls.Reply<FindCoordinatorResponse> reply) {
        if (reply.failure() == null) {
            brokerId = reply.answer().getCoordinator().getBrokerId();
        }
        List<Consumer<Failure>> asking = List.copyOf(waiting);
        waiting.clear();
        asking.forEach(one -> one.accept(reply.failure()));
    }
}
