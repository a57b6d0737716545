package io.lograft.broker.gateway;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.SubscribeRequest;
import io.lograft.proto.v1.SubscribeResponse;
import io.lograft.wire.GrpcErrors;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * The gRPC end of one Subscribe stream: checks what comes and keeps it for the stream's thread, wakes that, and sends what it
 * says. At most so many messages wait; more are not read from the stream. For all threads.
 */
final class SubscribeSession implements StreamObserver<SubscribeRequest> {
    private static final int INBOX_MAX = 64;
    private static final long NANOS_PER_MS = 1_000_000;

    private final ServerCallStreamObserver<SubscribeResponse> observer;

    @GuardedBy("this")
    private final ArrayDeque<SubscribeRequest> inbox = new ArrayDeque<>();

    @GuardedBy("this")
    private Runnable waker;

    @GuardedBy("this")
    private boolean isWoken;

    @GuardedBy("this")
    private boolean hasBegun;

    @GuardedBy("this")
    private boolean hasGroup;

    @GuardedBy("this")
    private boolean isReadingPaused;

    @GuardedBy("this")
    private boolean hasEnded;

    @GuardedBy("this")
    private boolean isClosed;

    /** Begins to read. */
    SubscribeSession(ServerCallStreamObserver<SubscribeResponse> observer) {
        this.observer = observer;
        observer.disableAutoRequest();
        observer.setOnReadyHandler(this::wake);
        observer.setOnCancelHandler(this::abandon);
        observer.request(1);
    }

    @Override
    public synchronized void onNext(SubscribeRequest request) {
        if (isClosed || hasEnded) {
            return;
        }
        String fault =
                hasBegun ? SubscribeChecks.faultOfNext(request, hasGroup) : SubscribeChecks.faultOfFirst(request);
        if (fault != null) {
            end(GrpcErrors.exception(ErrorCode.INVALID_REQUEST, fault));
            return;
        }
        if (!hasBegun) {
            hasBegun = true;
            hasGroup = !request.getStart().getGroup().isEmpty();
        }
        inbox.add(request);
        if (inbox.size() < INBOX_MAX) {
            observer.request(1);
        } else {
            isReadingPaused = true;
        }
        wake();
    }

    @Override
    public synchronized void onCompleted() {
        hasEnded = true;
        wake();
    }

    @Override
    public void onError(Throwable failure) {
        abandon();
    }

    private synchronized void abandon() {
        isClosed = true;
        inbox.clear();
        wake();
    }

    /** Has something else than the stream's own waiting woken, too, from now on; null: nothing. */
    synchronized void wakeBy(Runnable newWaker) {
        waker = newWaker;
    }

    /** Has the stream's thread look what there is to do. */
    synchronized void wake() {
        isWoken = true;
        notifyAll();
        if (waker != null) {
            waker.run();
        }
    }

    /** Takes what has come, oldest first. */
    void drain(Consumer<SubscribeRequest> handler) {
        for (SubscribeRequest request = poll(); request != null; request = poll()) {
            handler.accept(request);
        }
    }

    private synchronized SubscribeRequest poll() {
        SubscribeRequest request = inbox.poll();
        if (request != null && isReadingPaused && !isClosed) {
            isReadingPaused = false;
            observer.request(1);
        }
        return request;
    }

    /** Waits until something comes, or the client takes more, or the stream ends, or the time is over. */
    synchronized void await(long waitMs) throws InterruptedException {
        long deadlineNs = System.nanoTime() + waitMs * NANOS_PER_MS;
        long leftMs = waitMs;
        while (!isWoken && inbox.isEmpty() && !isClosed && !hasEnded && leftMs > 0) {
            wait(leftMs);
            leftMs = (deadlineNs - System.nanoTime()) / NANOS_PER_MS;
        }
        isWoken = false;
    }

    /** Waits for the first message; null if none comes. */
    synchronized SubscribeRequest.Start awaitStart() throws InterruptedException {
        while (inbox.isEmpty()) {
            if (isClosed || hasEnded) {
                return null;
            }
            wait();
        }
        return poll().getStart();
    }

    /** True while the client reads. */
    synchronized boolean isReady() {
        return !isClosed && observer.isReady();
    }

    /** True once the client sends nothing more. */
    synchronized boolean hasEnded() {
        return hasEnded || isClosed;
    }

    synchronized boolean isClosed() {
        return isClosed;
    }

    /** Sends a message, or drops it if the stream has ended. */
    synchronized void send(SubscribeResponse response) {
        if (!isClosed) {
            observer.onNext(response);
        }
    }

    /** Ends the stream well, if it has not ended. */
    synchronized void complete() {
        if (!isClosed) {
            abandon();
            observer.onCompleted();
        }
    }

    /** Ends the stream, if it has not ended. */
    synchronized void end(StatusRuntimeException failure) {
        if (!isClosed) {
            abandon();
            observer.onError(failure);
        }
    }

    /** The broker stops. */
    void stop() {
        end(GrpcErrors.exception(ErrorCode.UNAVAILABLE, "this broker stops; subscribe at another one"));
    }
}
