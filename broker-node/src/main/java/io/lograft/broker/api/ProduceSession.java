package io.lograft.broker.api;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.produce.ProduceCheck;
import io.lograft.broker.replica.Acks;
import io.lograft.broker.replica.ProduceOutcome;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.broker.replica.runtime.PartitionRuntime;
import io.lograft.broker.replica.runtime.ProduceWork;
import io.lograft.broker.replica.transport.Flushable;
import io.lograft.metadata.control.TopicRules;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.ProduceBatch;
import io.lograft.proto.v1.ProduceRequest;
import io.lograft.proto.v1.ProduceResponse;
import io.lograft.proto.v1.ProduceResult;
import io.lograft.record.BatchFault;
import io.lograft.record.BatchHeader;
import io.lograft.wire.WireBytes;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * One produce stream. Requests come on a network thread, which hands compressed batches to the stream's codec loop; results come from partition loops, are collected under a lock
 * and sent once per loop batch. No more is read from the stream while too many bytes wait for their answer, or while
 * the client does not read the answers.
 */
final class ProduceSession implements StreamObserver<ProduceRequest>, Flushable {
    private final ServerCallStreamObserver<ProduceResponse> observer;
    private final PartitionRegistry partitions;
    private final ClusterFacts facts;
    private final ProduceLimits limits;
    private final EventLoop codec;

    @GuardedBy("this")
    private ProduceResponse.Builder collected = ProduceResponse.newBuilder();

    @GuardedBy("this")
    private long inFlightBytes;

    @GuardedBy("this")
    private boolean isReadingPaused;

    @GuardedBy("this")
    private int inFlightBatches;

    /** Batches with the codec loop, which those that follow must not overtake. */
    @GuardedBy("this")
    private int codecBatches;

    @GuardedBy("this")
    private boolean hasClientEnded;

    @GuardedBy("this")
    private boolean isClosed;

    ProduceSession(
            ServerCallStreamObserver<ProduceResponse> observer,
            ProduceServiceApi.Environment environment,
            EventLoop codec) {
        this.observer = observer;
        this.partitions = environment.partitions();
        this.facts = environment.facts();
        this.limits = environment.limits();
        this.codec = codec;
        observer.disableAutoRequest();
        observer.setOnReadyHandler(this::resume);
        observer.setOnCancelHandler(this::closed);
        observer.request(1);
    }

    @Override
    public void onNext(ProduceRequest request) {
        for (ProduceBatch batch : request.getBatchesList()) {
            started(batch.getRecords().size());
            accept(batch);
        }
        flush();
        resumeOrPause();
    }

    private void accept(ProduceBatch request) {
        ByteBuffer batch = WireBytes.take(request.getRecords());
        int size = batch.remaining();
        PartitionId partition;
        try {
            partition = new PartitionId(WireBytes.topicId(request.getTopicId()), request.getPartition());
        } catch (IllegalArgumentException malformed) {
            refuse(request, size, ErrorCode.INVALID_REQUEST, malformed.getMessage());
            return;
        }
        Optional<PartitionRuntime> runtime = partitions.find(partition);
        if (runtime.isEmpty()) {
            ClusterFacts.Absence absence = facts.absence(partition);
            finish(
                    result(request.getCorrelationId(), absence.code(), absence.message())
                            .setLeaderHint(facts.hint(absence.leader(), absence.leaderEpoch()))
                            .build(),
                    size);
            return;
        }
        if (runtime.get().topicPartition().topic().equals(TopicRules.OFFSETS_TOPIC)) {
            refuse(
                    request,
                    size,
                    ErrorCode.INVALID_REQUEST,
                    runtime.get().name() + " is written by the coordinators of consumer groups only");
            return;
        }
        ProduceCheck check = runtime.get().produceCheck();
        Optional<BatchFault> fault = check.checkFrame(batch);
        if (fault.isPresent()) {
            refuse(request, size, runtime.get(), fault.get());
            return;
        }
        long arrivedNs = System.nanoTime();
        if (!isForCodec(check.isCostly(BatchHeader.read(batch, batch.position())))) {
            append(request, runtime.get(), check.finish(batch, codec.clock().wallMs()), size, arrivedNs);
            return;
        }
        boolean isTaken = codec.tryExecute(() -> {
            append(request, runtime.get(), check.finish(batch, codec.clock().wallMs()), size, arrivedNs);
            leftCodec();
            flush();
        });
        if (!isTaken) {
            leftCodec();
            refuse(request, size, ErrorCode.BUSY, "the loop that decompresses batches has too much to do");
        }
    }

    /** Batches of one stream keep their order: where one is being worked on, the next ones wait behind it. */
    private synchronized boolean isForCodec(boolean isCostly) {
        boolean isForCodec = isCostly || codecBatches > 0;
        codecBatches += isForCodec ? 1 : 0;
        return isForCodec;
    }

    private synchronized void leftCodec() {
        codecBatches--;
    }

