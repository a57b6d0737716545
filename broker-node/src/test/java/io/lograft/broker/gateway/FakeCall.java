package io.lograft.broker.gateway;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/** The server's end of a streaming call without a network: remembers what was sent and asked for. */
public final class FakeCall<R> extends ServerCallStreamObserver<R> {
    public final LinkedBlockingQueue<R> sent = new LinkedBlockingQueue<>();
    public final CompletableFuture<Void> done = new CompletableFuture<>();
    private final List<Integer> requests = new ArrayList<>();
    private Runnable onReady = () -> {};
    private Runnable onCancel = () -> {};
    private volatile boolean isReady = true;
    private volatile boolean isCancelled;

    /** How many messages the server asked for so far. */
    synchronized int requested() {
        return requests.stream().mapToInt(Integer::intValue).sum();
    }

    /** The client stops reading, or reads again. */
    void ready(boolean now) {
        isReady = now;
        if (now) {
            onReady.run();
        }
    }

    void cancel() {
        isCancelled = true;
        onCancel.run();
    }

    @Override
    public synchronized void request(int count) {
        requests.add(count);
    }

    @Override
    public void onNext(R value) {
        sent.add(value);
    }

    @Override
    public void onError(Throwable failure) {
        if (!done.completeExceptionally(failure)) {
            throw new IllegalStateException("the call has ended", failure);
        }
    }

    @Override
    public void onCompleted() {
        if (!done.complete(null)) {
            throw new IllegalStateException("the call has ended");
        }
    }

    @Override
    public boolean isCancelled() {
        return isCancelled;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
        onCancel = handler;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
        onReady = handler;
    }

    @Override
    public boolean isReady() {
        return isReady;
    }

    @Override
    public void setCompression(String compression) {
        throw new UnsupportedOperationException("nobody compresses here");
    }

    @Override
    public void disableAutoInboundFlowControl() {
        // Messages are handed over by the test only.
    }

    @Override
    public void disableAutoRequest() {
        // Messages are handed over by the test only.
    }

    @Override
    public void setMessageCompression(boolean enable) {
        throw new UnsupportedOperationException("nobody compresses here");
    }
}
