package io.lograft.broker.api.offsets;

import io.lograft.broker.api.ClusterFacts;
import io.lograft.broker.api.Failures;
import io.lograft.broker.api.LeadershipBarrier;
import io.lograft.broker.api.PartitionOffsets;
import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.state.OffsetAndTime;
import io.lograft.broker.replica.FetchVerdict;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.broker.replica.runtime.PartitionRuntime;
import io.lograft.broker.replica.runtime.ReadView;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.LogState;
import io.lograft.proto.v1.OffsetAnswer;
import io.lograft.proto.v1.OffsetQuery;
import io.lograft.proto.v1.ReplicaState;
import io.lograft.wire.WireBytes;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.ToLongFunction;

/**
 * Answers about offsets from the logs that this broker leads. The end of a log is told only after a barrier, as a
 * deposed leader that does not know yet would tell an old one. Safe for use by several threads.
 */
public final class LeaderOffsets implements PartitionOffsets {
    private final PartitionRegistry partitions;
    private final ClusterFacts facts;
    private final LeadershipBarrier leadership;
    private final Executor readers;

    /** Answers from these replicas; {@code readers} runs what may wait for the disk. */
    public LeaderOffsets(
            PartitionRegistry partitions, ClusterFacts facts, LeadershipBarrier leadership, Executor readers) {
        this.partitions = partitions;
        this.facts = facts;
        this.leadership = leadership;
        this.readers = readers;
    }

    @Override
    public CompletableFuture<OffsetAnswer> find(OffsetQuery query) {
        PartitionId id;
        try {
            id = new PartitionId(WireBytes.topicId(query.getTopicId()), query.getPartition());
        } catch (IllegalArgumentException malformed) {
            return failed(query, ErrorCode.INVALID_REQUEST, malformed.getMessage());
        }
        Optional<PartitionRuntime> partition = partitions.find(id);
        if (partition.isEmpty()) {
            ClusterFacts.Absence absence = facts.absence(id);
            return CompletableFuture.completedFuture(answer(query)
                    .setFailure(Failures.of(absence.code(), absence.message()))
                    .setLeaderHint(facts.hint(absence.leader(), absence.leaderEpoch()))
                    .build());
        }
        return switch (query.getPositionCase()) {
            case EARLIEST ->
                judged(query, partition.get())
                        .thenApply(verdict -> answered(query, verdict, FetchVerdict.Committed::logStartOffset));
            case LATEST ->
                leadership
                        .pass()
                        .thenCompose(passed -> confirmed(query, partition.get()))
                        .thenApply(verdict -> answered(query, verdict, FetchVerdict.Committed::highWatermark))
                        .exceptionallyCompose(unreachable -> unconfirmed(query, unreachable));
            case AT_OR_AFTER_MS ->
                judged(query, partition.get())
                        .thenApplyAsync(
                                verdict -> answeredByTime(
                                        query,
                                        partition.get(),
                                        verdict,
                                        end -> partition.get().log().offsetForTime(query.getAtOrAfterMs(), end)),
                                readers);
            case MAX_TIMESTAMP ->
                leadership
                        .pass()
                        .thenCompose(passed -> confirmed(query, partition.get()))
                        .thenApplyAsync(
                                verdict -> answeredByTime(
                                        query,
                                        partition.get(),
                                        verdict,
                                        partition.get().log()::offsetOfGreatestTime),
                                readers)
                        .exceptionallyCompose(unreachable -> unconfirmed(query, unreachable));
            case AGE_OF_OFFSET ->
                judged(query, partition.get())
                        .thenApplyAsync(verdict -> answeredByAge(query, partition.get(), verdict), readers);
            case POSITION_NOT_SET -> failed(query, ErrorCode.INVALID_REQUEST, "the query names no position");
        };
    }

    @Override
    public Optional<LogState> logState(PartitionId id) {
        return partitions
                .find(id)
                .filter(partition -> partition.view().isLeader())
                .map(LeaderOffsets::logState);
    }

    @Override
    public Optional<ReplicaState> replicaState(PartitionId id) {
        return partitions
                .find(id)
                .map(partition -> ReplicaState.newBuilder()
                        .setLogStartOffset(partition.log().logStartOffset())
                        .setLogEndOffset(partition.log().logEndOffset())
                        .setSizeBytes(partition.log().sizeBytes())
                        .build());
    }

    private static LogState logState(PartitionRuntime partition) {
        ReadView view = partition.view();
        PartitionLog log = partition.log();
        return LogState.newBuilder()
                .setLogStartOffset(view.logStartOffset())
                .setHighWatermark(view.highWatermark())
                .setLogEndOffset(log.logEndOffset())
                .setSizeBytes(log.sizeBytes())
                .build();
    }