    private void append(
            ProduceBatch request, PartitionRuntime runtime, ProduceCheck.Verdict verdict, int size, long arrivedNs) {
        if (verdict.fault().isPresent()) {
            refuse(request, size, runtime, verdict.fault().get());
            return;
        }
        ByteBuffer batch = verdict.batch();
        ProduceWork work = new ProduceWork(
                batch,
                BatchHeader.read(batch, batch.position()),
                acks(request),
                arrivedNs,
                timeoutMs(request),
                request.getCurrentLeaderEpoch(),
                (outcome, appendTimeMs) -> completed(request, size, outcome, appendTimeMs),
                this);
        if (!runtime.produce(work)) {
            refuse(request, size, ErrorCode.BUSY, "the loop of " + runtime.name() + " has too much to do");
        }
    }

    private void refuse(ProduceBatch request, int size, PartitionRuntime runtime, BatchFault fault) {
        refuse(request, size, fault.code(), runtime.name() + ": " + fault.message());
    }

    private static Acks acks(ProduceBatch request) {
        return switch (request.getAcks()) {
            case ACKS_LEADER -> Acks.LEADER;
            case ACKS_NONE -> Acks.NONE;
            case ACKS_ALL, ACKS_UNSPECIFIED, UNRECOGNIZED -> Acks.ALL;
        };
    }

    private long timeoutMs(ProduceBatch request) {
        return request.getTimeoutMs() <= 0
                ? limits.timeoutMsDefault()
                : Math.min(request.getTimeoutMs(), limits.timeoutMsMax());
    }

    private void refuse(ProduceBatch request, int size, ErrorCode code, String message) {
        finish(result(request.getCorrelationId(), code, message).build(), size);
    }

    private static ProduceResult.Builder result(long correlationId, ErrorCode code, String message) {
        return ProduceResult.newBuilder().setCorrelationId(correlationId).setFailure(Failures.of(code, message));
    }

    /** On the partition's loop. */
    private void completed(ProduceBatch request, int size, ProduceOutcome outcome, long appendTimeMs) {
        if (outcome instanceof ProduceOutcome.Acknowledged && request.getAcks() == io.lograft.proto.v1.Acks.ACKS_NONE) {
            ended(size);
            return;
        }
        long correlationId = request.getCorrelationId();
        ProduceResult result = switch (outcome) {
            case ProduceOutcome.Acknowledged acknowledged ->
                ProduceResult.newBuilder()
                        .setCorrelationId(correlationId)
                        .setBaseOffset(acknowledged.baseOffset())
                        .setLeaderEpoch(acknowledged.leaderEpoch())
                        .setLogAppendTimeMs(appendTimeMs)
                        .setLogStartOffset(acknowledged.logStartOffset())
                        .setReplicasHolding(acknowledged.replicasHolding())
                        .setReplicasFlushed(acknowledged.replicasFlushed())
                        .setDuplicate(acknowledged.duplicate())
                        .build();
            case ProduceOutcome.Refused refused -> {
                ProduceResult.Builder builder = result(correlationId, refused.code(), refused.message());
                if (isAboutLeadership(refused.code())) {
                    builder.setLeaderHint(facts.hint(refused.leader(), refused.leaderEpoch()));
                }
                yield builder.build();
            }
        };
        finish(result, size);
    }

    /** With an unknown outcome the client sends again; a deposed leader knows where to. */
    private static boolean isAboutLeadership(ErrorCode code) {
        return code == ErrorCode.NOT_LEADER
                || code == ErrorCode.FENCED_LEADER_EPOCH
                || code == ErrorCode.OUTCOME_UNKNOWN;
    }

    private synchronized void started(int size) {
        inFlightBytes += size;
        inFlightBatches++;
    }

    private synchronized void finish(ProduceResult result, int size) {
        collected.addResults(result);
        ended(size);
    }

    private synchronized void ended(int size) {
        inFlightBytes -= size;
        inFlightBatches--;
    }

    @Override
    public synchronized void flush() {
        if (isClosed) {
            return;
        }
        if (collected.getResultsCount() > 0) {
            ProduceResponse response = collected.build();
            collected = ProduceResponse.newBuilder();
            observer.onNext(response);
        }
        if (hasClientEnded && inFlightBatches == 0) {
            isClosed = true;
            observer.onCompleted();
        } else {
            resume();
        }
    }

    private synchronized void resumeOrPause() {
        if (mayRead()) {
            observer.request(1);
        } else {
            isReadingPaused = true;
        }
    }

    private synchronized void resume() {
        if (isReadingPaused && mayRead()) {
            isReadingPaused = false;
            observer.request(1);
        }
    }

    @GuardedBy("this")
    private boolean mayRead() {
        return !isClosed && inFlightBytes < limits.inFlightBytesMax() && observer.isReady();
    }

    private synchronized void closed() {
        isClosed = true;
    }

    @Override
    public void onError(Throwable failure) {
        closed();
    }

    @Override
    public void onCompleted() {
        synchronized (this) {
            hasClientEnded = true;
        }
        flush();
    }
}
