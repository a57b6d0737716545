package io.lograft.broker.sim;

import io.lograft.broker.replica.ReplicaEffect;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.model.PartitionId;
import java.nio.ByteBuffer;

/** Turns what a replica wants to be sent into what its peer hears. */
final class SimMessages {
    private final SimProcess process;
    private final PartitionId partition;
    private final SimReplicaLog log;

    SimMessages(SimProcess process, PartitionId partition, SimReplicaLog log) {
        this.process = process;
        this.partition = partition;
        this.log = log;
    }

    void send(ReplicaEffect effect) {
        switch (effect) {
            case ReplicaEffect.SendFollow e -> follow(e);
            case ReplicaEffect.SendAck e ->
                process.links()
                        .toLeader(
                                e.leader(),
                                e.streamId(),
                                partition,
                                peer -> new ReplicaEvent.FollowerAcked(
                                        process.brokerId(),
                                        e.streamId(),
                                        e.leaderEpoch(),
                                        e.number(),
                                        e.logEndOffset(),
                                        e.flushedOffset(),
                                        e.osMode(),
                                        e.recordedLogStart()));
            case ReplicaEffect.SendUnfollow e ->
                process.links()
                        .toLeader(
                                e.leader(),
                                e.streamId(),
                                partition,
                                peer -> new ReplicaEvent.UnfollowReceived(
                                        process.brokerId(), e.streamId(), e.number()));
            case ReplicaEffect.SendFollowing e ->
                process.links()
                        .toFollower(
                                e.streamId(),
                                partition,
                                new ReplicaEvent.FollowingReceived(
                                        e.streamId(),
                                        e.leaderEpoch(),
                                        e.number(),
                                        e.truncateTo(),
                                        e.startOver(),
                                        e.highWatermark(),
                                        e.startOver() ? log.producersBelow(e.truncateTo()) : null,
                                        e.tombstonesGoneBelow()));
            case ReplicaEffect.RefuseFollow e ->
                process.links()
                        .toFollower(
                                e.streamId(),
                                partition,
                                new ReplicaEvent.FollowRefusedReceived(
                                        e.streamId(), e.number(), e.code(), e.message()));
            default -> throw new IllegalStateException("not a message: " + effect);
        }
    }

    private void follow(ReplicaEffect.SendFollow e) {
        process.links()
                .toLeader(
                        e.leader(),
                        e.streamId(),
                        partition,
                        peer -> new ReplicaEvent.FollowReceived(
                                process.brokerId(),
                                peer.followerBrokerEpoch(),
                                e.streamId(),
                                peer.kind(),
                                e.leaderEpoch(),
                                e.number(),
                                e.logStartOffset(),
                                e.logEndOffset(),
                                e.epochs(),
                                e.refilledBelow()));
    }

    /** Sends batches, possibly none, with the marks. */
    void push(ReplicaEffect.AppendTo push, ByteBuffer batches, long nextOffset) {
        process.links()
                .toFollower(
                        push.streamId(),
                        partition,
                        new ReplicaEvent.AppendReceived(
                                push.streamId(),
                                push.leaderEpoch(),
                                push.number(),
                                push.fromOffset(),
                                nextOffset,
                                push.highWatermark(),
                                push.logStartOffset(),
                                batches.hasRemaining() ? batches : null));
    }
}
