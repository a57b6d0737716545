package io.lograft.broker.replica.transport;

import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.FollowRefused;
import io.lograft.proto.v1.Following;
import io.lograft.proto.v1.ReplicaAppend;
import io.lograft.proto.v1.ReplicateResponse;
import io.lograft.proto.v1.StreamKind;
import io.lograft.record.BatchHeader;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.WireBytes;
import java.nio.ByteBuffer;

/** Turns a leader's messages into events of the replicas that they are about. */
final class StreamMessages {
    private StreamMessages() {}

    static StreamKind toProto(io.lograft.broker.replica.StreamKind kind) {
        return switch (kind) {
            case IN_SYNC -> StreamKind.STREAM_KIND_IN_SYNC;
            case CATCH_UP -> StreamKind.STREAM_KIND_CATCH_UP;
        };
    }

    /** Throws IllegalArgumentException, which ends the stream, at a message that no leader sends. */
    static void deliver(ReplicateResponse response, long streamId, ReplicaInbox inbox) {
        for (Following following : response.getFollowingsList()) {
            deliver(following, streamId, inbox);
        }
        for (FollowRefused refusal : response.getRefusalsList()) {
            inbox.deliver(
                    new PartitionId(WireBytes.topicId(refusal.getTopicId()), refusal.getPartition()),
                    new ReplicaEvent.FollowRefusedReceived(
                            streamId,
                            refusal.getNumber(),
                            ErrorCodes.fromProto(refusal.getFailure().getCode()),
                            refusal.getFailure().getMessage()));
        }
        for (ReplicaAppend append : response.getAppendsList()) {
            deliver(append, streamId, inbox);
        }
    }

    private static void deliver(Following following, long streamId, ReplicaInbox inbox) {
        PartitionId partition = new PartitionId(WireBytes.topicId(following.getTopicId()), following.getPartition());
        if (following.getTruncateTo() < 0) {
            throw new IllegalArgumentException(
                    "the leader of " + partition + " has it go on at offset " + following.getTruncateTo());
        }
        inbox.deliver(
                partition,
                new ReplicaEvent.FollowingReceived(
                        streamId,
                        following.getLeaderEpoch(),
                        following.getNumber(),
                        following.getTruncateTo(),
                        following.getStartOver(),
                        following.getHighWatermark(),
                        following.getProducers(),
                        following.getTombstonesGoneBelow()));
    }

    private static void deliver(ReplicaAppend append, long streamId, ReplicaInbox inbox) {
        ByteBuffer batches = append.getRecords().isEmpty() ? null : WireBytes.take(append.getRecords());
        long nextOffset = batches == null ? append.getFromOffset() : nextOffset(batches);
        inbox.deliver(
                new PartitionId(WireBytes.topicId(append.getTopicId()), append.getPartition()),
                new ReplicaEvent.AppendReceived(
                        streamId,
                        append.getLeaderEpoch(),
                        append.getNumber(),
                        append.getFromOffset(),
                        nextOffset,
                        append.getHighWatermark(),
                        append.getLogStartOffset(),
                        batches));
    }

    /** Offset after the last batch, -1 where the bytes are not whole batches; the log refuses those. */
    private static long nextOffset(ByteBuffer batches) {
        long next = -1;
        int position = 0;
        while (batches.limit() - position >= BatchHeader.SIZE_BYTES) {
            BatchHeader header = BatchHeader.read(batches, position);
            if (header.sizeBytes() < BatchHeader.SIZE_BYTES || header.sizeBytes() > batches.limit() - position) {
                return -1;
            }
            next = header.nextOffset();
            position += header.sizeBytes();
        }
        return position == batches.limit() ? next : -1;
    }
}
