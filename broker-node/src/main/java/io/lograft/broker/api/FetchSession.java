package io.lograft.broker.api;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.api.FetchPositionState.Phase;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.log.LogRead;
import io.lograft.broker.metrics.BrokerMetrics;
import io.lograft.broker.replica.FetchVerdict;
import io.lograft.broker.replica.runtime.LogBytes;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.broker.replica.runtime.PartitionRuntime;
import io.lograft.broker.replica.runtime.ReadView;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.FetchPosition;
import io.lograft.proto.v1.FetchRemoval;
import io.lograft.proto.v1.FetchRequest;
import io.lograft.proto.v1.FetchResponse;
import io.lograft.proto.v1.FetchedPartition;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.WireBytes;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One fetch stream: as long as there is credit and the stream takes more, it pushes what is committed, partition after
 * partition in turn. Everything but the callbacks runs on the session's loop, which owns the state.
 */
public final class FetchSession implements StreamObserver<FetchRequest> {
    private static final int PARTITION_BYTES_DEFAULT = 1 << 20;
    private static final int PARTITION_BYTES_MAX = 8 << 20;
    private static final int POSITIONS_MAX = 100_000;

    /** What all sessions of a broker share. */
    public record Environment(
            PartitionRegistry partitions, ClusterFacts facts, LeadershipBarrier leadership, BrokerMetrics metrics) {}

    private final Environment environment;
    private final EventLoop loop;
    private final ServerCallStreamObserver<FetchResponse> observer;
    private final AtomicBoolean isPumpQueued = new AtomicBoolean();
    // Owned by the loop.
    private final Map<PartitionId, FetchPositionState> positions = new HashMap<>();
    private final Deque<FetchPositionState> turns = new ArrayDeque<>();
    private long creditBytes;
    private int partitionBytesMax;
    private boolean isClosed;

    FetchSession(Environment environment, EventLoop loop, ServerCallStreamObserver<FetchResponse> observer) {
        this.environment = environment;
        this.loop = loop;
        this.observer = observer;
        observer.disableAutoRequest();
        observer.setOnReadyHandler(this::wake);
        observer.setOnCancelHandler(() -> loop.execute(this::close));
        observer.request(1);
    }

    // ---- callbacks

    @Override
    public void onNext(FetchRequest request) {
        loop.execute(() -> {
            if (!isClosed) {
                accept(request);
                observer.request(1);
            }
        });
    }

    @Override
    public void onError(Throwable failure) {
        loop.execute(this::close);
    }

    @Override
    public void onCompleted() {
        loop.execute(() -> {
            if (!isClosed) {
                close();
                observer.onCompleted();
            }
        });
    }

    /** Something may be ready to be pushed. Any thread; many calls make one look. */
    private void wake() {
        if (isPumpQueued.compareAndSet(false, true)) {
            loop.execute(this::pump);
        }
    }

    // ---- on the loop

    private void accept(FetchRequest request) {
        if (partitionBytesMax == 0) {
            if (request.getCreditBytes() <= 0) {
                abort("the first message must carry credit_bytes");
                return;
            }
            int asked = request.getMaxPartitionBytes();
            partitionBytesMax = asked <= 0 ? PARTITION_BYTES_DEFAULT : Math.min(asked, PARTITION_BYTES_MAX);
        }
        if (request.getCreditBytes() < 0) {
            abort("credit_bytes is " + request.getCreditBytes() + ", must not be negative");
            return;
        }
        creditBytes += request.getCreditBytes();
        try {
            for (FetchRemoval removal : request.getRemoveList()) {
                remove(new PartitionId(WireBytes.topicId(removal.getTopicId()), removal.getPartition()));
            }
            for (FetchPosition position : request.getAssignList()) {
                assign(position);
            }
        } catch (IllegalArgumentException malformed) {
            abort(malformed.getMessage());
            return;
        }
        if (positions.size() > POSITIONS_MAX) {
            abort("more than " + POSITIONS_MAX + " partitions in one session");
            return;
        }
        pump();
    }

    private void abort(String message) {
        close();
        observer.onError(GrpcErrors.exception(ErrorCode.INVALID_REQUEST, message));
    }

