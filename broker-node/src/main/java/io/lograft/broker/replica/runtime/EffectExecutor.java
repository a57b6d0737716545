package io.lograft.broker.replica.runtime;

import com.google.protobuf.ByteString;
import io.lograft.broker.log.AppendResult;
import io.lograft.broker.log.CorruptLogException;
import io.lograft.broker.log.LogRead;
import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.log.state.ProducerSnapshot;
import io.lograft.broker.log.state.ProducerStates;
import io.lograft.broker.replica.ProduceOutcome;
import io.lograft.broker.replica.ReplicaEffect;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.replica.transport.FollowerStream;
import io.lograft.broker.replica.transport.JoiningThrottle;
import io.lograft.broker.replica.transport.LeaderStream;
import io.lograft.model.EpochStart;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.Follow;
import io.lograft.proto.v1.FollowRefused;
import io.lograft.proto.v1.FollowerAck;
import io.lograft.proto.v1.Following;
import io.lograft.proto.v1.ReplicaAppend;
import io.lograft.proto.v1.Unfollow;
import io.lograft.record.BatchHeader;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.WireBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Executes the effects of one replica, one at a time. Owned by: partition loop. */
final class EffectExecutor {
    private static final Logger LOG = LoggerFactory.getLogger(EffectExecutor.class);

    private final PartitionRuntime partition;
    private final PartitionLog log;
    private final Ports ports;
    private final ByteString topicId;

    EffectExecutor(PartitionRuntime partition, Ports ports) {
        this.partition = partition;
        this.log = partition.log();
        this.ports = ports;
        this.topicId = WireBytes.topicId(partition.id().topic());
    }

    /** Executes one effect; answers the event that tells of its failure, null where it went well. */
    ReplicaEvent execute(ReplicaEffect effect) {
        return switch (effect) {
            case ReplicaEffect.Append append -> append(append);
            case ReplicaEffect.AppendReplicated append -> append(append);
            case ReplicaEffect.TruncateTo truncate -> onLog(() -> log.truncateTo(truncate.offset(), wallMs()));
            case ReplicaEffect.StartOverAt start -> onLog(() -> startOver(start));
            case ReplicaEffect.AdvanceLogStart start -> onLog(() -> advanceLogStart(start.offset()));
            case ReplicaEffect.RecordFlushMode mode -> recordFlushMode(mode.mode());
            default -> {
                tell(effect);
                yield null;
            }
        };
    }

    private void tell(ReplicaEffect effect) {
        switch (effect) {
            // The view that readers see is published at the end of the turn.
            case ReplicaEffect.HighWatermarkChanged change -> partition.viewChanged();
            case ReplicaEffect.Complete complete -> complete(complete);
            case ReplicaEffect.CompleteDeletion deletion -> partition.completeDeletion(deletion);
            case ReplicaEffect.SendFollowing following -> send(following);
            case ReplicaEffect.RefuseFollow refusal -> send(refusal);
            case ReplicaEffect.AppendTo append -> send(append);
            case ReplicaEffect.ConnectTo to -> ports.leaders().connect(to.leader(), partition.id());
            case ReplicaEffect.DisconnectFrom from -> ports.leaders().disconnect(from.leader(), partition.id());
            case ReplicaEffect.SendFollow follow -> send(follow);
            case ReplicaEffect.SendAck ack -> send(ack);
            case ReplicaEffect.SendUnfollow unfollow -> send(unfollow);
            case ReplicaEffect.ProposeIsr proposal -> ports.proposals().proposeIsr(partition.id(), proposal);
            case ReplicaEffect.RequestHandOver request -> ports.proposals().requestHandOver(partition.id(), request);
            case ReplicaEffect.FailReplica failure -> fail(failure.reason());
            default -> throw new IllegalStateException("not an effect to tell: " + effect);
        }
    }

    // ---- on the log

