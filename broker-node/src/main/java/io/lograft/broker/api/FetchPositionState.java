package io.lograft.broker.api;

import com.google.protobuf.ByteString;
import io.lograft.broker.replica.runtime.PartitionRuntime;
import io.lograft.proto.v1.FetchPosition;

/** Where a session is in one partition. Owned by: the session's loop. */
final class FetchPositionState {

    /** What happens to the position now. */
    enum Phase {
        /** The partition's loop is asked whether the offset may be read. */
        JUDGING,
        /** The leader does not know yet; it is asked again when its view changes. */
        WAITING,
        /** Batches are pushed as they are committed. */
        READING,
        /** The client was told a failure, or has moved on. */
        ENDED
    }

    final ByteString topicId;
    final FetchPosition request;
    final PartitionRuntime partition;
    Phase phase = Phase.JUDGING;
    long offset;
    int leaderEpoch = -1;
    boolean hasPassedBarrier;
    Runnable watcher;

    FetchPositionState(FetchPosition request, PartitionRuntime partition) {
        this.request = request;
        this.topicId = request.getTopicId();
        this.partition = partition;
        this.offset = request.getOffset();
    }

    void end() {
        phase = Phase.ENDED;
        partition.unwatch(watcher);
    }
}
