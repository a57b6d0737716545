package io.lograft.broker.replica.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.stub.ServerCallStreamObserver;
import io.lograft.broker.replica.StreamKind;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.FollowRefused;
import io.lograft.proto.v1.Following;
import io.lograft.proto.v1.ReplicaAppend;
import io.lograft.proto.v1.ReplicateResponse;
import java.util.HashSet;
import java.util.Set;

/**
 * The leaders' end of one stream from a follower's broker. Partition loops add messages, {@link #flush} sends them
 * together. Safe for use by several threads.
 */
public final class FollowerStream implements Flushable {
    private static final int MESSAGE_BYTES_AIM = 1 << 20;

    private final long id;
    private final BrokerId follower;
    private final long followerBrokerEpoch;
    private final StreamKind kind;
    private final ServerCallStreamObserver<ReplicateResponse> observer;
    private final Set<PartitionId> followed = new HashSet<>();
    private final Set<PartitionId> blocked = new HashSet<>();

    @GuardedBy("this")
    private ReplicateResponse.Builder collected = ReplicateResponse.newBuilder();

    @GuardedBy("this")
    private int collectedBytes;

    @GuardedBy("this")
    private int collectedMessages;

    @GuardedBy("this")
    private boolean isClosed;

    FollowerStream(
            long id,
            BrokerId follower,
            long followerBrokerEpoch,
            StreamKind kind,
            ServerCallStreamObserver<ReplicateResponse> observer) {
        this.id = id;
        this.follower = follower;
        this.followerBrokerEpoch = followerBrokerEpoch;
        this.kind = kind;
        this.observer = observer;
    }

    public long id() {
        return id;
    }

    public BrokerId follower() {
        return follower;
    }

    long followerBrokerEpoch() {
        return followerBrokerEpoch;
    }

    StreamKind kind() {
        return kind;
    }

    /**
     * True while the stream takes more. Where it is false the partition is told by FollowerStreamReady once that
     * changes.
     */
    public synchronized boolean isReadyFor(PartitionId partition) {
        if (isClosed) {
            return false;
        }
        if (observer.isReady() && collectedBytes < MESSAGE_BYTES_AIM) {
            return true;
        }
        blocked.add(partition);
        return false;
    }

    /** Adds batches or marks. */
    public synchronized void add(ReplicaAppend append) {
        collected.addAppends(append);
        added(append.getRecords().size());
    }

    /** Adds the answer to a Follow. */
    public synchronized void add(Following following) {
        collected.addFollowings(following);
        added(0);
    }

    /** Adds the refusal of a Follow. */
    public synchronized void add(FollowRefused refusal) {
        collected.addRefusals(refusal);
        added(0);
    }

    @GuardedBy("this")
    private void added(int bytes) {
        collectedMessages++;
        collectedBytes += bytes;
        if (collectedBytes >= MESSAGE_BYTES_AIM) {
            flush();
        }
    }

    @Override
    public synchronized void flush() {
        if (collectedMessages == 0) {
            return;
        }
        ReplicateResponse message = collected.build();
        collected = ReplicateResponse.newBuilder();
        collectedBytes = 0;
        collectedMessages = 0;
        if (!isClosed && !observer.isCancelled()) {
            observer.onNext(message);
        }
    }

    /** Tells the follower that its Hello was accepted. */
    synchronized void accept() {
        observer.onNext(ReplicateResponse.getDefaultInstance());
    }

    synchronized void follows(PartitionId partition) {
        followed.add(partition);
    }

    /** The partitions that wait for room; they wait no more. */
    synchronized Set<PartitionId> takeBlocked() {
        Set<PartitionId> taken = Set.copyOf(blocked);
        blocked.clear();
        return taken;
    }

    /** Ends the stream for good; returns the partitions that followed on it, the first time only. */
    synchronized Set<PartitionId> close() {
        isClosed = true;
        Set<PartitionId> taken = Set.copyOf(followed);
        followed.clear();
        return taken;
    }
}
