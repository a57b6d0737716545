package io.lograft.client.transport;

import io.lograft.client.core.ClusterView;
import io.lograft.client.core.Failure;
import io.lograft.client.core.RetryPolicy;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.FindCoordinatorRequest;
import io.lograft.proto.v1.FindCoordinatorResponse;
import io.lograft.proto.v1.GroupServiceGrpc;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Calls about groups: to the coordinator of one, which is looked for anew after each failure by which it may have moved;
 * or to every live broker. Both try until time is up. May be called from any thread.
 */
public final class GroupCalls {
    private static final long ATTEMPT_MS_MAX = 5_000;

    private final ClientLoop loop;
    private final Metadata metadata;
    private final Connections connections;
    private final Calls calls;

    GroupCalls(ClientLoop loop, Metadata metadata, Connections connections, Calls calls) {
        this.loop = loop;
        this.metadata = metadata;
        this.connections = connections;
        this.calls = calls;
    }

    /** Asks the group's coordinator; answers once there is an answer that is no refusal, or a failure that does not pass. */
    public <Q, R> CompletableFuture<Calls.Reply<R>> coordinator(
            String groupId, Calls.Question<Q, R> question, long timeoutMs) {
        metadata.start();
        ToCoordinator<Q, R> call = new ToCoordinator<>(groupId, question, ClientLoop.nowMs() + timeoutMs);
        loop.execute(call::find);
        return call.done;
    }

    /** Asks every broker that is not fenced, and again all of them where one failed; their answers by their ids. */
    public <Q, R> CompletableFuture<Calls.Reply<Map<Integer, R>>> everyBroker(
            Calls.Question<Q, R> question, long timeoutMs) {
        ToAll<Q, R> call = new ToAll<>(question, ClientLoop.nowMs() + timeoutMs);
        metadata.await(view -> !view.isEmpty(), timeoutMs).thenAccept(reply -> {
            if (reply.failure() != null) {
                call.done.complete(Calls.Reply.failed(reply.failure()));
            } else {
                loop.execute(call::round);
            }
        });
        return call.done;
    }

    /** One call to a coordinator. Owned by: client loop. */
    private final class ToCoordinator<Q, R> {
        private final String groupId;
        private final Calls.Question<Q, R> question;
        private final long deadlineMs;
        private final CompletableFuture<Calls.Reply<R>> done = new CompletableFuture<>();
        private int failures;
        private Failure lastFailure;

        private ToCoordinator(String groupId, Calls.Question<Q, R> question, long deadlineMs) {
            this.groupId = groupId;
            this.question = question;
            this.deadlineMs = deadlineMs;
        }

        private void find() {
            Calls.Question<FindCoordinatorRequest, FindCoordinatorResponse> where = new Calls.Question<>(
                    GroupServiceGrpc.getFindCoordinatorMethod(),
                    FindCoordinatorRequest.newBuilder().setGroupId(groupId).build(),
                    answer -> answer.hasCoordinator()
                            ? null
                            : new Failure(
                                    ErrorCode.COORDINATOR_NOT_AVAILABLE, "no broker coordinates group " + groupId));
            calls.anyBroker(where, Math.max(1, deadlineMs - ClientLoop.nowMs()), reply -> {
                if (reply.failure() != null) {
                    giveUp(reply.failure());
                } else {
                    ask(reply.answer().getCoordinator().getBrokerId());
                }
            });
        }

        private void ask(int brokerId) {
            long timeoutMs = Math.max(1, Math.min(ATTEMPT_MS_MAX, deadlineMs - ClientLoop.nowMs()));
            Calls.unary(
                    connections.channelTo(brokerId), question.method(), question.request(), timeoutMs, this::onReply);
        }

        private void onReply(Calls.Reply<R> reply) {
            Failure failure = failure(question, reply);
            long delayMs = RetryPolicy.REQUESTS.delayMs(++failures);
            if (failure == null) {
                done.complete(reply);
            } else if (!mayPass(failure.code()) || ClientLoop.nowMs() + delayMs >= deadlineMs) {
                giveUp(failure);
            } else {
                lastFailure = failure;
                loop.schedule(this::find, delayMs);
            }
        }

        /** That time is up says less than why it was needed. */
        private void giveUp(Failure failure) {
            boolean isTimeUp = lastFailure != null && failure.code() == ErrorCode.REQUEST_TIMED_OUT;
            done.complete(Calls.Reply.failed(isTimeUp ? lastFailure : failure));
        }
    }

    /** One call to all brokers. Owned by: client loop. */
    private final class ToAll<Q, R> {
        private final Calls.Question<Q, R> question;
        private final long deadlineMs;
        private final CompletableFuture<Calls.Reply<Map<Integer, R>>> done = new CompletableFuture<>();
        private final Map<Integer, R> answers = new TreeMap<>();
        private Failure lastFailure;
        private int pending;
        private int failures;

        private ToAll(Calls.Question<Q, R> question, long deadlineMs) {
            this.question = question;
            this.deadlineMs = deadlineMs;
        }

        /** All of them each time: what one broker had may have gone to another one meanwhile. */
        private void round() {
            lastFailure = null;
            answers.clear();
            int[] brokers = metadata.view().brokers().values().stream()
                    .filter(broker -> !broker.isFenced())
                    .mapToInt(ClusterView.Broker::id)
                    .toArray();
            // One more, so that the round cannot end before all are asked.
            pending = brokers.length + 1;
            long timeoutMs = Math.max(1, Math.min(ATTEMPT_MS_MAX, deadlineMs - ClientLoop.nowMs()));
            for (int broker : brokers) {
                Calls.unary(
                        connections.channelTo(broker),
                        question.method(),
                        question.request(),
                        timeoutMs,
                        reply -> onReply(broker, reply));
            }
            ended();
        }

        private void onReply(int broker, Calls.Reply<R> reply) {
            Failure failure = failure(question, reply);
            if (failure == null) {
                answers.put(broker, reply.answer());
            } else {
                lastFailure = new Failure(failure.code(), "broker " + broker + ": " + failure.message());
            }
            ended();
        }

        private void ended() {
            if (--pending > 0) {
                return;
            }
            long delayMs = RetryPolicy.REQUESTS.delayMs(++failures);
            if (lastFailure == null) {
                done.complete(new Calls.Reply<>(answers, null));
            } else if (!mayPass(lastFailure.code()) || ClientLoop.nowMs() + delayMs >= deadlineMs) {
                done.complete(Calls.Reply.failed(lastFailure));
            } else {
                loop.schedule(this::round, delayMs);
            }
        }
    }

    private static <Q, R> Failure failure(Calls.Question<Q, R> question, Calls.Reply<R> reply) {
        return reply.failure() != null ? reply.failure() : question.refusal().apply(reply.answer());
    }

    /** A topic that does not exist will not exist later, either; a group that rebalances may do so for long. */
    private static boolean mayPass(ErrorCode code) {
        return switch (code) {
            case UNKNOWN_TOPIC, UNKNOWN_PARTITION, REBALANCE_IN_PROGRESS -> false;
            default -> code.isRetriable();
        };
    }
}
