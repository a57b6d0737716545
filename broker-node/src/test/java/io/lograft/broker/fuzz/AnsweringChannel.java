package io.lograft.broker.fuzz;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.util.concurrent.TimeUnit;

/**
 * A channel to another broker, without a network: each call of one request gets the same bytes for an answer, at once.
 * Where they are no message of the method, the call fails as on a broken connection; without any it is refused.
 */
public final class AnsweringChannel extends ManagedChannel {
    private final byte[] answer;

    /** Answers so. */
    public AnsweringChannel(byte[] answer) {
        this.answer = answer.clone();
    }

    @Override
    public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
        return new Call<>(method);
    }

    private final class Call<Q, R> extends ClientCall<Q, R> {
        private final MethodDescriptor<Q, R> method;
        private Listener<R> listener;

        private Call(MethodDescriptor<Q, R> method) {
            this.method = method;
        }

        @Override
        public void start(Listener<R> caller, Metadata headers) {
            listener = caller;
        }

        @Override
        public void sendMessage(Q message) {
            // Whatever it is, the answer is the same.
        }

        @Override
        public void request(int count) {
            // There is only one answer, and it is waited for.
        }

        @Override
        public void halfClose() {
            if (answer.length == 0) {
                listener.onClose(Status.FAILED_PRECONDITION.withDescription("refused"), new Metadata());
                return;
            }
            try {
                listener.onMessage(method.parseResponse(new ByteArrayInputStream(answer)));
            } catch (StatusRuntimeException malformed) {
                listener.onClose(Status.UNAVAILABLE.withCause(malformed), new Metadata());
                return;
            }
            listener.onClose(Status.OK, new Metadata());
        }

        @Override
        public void cancel(String message, Throwable cause) {
            throw new IllegalStateException("nobody ends a call before its answer: " + message, cause);
        }
    }

    @Override
    public String authority() {
        return "another-broker";
    }

    @Override
    public ManagedChannel shutdown() {
        return this;
    }

    @Override
    public ManagedChannel shutdownNow() {
        return this;
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return false;
    }
}
