package io.lograft.broker.api;

import io.grpc.stub.ServerCallStreamObserver;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.RemoteError;
import java.util.ArrayList;
import java.util.List;

/** The client's end of a call: keeps what it is told. Takes messages while {@link #isReady} says so. */
final class RecordingClient<T> extends ServerCallStreamObserver<T> {
    final List<T> messages = new ArrayList<>();
    RemoteError error;
    boolean isCompleted;
    boolean isReady = true;
    boolean isCancelled;
    Runnable onReady = () -> {};
    Runnable onCancel = () -> {};

    T only() {
        if (messages.size() != 1 || !isCompleted) {
            throw new AssertionError("expected one answer, not " + messages + ", error " + error);
        }
        return messages.get(0);
    }

    @Override
    public void onNext(T message) {
        messages.add(message);
    }

    @Override
    public void onError(Throwable failure) {
        error = GrpcErrors.of(failure);
    }

    @Override
    public void onCompleted() {
        isCompleted = true;
    }

    @Override
    public boolean isReady() {
        return isReady;
    }

    @Override
    public boolean isCancelled() {
        return isCancelled;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
        onReady = handler;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
        onCancel = handler;
    }

    @Override
    public void setCompression(String compression) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void request(int count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setMessageCompression(boolean enable) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void disableAutoInboundFlowControl() {
        throw new UnsupportedOperationException();
    }
}