    private void remove(PartitionId id) {
        FetchPositionState old = positions.remove(id);
        if (old != null) {
            old.end();
            turns.remove(old);
        }
    }

    private void assign(FetchPosition request) {
        PartitionId id = new PartitionId(WireBytes.topicId(request.getTopicId()), request.getPartition());
        remove(id);
        Optional<PartitionRuntime> partition = environment.partitions().find(id);
        if (partition.isEmpty()) {
            ClusterFacts.Absence absence = environment.facts().absence(id);
            send(failure(request, absence.code(), absence.message())
                    .setLeaderHint(environment.facts().hint(absence.leader(), absence.leaderEpoch()))
                    .build());
            return;
        }
        if (request.getOffset() < 0) {
            send(failure(
                            request,
                            ErrorCode.INVALID_REQUEST,
                            partition.get().name() + ": offset " + request.getOffset() + " is negative")
                    .build());
            return;
        }
        FetchPositionState state = new FetchPositionState(request, partition.get());
        state.watcher = this::wake;
        positions.put(id, state);
        // Watched before it is judged, so that no change in between is missed.
        partition.get().watch(state.watcher);
        judge(state);
    }

    private void judge(FetchPositionState state) {
        state.phase = Phase.JUDGING;
        FetchPosition request = state.request;
        boolean isTaken = state.partition.judgeFetch(
                state.offset,
                request.getCurrentLeaderEpoch(),
                request.getLastReadEpoch(),
                verdict -> loop.execute(() -> judged(state, verdict)));
        if (!isTaken) {
            fail(state, ErrorCode.BUSY, "the loop of " + state.partition.name() + " has too much to do");
        }
    }

    private void judged(FetchPositionState state, FetchVerdict verdict) {
        if (isClosed || state.phase != Phase.JUDGING) {
            return;
        }
        switch (verdict) {
            case FetchVerdict.Committed committed -> {
                state.phase = Phase.READING;
                state.leaderEpoch = committed.leaderEpoch();
                turns.addLast(state);
                wake();
            }
            case FetchVerdict.Refused refused -> refused(state, refused);
        }
    }

    private void refused(FetchPositionState state, FetchVerdict.Refused refused) {
        if (refused.code() == ErrorCode.OFFSET_NOT_AVAILABLE || refused.code() == ErrorCode.UNKNOWN_LEADER_EPOCH) {
            state.phase = Phase.WAITING;
            loop.schedule(20, () -> judgeAgain(state));
            return;
        }
        if (state.hasPassedBarrier
                && refused.leaderEpoch() < environment.facts().leaderEpoch(state.partition.id())) {
            fail(state, ErrorCode.NOT_LEADER, state.partition.name() + " has begun another leadership");
            return;
        }
        boolean isTooHigh = refused.code() == ErrorCode.OFFSET_OUT_OF_RANGE && state.offset > refused.logStartOffset();
        if (isTooHigh && !state.hasPassedBarrier) {
            state.hasPassedBarrier = true;
            environment
                    .leadership()
                    .pass()
                    .whenComplete((nothing, failure) -> loop.execute(() -> barrierPassed(state, failure)));
            return;
        }
        end(state);
        FetchedPartition.Builder told = failure(state.request, refused.code(), refused.message())
                .setLogStartOffset(refused.logStartOffset())
                .setHighWatermark(refused.logEndOffset())
                .setLeaderEpoch(refused.leaderEpoch());
        if (refused.code() == ErrorCode.NOT_LEADER || refused.code() == ErrorCode.FENCED_LEADER_EPOCH) {
            told.setLeaderHint(environment.facts().hint(refused.leader(), refused.leaderEpoch()));
        }
        send(told.build());
    }

    private void barrierPassed(FetchPositionState state, Throwable failure) {
        if (failure == null) {
            judge(state);
        } else {
            fail(state, ErrorCode.OFFSET_NOT_AVAILABLE, "leadership could not be confirmed: " + failure.getMessage());
        }
    }

    private void judgeAgain(FetchPositionState state) {
        if (!isClosed && state.phase == Phase.WAITING) {
            judge(state);
        }
    }

