package io.lograft.client.transport;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.lograft.client.core.BrokerAddress;
import io.lograft.client.core.Failure;
import io.lograft.client.core.RetryPolicy;
import io.lograft.model.ErrorCode;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.RemoteError;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Unary calls that any broker answers: goes from one to the next until one does, within a time. May be called from any
 * thread; answers come on the client loop.
 */
public final class Calls {
    private static final long ATTEMPT_MS_MAX = 5_000;

    private final ClientLoop loop;
    private final Connections connections;
    private final long connectTimeoutMs;
    private BrokerAddress lastGood;

    Calls(ClientLoop loop, Connections connections, long connectTimeoutMs) {
        this.loop = loop;
        this.connections = connections;
        this.connectTimeoutMs = connectTimeoutMs;
    }

    /** Either an answer or a failure. */
    public record Reply<R>(R answer, Failure failure) {
        /** Nothing but a failure. */
        public static <R> Reply<R> failed(Failure failure) {
            return new Reply<>(null, failure);
        }
    }

    /**
     * A call that any broker answers.
     *
     * @param refusal finds the failure in an answer, null for a good one; a passing one is tried again
     */
    public record Question<Q, R>(MethodDescriptor<Q, R> method, Q request, Function<R, Failure> refusal) {}

    /** Asks any broker; tells {@code done} the answer, or the last failure once {@code timeoutMs} is over. */
    public <Q, R> void anyBroker(Question<Q, R> question, long timeoutMs, Consumer<Reply<R>> done) {
        anyBroker(question, timeoutMs, new Patience(ATTEMPT_MS_MAX, Calls::mayPass), done);
    }

    /**
     * The same for a change that may take long: an attempt that is under way is not given up for another broker's, and is
     * made again only where nothing came of it or the connection broke. The broker asked has tried for long enough itself.
     */
    public <Q, R> void anyBrokerPatiently(Question<Q, R> question, long timeoutMs, Consumer<Reply<R>> done) {
        anyBroker(question, timeoutMs, new Patience(timeoutMs, Calls::isNothingDone), done);
    }

    /** How long one attempt may take, and which of its failures another attempt may get over. */
    private record Patience(long attemptMsMax, Predicate<ErrorCode> mayPass) {}

    /** What does not exist here does not exist elsewhere either. */
    private static boolean mayPass(ErrorCode code) {
        return switch (code) {
            case UNKNOWN_TOPIC, UNKNOWN_PARTITION, UNKNOWN_BROKER -> false;
            default -> code.isRetriable();
        };
    }

    private static boolean isNothingDone(ErrorCode code) {
        return switch (code) {
            case UNAVAILABLE, BUSY, NOT_CONTROLLER, CONTROLLER_UNAVAILABLE -> true;
            default -> false;
        };
    }

    private <Q, R> void anyBroker(Question<Q, R> question, long timeoutMs, Patience patience, Consumer<Reply<R>> done) {
        long deadlineMs = ClientLoop.nowMs() + timeoutMs;
        loop.execute(() -> new Attempts<>(question, deadlineMs, patience, done).next());
    }

    /** One call on a channel. On the client loop. */
    public static <Q, R> void unary(
            Channel channel, MethodDescriptor<Q, R> method, Q request, long timeoutMs, Consumer<Reply<R>> done) {
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(timeoutMs, TimeUnit.MILLISECONDS);
        ClientCalls.asyncUnaryCall(channel.newCall(method, options), request, new StreamObserver<R>() {
            private R answer;

            @Override
            public void onNext(R value) {
                answer = value;
            }

            @Override
            public void onError(Throwable t) {
                done.accept(Reply.failed(failure(t)));
            }

            @Override
            public void onCompleted() {
                done.accept(new Reply<>(answer, null));
            }
        });
    }

    static Failure failure(Throwable thrown) {
        RemoteError error = GrpcErrors.of(thrown);
        Throwable cause = thrown.getCause();
        String why = cause == null || cause.getMessage() == null ? "" : " (" + cause.getMessage() + ")";
        return new Failure(error.code(), error.message() + why);
    }

    /** The attempts of one call. Owned by: client loop. */
    private final class Attempts<Q, R> {
        private final Question<Q, R> question;
        private final long startMs = ClientLoop.nowMs();
        private final long deadlineMs;
        private final Patience patience;
        private final Consumer<Reply<R>> done;
        private int count;

        private Attempts(Question<Q, R> question, long deadlineMs, Patience patience, Consumer<Reply<R>> done) {
            this.question = question;
            this.deadlineMs = deadlineMs;
            this.patience = patience;
            this.done = done;
        }

        private void next() {
            List<BrokerAddress> candidates = connections.candidates();
            int first = Math.max(0, candidates.indexOf(lastGood));
            BrokerAddress address = candidates.get((first + count) % candidates.size());
            count++;
            long timeoutMs = Math.max(1, Math.min(patience.attemptMsMax(), deadlineMs - ClientLoop.nowMs()));
            unary(connections.channelAt(address), question.method(), question.request(), timeoutMs, reply -> {
                Failure failure = reply.failure() != null
                        ? reply.failure()
                        : question.refusal().apply(reply.answer());
                if (failure != null) {
                    onFailure(address, failure, candidates.size());
                } else {
                    lastGood = address;
                    done.accept(reply);
                }
            });
        }

        private void onFailure(BrokerAddress address, Failure failure, int candidateCount) {
            long delayMs = count % candidateCount != 0 ? 0 : RetryPolicy.REQUESTS.delayMs(count / candidateCount + 2);
            if (!patience.mayPass().test(failure.code())) {
                done.accept(Reply.failed(failure));
            } else if (ClientLoop.nowMs() + delayMs >= Math.min(deadlineMs, connectDeadlineMs(failure))) {
                String last = "no broker could answer; the last one asked, " + address + ": " + failure.message();
                done.accept(Reply.failed(new Failure(failure.code(), last)));
            } else {
                loop.schedule(this::next, delayMs);
            }
        }

        /** Nobody has ever answered here: there is probably no cluster, which is to be told soon. */
        private long connectDeadlineMs(Failure failure) {
            boolean isNobodyThere = lastGood == null && failure.code() == ErrorCode.UNAVAILABLE;
            return isNobodyThere ? startMs + connectTimeoutMs : deadlineMs;
        }
    }
}
