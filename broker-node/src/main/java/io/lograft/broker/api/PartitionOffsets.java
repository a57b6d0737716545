package io.lograft.broker.api;

import io.lograft.model.PartitionId;
import io.lograft.proto.v1.LogState;
import io.lograft.proto.v1.OffsetAnswer;
import io.lograft.proto.v1.OffsetQuery;
import io.lograft.proto.v1.ReplicaState;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What the logs of the partitions led here can tell. Safe for use by several threads. */
public interface PartitionOffsets {

    /** Answers one query; what cannot be answered is a failure in the answer, never an exception. */
    CompletableFuture<OffsetAnswer> find(OffsetQuery query);

    /** Offsets and size of a partition that this broker leads; empty for any other. */
    Optional<LogState> logState(PartitionId partition);

    /** How far the log of a replica here is, whoever leads, without the broker's id; empty where there is no replica. */
    Optional<ReplicaState> replicaState(PartitionId partition);
}
