package io.lograft.broker.replica.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.stub.ClientCallStreamObserver;
import io.lograft.broker.replica.StreamKind;
import io.lograft.model.BrokerId;
import io.lograft.proto.v1.Follow;
import io.lograft.proto.v1.FollowerAck;
import io.lograft.proto.v1.ReplicateRequest;
import io.lograft.proto.v1.Unfollow;

/**
 * The followers' end of one stream to a leader's broker. What is sent is small and bounded by what the leader's window
 * lets in, so it is not held back by flow control. Safe for use by several threads.
 */
public final class LeaderStream implements Flushable {
    private final long id;
    private final BrokerId leader;
    private final StreamKind kind;

    @GuardedBy("this")
    private ClientCallStreamObserver<ReplicateRequest> observer;

    @GuardedBy("this")
    private ReplicateRequest.Builder collected = ReplicateRequest.newBuilder();

    @GuardedBy("this")
    private boolean hasCollected;

    @GuardedBy("this")
    private boolean isClosed;

    LeaderStream(long id, BrokerId leader, StreamKind kind) {
        this.id = id;
        this.leader = leader;
        this.kind = kind;
    }

    public long id() {
        return id;
    }

    BrokerId leader() {
        return leader;
    }

    StreamKind kind() {
        return kind;
    }

    synchronized void attach(ClientCallStreamObserver<ReplicateRequest> requests) {
        observer = requests;
    }

    /** Asks to follow. */
    public synchronized void add(Follow follow) {
        collected.addFollows(follow);
        hasCollected = true;
    }

    /** Tells how far a replica is. */
    public synchronized void add(FollowerAck ack) {
        collected.addAcks(ack);
        hasCollected = true;
    }

    /** Ends a following. */
    public synchronized void add(Unfollow unfollow) {
        collected.addUnfollows(unfollow);
        hasCollected = true;
    }

    synchronized void greet(ReplicateRequest.Hello hello) {
        observer.onNext(ReplicateRequest.newBuilder().setHello(hello).build());
    }

    @Override
    public synchronized void flush() {
        if (!hasCollected) {
            return;
        }
        ReplicateRequest message = collected.build();
        collected = ReplicateRequest.newBuilder();
        hasCollected = false;
        if (!isClosed) {
            observer.onNext(message);
        }
    }

    /** The call has ended or is to be ended. */
    synchronized void close() {
        if (!isClosed) {
            isClosed = true;
            if (observer != null) {
                observer.cancel("the stream is no longer needed", null);
            }
        }
    }

    /** Nothing can be sent any more. */
    synchronized void ended() {
        isClosed = true;
    }
}