    private ReplicaEvent append(ReplicaEffect.Append append) {
        ProduceWork work = partition.request(append.requestId());
        if (!ports.room().take(work.batch().remaining())) {
            return noRoom();
        }
        return onLog(() -> {
            long startNs = System.nanoTime();
            AppendResult.Appended result = log.appendAsLeader(work.batch(), append.leaderEpoch(), wallMs());
            ports.metrics().appendTook(System.nanoTime() - startNs);
            ports.metrics().produced(work.header().recordCount(), result.sizeBytes());
            if (result.firstOffset() != append.baseOffset()) {
                throw new IllegalStateException(partition.name() + ": the log appended at " + result.firstOffset()
                        + " what the replica put at " + append.baseOffset());
            }
            partition.flushes().want();
        });
    }

    private ReplicaEvent append(ReplicaEffect.AppendReplicated append) {
        ByteBuffer batches = (ByteBuffer) append.payload();
        if (!ports.room().take(batches.remaining())) {
            return noRoom();
        }
        try {
            AppendResult result = log.appendAsFollower(batches, wallMs());
            partition.flushes().want();
            return switch (result) {
                case AppendResult.Appended appended -> {
                    ports.metrics().replicated(appended.sizeBytes());
                    if (log.recordedLogStart() < log.logStartOffset()) {
                        // The log started over just before.
                        partition.context().logStartMoved(partition);
                    }
                    yield null;
                }
                case AppendResult.Refused refused -> new ReplicaEvent.AppendFailed(refused.error(), refused.message());
            };
        } catch (DiskFullException full) {
            // The first of the batches may have found room.
            partition.flushes().want();
            ports.room().ranOut();
            return new ReplicaEvent.AppendFailed(ErrorCode.DISK_FULL, String.valueOf(full.getMessage()));
        } catch (IOException failed) {
            return failed(failed);
        }
    }

    private void startOver(ReplicaEffect.StartOverAt start) throws IOException {
        List<ProducerStates.Entry> producers = start.producers() instanceof ByteString bytes && !bytes.isEmpty()
                ? ProducerSnapshot.decode(bytes.toByteArray()).orElse(List.of())
                : List.of();
        log.startOver(start.offset(), start.tombstonesGoneBelow(), producers);
        LOG.info("{}: the log starts over at {}", partition.name(), start.offset());
        partition.context().logStartMoved(partition);
    }

    private void advanceLogStart(long offset) throws IOException {
        long sizeBytes = log.sizeBytes();
        if (!log.advanceLogStart(offset)) {
            return;
        }
        LOG.info(
                "{}: the log starts at {} now, and has {} of {} bytes left",
                partition.name(),
                log.logStartOffset(),
                log.sizeBytes(),
                sizeBytes);
        partition.context().logStartMoved(partition);
    }

    private static ReplicaEvent noRoom() {
        return new ReplicaEvent.AppendFailed(
                ErrorCode.DISK_FULL, "the disk is full but for the reserve that keeps the broker going");
    }

    /**
     * Where the disk is full the mode stays the recorded one: a log that says commit counts only what is flushed, and
     * one that says os is not trusted after a power cut, so both err on the safe side. It is tried again with the next
     * change of the partition.
     */
    private ReplicaEvent recordFlushMode(FlushMode mode) {
        return onLog(() -> {
            try {
                log.recordFlushMode(mode);
            } catch (DiskFullException full) {
                LOG.warn("{}: flush mode {} cannot be recorded now: {}", partition.name(), mode, full.getMessage());
            }
        });
    }

    private interface LogAction {
        void run() throws IOException;
    }

    private ReplicaEvent onLog(LogAction action) {
        try {
            action.run();
            return null;
        } catch (DiskFullException full) {
            ports.room().ranOut();
            return new ReplicaEvent.AppendFailed(ErrorCode.DISK_FULL, String.valueOf(full.getMessage()));
        } catch (IOException failed) {
            return failed(failed);
        }
    }

    private ReplicaEvent failed(IOException failed) {
        partition.report(failed);
        return new ReplicaEvent.StorageFailed(String.valueOf(failed.getMessage()));
    }

    private long wallMs() {
        return partition.loop().clock().wallMs();
    }

    // ---- to clients