    private void fail(FetchPositionState state, ErrorCode code, String message) {
        if (isClosed || state.phase == Phase.ENDED) {
            return;
        }
        end(state);
        send(failure(state.request, code, message).build());
    }

    private void end(FetchPositionState state) {
        state.end();
        turns.remove(state);
        positions.remove(state.partition.id(), state);
    }

    private static FetchedPartition.Builder failure(FetchPosition request, ErrorCode code, String message) {
        return FetchedPartition.newBuilder()
                .setTopicId(request.getTopicId())
                .setPartition(request.getPartition())
                .setNumber(request.getNumber())
                .setFailure(Failures.of(code, String.valueOf(message)));
    }

    private void send(FetchedPartition partition) {
        if (!isClosed) {
            observer.onNext(FetchResponse.newBuilder().addPartitions(partition).build());
        }
    }

    /** Pushes until credit, stream or data end. Each partition has its turn, so a busy one does not starve others. */
    private void pump() {
        isPumpQueued.set(false);
        int idle = 0;
        while (!isClosed && creditBytes > 0 && idle < turns.size() && observer.isReady()) {
            FetchPositionState state = turns.pollFirst();
            turns.addLast(state);
            idle = push(state) ? 0 : idle + 1;
        }
        if (isClosed || creditBytes > 0) {
            return;
        }
        // Without credit nothing is read, but a lost leadership is still to be told.
        for (FetchPositionState state : turns.toArray(FetchPositionState[]::new)) {
            isStillLed(state, state.partition.view());
        }
    }

    private boolean isStillLed(FetchPositionState state, ReadView view) {
        if (view.isLeader() && view.leaderEpoch() == state.leaderEpoch) {
            return true;
        }
        ClusterFacts.Absence now = environment.facts().absence(state.partition.id());
        end(state);
        Optional<BrokerId> leader = now.leader();
        send(failure(state.request, ErrorCode.NOT_LEADER, state.partition.name() + " is no longer led here")
                .setLeaderHint(environment.facts().hint(leader, now.leaderEpoch()))
                .build());
        return false;
    }

    /** Pushes one piece of a partition; false where there is nothing to push. */
    private boolean push(FetchPositionState state) {
        ReadView view = state.partition.view();
        if (!isStillLed(state, view) || state.offset >= view.highWatermark()) {
            return false;
        }
        try {
            int bytesMax = (int) Math.min(partitionBytesMax, creditBytes);
            return switch (state.partition.read(state.offset, bytesMax, view.highWatermark())) {
                case LogRead.Batches batches -> push(state, view, batches);
                case LogRead.OutOfRange outside -> {
                    outOfRange(state, view, outside);
                    yield false;
                }
            };
        } catch (IOException failed) {
            state.partition.readFailed(failed);
            fail(state, ErrorCode.STORAGE_ERROR, state.partition.name() + ": " + failed.getMessage());
            return false;
        }
    }

    private void outOfRange(FetchPositionState state, ReadView view, LogRead.OutOfRange outside) {
        end(state);
        String message = state.partition.name() + ": offset " + state.offset + " is outside of "
                + outside.logStartOffset() + " to " + view.highWatermark();
        send(failure(state.request, ErrorCode.OFFSET_OUT_OF_RANGE, message)
                .setLogStartOffset(outside.logStartOffset())
                .setHighWatermark(view.highWatermark())
                .build());
    }

    private boolean push(FetchPositionState state, ReadView view, LogRead.Batches batches) {
        if (batches.sizeBytes() == 0) {
            return false;
        }
        ByteString records = LogBytes.of(batches);
        state.offset = batches.nextOffset();
        creditBytes -= batches.sizeBytes();
        environment.metrics().fetched(batches.sizeBytes());
        send(FetchedPartition.newBuilder()
                .setTopicId(state.topicId)
                .setPartition(state.partition.id().partition())
                .setNumber(state.request.getNumber())
                .setHighWatermark(view.highWatermark())
                .setLogStartOffset(view.logStartOffset())
                .setLeaderEpoch(view.leaderEpoch())
                .setRecords(records)
                .build());
        return true;
    }

    private void close() {
        isClosed = true;
        positions.values().forEach(FetchPositionState::end);
        positions.clear();
        turns.clear();
    }
}
