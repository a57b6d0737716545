package io.lograft.broker.cluster;

import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.ControllerServiceGrpc;
import io.lograft.proto.v1.SessionRequest;
import io.lograft.proto.v1.SessionResponse;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.RemoteError;
import java.util.Map;

/**
 * One gRPC stream to a controller. A few messages are asked for at a time, each after one before it has been handled.
 *
 * <p>Owned by: metadata loop; events come on it.
 */
final class SessionStream implements ClientResponseObserver<SessionRequest, SessionResponse> {
    private static final int MESSAGES_AHEAD = 32;

    /** What the stream brings; {@code from} tells a stale stream from the present one. */
    interface Events {
        void received(SessionStream from, SessionResponse response);

        /** Nothing comes after this. */
        void ended(SessionStream from, RemoteError reason);
    }

    private final EventLoop loop;
    private final Events events;
    private ClientCallStreamObserver<SessionRequest> call;

    private SessionStream(EventLoop loop, Events events) {
        this.loop = loop;
        this.events = events;
    }

    static SessionStream open(ManagedChannel channel, EventLoop loop, Events events) {
        SessionStream stream = new SessionStream(loop, events);
        ControllerServiceGrpc.newStub(channel).session(stream);
        return stream;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<SessionRequest> started) {
        call = started;
        started.disableAutoRequestWithInitial(MESSAGES_AHEAD);
    }

    /** False while the stream has more to send than it should. */
    boolean isReady() {
        return call.isReady();
    }

    void send(SessionRequest request) {
        call.onNext(request);
    }

    void cancel(String reason) {
        call.cancel(reason, null);
    }

    @Override
    public void onNext(SessionResponse response) {
        loop.execute(() -> {
            events.received(this, response);
            call.request(1);
        });
    }

    @Override
    public void onError(Throwable failure) {
        loop.execute(() -> events.ended(this, GrpcErrors.of(failure)));
    }

    @Override
    public void onCompleted() {
        RemoteError ended = new RemoteError(ErrorCode.UNAVAILABLE, "the controller ended the session", Map.of());
        loop.execute(() -> events.ended(this, ended));
    }
}