    private void complete(ReplicaEffect.Complete complete) {
        ProduceWork work = partition.takeRequest(complete.requestId());
        if (work == null) {
            throw new IllegalStateException(partition.name() + ": request " + complete.requestId()
                    + " was completed twice, now with " + complete.outcome());
        }
        if (complete.outcome() instanceof ProduceOutcome.Acknowledged) {
            ports.metrics().commitTook(System.nanoTime() - work.arrivedNs());
        } else {
            ports.metrics().produceRefused();
        }
        work.reply().complete(complete.outcome(), appendTimeMs(work.batch()));
        partition.context().touched(work.stream());
    }

    /** The time that the broker gave the batch, -1 where it kept the client's. */
    private static long appendTimeMs(ByteBuffer batch) {
        BatchHeader header = BatchHeader.read(batch, batch.position());
        return header.isLogAppendTime() ? header.maxTimestampMs() : -1;
    }

    // ---- to followers

    private void send(ReplicaEffect.SendFollowing following) {
        // What the follower cannot learn from the batches that it will get.
        ByteString producers = following.startOver() && following.truncateTo() > 0
                ? ByteString.copyFrom(ProducerSnapshot.encode(log.producersBelow(following.truncateTo())))
                : ByteString.EMPTY;
        onFollowerStream(following.streamId())
                .ifPresent(stream -> stream.add(Following.newBuilder()
                        .setTopicId(topicId)
                        .setPartition(partition.id().partition())
                        .setLeaderEpoch(following.leaderEpoch())
                        .setNumber(following.number())
                        .setTruncateTo(following.truncateTo())
                        .setStartOver(following.startOver())
                        .setHighWatermark(following.highWatermark())
                        .setProducers(producers)
                        .setTombstonesGoneBelow(following.tombstonesGoneBelow())
                        .build()));
    }

    private void send(ReplicaEffect.RefuseFollow refusal) {
        onFollowerStream(refusal.streamId())
                .ifPresent(stream -> stream.add(FollowRefused.newBuilder()
                        .setTopicId(topicId)
                        .setPartition(partition.id().partition())
                        .setNumber(refusal.number())
                        .setFailure(Failure.newBuilder()
                                .setCode(ErrorCodes.toProto(refusal.code()))
                                .setMessage(refusal.message()))
                        .build()));
    }

    private void send(ReplicaEffect.AppendTo append) {
        Optional<FollowerStream> stream = onFollowerStream(append.streamId());
        boolean isReady = stream.isPresent() && stream.get().isReadyFor(partition.id());
        LogRead.Batches batches = new LogRead.Batches(List.of(), append.fromOffset(), 0);
        long waitMs = append.maxBytes() > 0 ? throttledMs(append) : 0;
        if (isReady && append.maxBytes() > 0 && waitMs == 0) {
            try {
                batches = read(append.fromOffset(), maxBytes(append));
            } catch (CorruptLogException damaged) {
                // It cannot be had from here: the follower waits until another replica leads or this one is refilled.
                partition.storageFailed(damaged);
                isReady = false;
            } catch (IOException failed) {
                partition.storageFailed(failed);
                return;
            }
        }
        if (isReady) {
            stream.get()
                    .add(ReplicaAppend.newBuilder()
                            .setTopicId(topicId)
                            .setPartition(partition.id().partition())
                            .setLeaderEpoch(append.leaderEpoch())
                            .setNumber(append.number())
                            .setFromOffset(append.fromOffset())
                            .setHighWatermark(append.highWatermark())
                            .setLogStartOffset(append.logStartOffset())
                            .setRecords(LogBytes.of(batches))
                            .build());
        }
        if (append.maxBytes() > 0 && waitMs == 0 && isThrottled(append)) {
            ports.followers()
                    .throttle()
                    .sent(joiner(append), partition.joining().bytesPerSecond(), batches.sizeBytes());
        }
        partition.on(new ReplicaEvent.Sent(
                append.follower(),
                append.streamId(),
                append.number(),
                batches.nextOffset(),
                batches.sizeBytes(),
                isReady && waitMs == 0));
        if (isReady && waitMs > 0) {
            ReplicaEvent ready = new ReplicaEvent.FollowerStreamReady(append.follower(), append.streamId());
            partition.loop().schedule(waitMs, () -> partition.on(ready));
        }
    }