    private static CompletableFuture<FetchVerdict> judged(OffsetQuery query, PartitionRuntime partition) {
        CompletableFuture<FetchVerdict> verdict = new CompletableFuture<>();
        if (!partition.judgeEnd(query.getCurrentLeaderEpoch(), verdict::complete)) {
            verdict.complete(new FetchVerdict.Refused(
                    ErrorCode.BUSY,
                    "the loop of " + partition.name() + " has too much to do",
                    Optional.empty(),
                    -1,
                    -1,
                    -1,
                    -1));
        }
        return verdict;
    }

    /**
     * The verdict of a replica after the barrier. What the barrier has brought may say that another leads, or that this
     * broker has no replica any more, and the replica's loop may not have heard of it yet.
     */
    private CompletableFuture<FetchVerdict> confirmed(OffsetQuery query, PartitionRuntime partition) {
        return judged(query, partition).thenApply(verdict -> {
            ClusterFacts.Absence known = facts.absence(partition.id());
            boolean isConfirmed = verdict instanceof FetchVerdict.Committed committed
                    && known.leader().isPresent()
                    && known.leaderEpoch() == committed.leaderEpoch();
            return isConfirmed || verdict instanceof FetchVerdict.Refused
                    ? verdict
                    : new FetchVerdict.Refused(
                            known.code(), known.message(), known.leader(), known.leaderEpoch(), -1, -1, -1);
        });
    }

    private OffsetAnswer answered(
            OffsetQuery query, FetchVerdict verdict, ToLongFunction<FetchVerdict.Committed> position) {
        return switch (verdict) {
            case FetchVerdict.Committed committed ->
                answer(query)
                        .setOffset(position.applyAsLong(committed))
                        .setTimestampMs(-1)
                        .setLeaderEpoch(committed.leaderEpoch())
                        .build();
            case FetchVerdict.Refused refused -> refused(query, refused);
        };
    }

    private static CompletableFuture<OffsetAnswer> unconfirmed(OffsetQuery query, Throwable unreachable) {
        return failed(
                query,
                ErrorCode.OFFSET_NOT_AVAILABLE,
                "leadership could not be confirmed: " + unreachable.getMessage());
    }

    /** A search in the log below an offset. */
    private interface Search {
        Optional<OffsetAndTime> below(long endOffsetExclusive) throws IOException;
    }

    private OffsetAnswer answeredByTime(
            OffsetQuery query, PartitionRuntime partition, FetchVerdict verdict, Search search) {
        return switch (verdict) {
            case FetchVerdict.Committed committed -> found(query, partition, committed, search);
            case FetchVerdict.Refused refused -> refused(query, refused);
        };
    }

    private static OffsetAnswer found(
            OffsetQuery query, PartitionRuntime partition, FetchVerdict.Committed committed, Search search) {
        try {
            Optional<OffsetAndTime> found = search.below(committed.highWatermark());
            return answer(query)
                    .setOffset(found.map(OffsetAndTime::offset).orElse(-1L))
                    .setTimestampMs(found.map(OffsetAndTime::timestampMs).orElse(-1L))
                    .setLeaderEpoch(committed.leaderEpoch())
                    .build();
        } catch (IOException broken) {
            partition.readFailed(broken);
            return answer(query)
                    .setFailure(Failures.of(ErrorCode.STORAGE_ERROR, partition.name() + ": " + broken.getMessage()))
                    .build();
        }
    }

    private OffsetAnswer answeredByAge(OffsetQuery query, PartitionRuntime partition, FetchVerdict verdict) {
        return switch (verdict) {
            case FetchVerdict.Committed committed -> RecordAges.answer(query, partition, committed, answer(query));
            case FetchVerdict.Refused refused -> refused(query, refused);
        };
    }

    private OffsetAnswer refused(OffsetQuery query, FetchVerdict.Refused refused) {
        return answer(query)
                .setFailure(Failures.of(refused.code(), refused.message()))
                .setLeaderHint(facts.hint(refused.leader(), refused.leaderEpoch()))
                .build();
    }

    private static CompletableFuture<OffsetAnswer> failed(OffsetQuery query, ErrorCode code, String message) {
        return CompletableFuture.completedFuture(
                answer(query).setFailure(Failures.of(code, message)).build());
    }

    private static OffsetAnswer.Builder answer(OffsetQuery query) {
        return OffsetAnswer.newBuilder()
                .setTopicId(query.getTopicId())
                .setPartition(query.getPartition())
                .setOffset(-1)
                .setTimestampMs(-1);
    }
}