    private JoiningThrottle.Joiner joiner(ReplicaEffect.AppendTo append) {
        return new JoiningThrottle.Joiner(partition.id(), append.follower());
    }

    private boolean isThrottled(ReplicaEffect.AppendTo append) {
        return partition.joining().replicas().contains(append.follower());
    }

    private int maxBytes(ReplicaEffect.AppendTo append) {
        return isThrottled(append)
                ? JoiningThrottle.messageBytesMax(
                        append.maxBytes(), partition.joining().bytesPerSecond())
                : append.maxBytes();
    }

    /** How long the follower has to wait for more; 0 where it may have some now. */
    private long throttledMs(ReplicaEffect.AppendTo append) {
        return isThrottled(append)
                ? ports.followers()
                        .throttle()
                        .waitMs(
                                joiner(append),
                                partition.joining().bytesPerSecond(),
                                partition.loop().clock().nowMs())
                : 0;
    }

    private LogRead.Batches read(long offset, int maxBytes) throws IOException {
        return switch (log.read(offset, maxBytes, Long.MAX_VALUE)) {
            case LogRead.Batches batches -> batches;
            case LogRead.OutOfRange outside ->
                throw new IllegalStateException(
                        partition.name() + ": a follower is to get offset " + offset + ", the log has " + outside);
        };
    }

    private Optional<FollowerStream> onFollowerStream(long streamId) {
        Optional<FollowerStream> stream = ports.followers().stream(streamId);
        stream.ifPresent(partition.context()::touched);
        return stream;
    }

    // ---- to the leader

    private void send(ReplicaEffect.SendFollow follow) {
        Follow.Builder message = Follow.newBuilder()
                .setTopicId(topicId)
                .setPartition(partition.id().partition())
                .setLeaderEpoch(follow.leaderEpoch())
                .setNumber(follow.number())
                .setLogStartOffset(follow.logStartOffset())
                .setLogEndOffset(follow.logEndOffset())
                .setRefilledBelow(follow.refilledBelow());
        for (EpochStart epoch : follow.epochs()) {
            message.addEpochs(io.lograft.proto.v1.EpochStart.newBuilder()
                    .setEpoch(epoch.epoch())
                    .setStartOffset(epoch.startOffset()));
        }
        onLeaderStream(follow.streamId()).ifPresent(stream -> stream.add(message.build()));
    }

    private void send(ReplicaEffect.SendAck ack) {
        onLeaderStream(ack.streamId())
                .ifPresent(stream -> stream.add(FollowerAck.newBuilder()
                        .setTopicId(topicId)
                        .setPartition(partition.id().partition())
                        .setLeaderEpoch(ack.leaderEpoch())
                        .setNumber(ack.number())
                        .setLogEndOffset(ack.logEndOffset())
                        .setFlushedOffset(ack.flushedOffset())
                        .setOsMode(ack.osMode())
                        .setLogStartOffset(ack.recordedLogStart())
                        .build()));
    }

    private void send(ReplicaEffect.SendUnfollow unfollow) {
        onLeaderStream(unfollow.streamId())
                .ifPresent(stream -> stream.add(Unfollow.newBuilder()
                        .setTopicId(topicId)
                        .setPartition(partition.id().partition())
                        .setNumber(unfollow.number())
                        .build()));
    }

    private Optional<LeaderStream> onLeaderStream(long streamId) {
        Optional<LeaderStream> stream = ports.leaders().stream(streamId);
        stream.ifPresent(partition.context()::touched);
        return stream;
    }

    private void fail(String reason) {
        LOG.error("{}: this replica stops, an invariant is broken: {}", partition.name(), reason);
        ports.proposals().replicaFailed(partition.id(), reason);
        partition.stop();
    }
}
