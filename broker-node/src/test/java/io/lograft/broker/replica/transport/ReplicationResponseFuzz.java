package io.lograft.broker.replica.transport;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lograft.broker.fuzz.FuzzChecks;
import io.lograft.broker.fuzz.FuzzedBroker;
import io.lograft.broker.fuzz.FuzzedService;
import io.lograft.broker.fuzz.RecordBatchFuzz;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.replica.StreamKind;
import io.lograft.proto.v1.ReplicaAppend;
import io.lograft.proto.v1.ReplicateResponse;

/**
 * What a follower gets from a leader, from the bytes to the follower's replica: messages that follow one another, each after
 * two bytes with its size. One that cannot be taken ends the stream, as gRPC does with a call whose receiver throws.
 */
public final class ReplicationResponseFuzz {
    private static final int EXPANDED_BYTES_MAX = 1 << 20;
    private static final long STREAM = 1;

    private ReplicationResponseFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        FuzzChecks.withinMemory(input.length, EXPANDED_BYTES_MAX, () -> {
            try (FuzzedBroker broker = new FuzzedBroker()) {
                deliver(new ReplicaEvent.LeaderStreamOpened(FuzzedBroker.OTHER, StreamKind.IN_SYNC, STREAM), broker);
                deliver(
                        new ReplicaEvent.LeaderStreamOpened(FuzzedBroker.OTHER, StreamKind.CATCH_UP, STREAM + 1),
                        broker);
                for (byte[] message : FuzzedService.split(input)) {
                    if (!deliver(message, broker)) {
                        break;
                    }
                    broker.settle();
                }
                deliver(new ReplicaEvent.LeaderStreamClosed(FuzzedBroker.OTHER, StreamKind.IN_SYNC, STREAM), broker);
                broker.checkLogs();
            }
        });
    }

    private static void deliver(ReplicaEvent event, FuzzedBroker broker) {
        broker.registry().deliver(FuzzedBroker.FOLLOWED, event);
        broker.registry().deliver(FuzzedBroker.REFILLED, event);
        broker.settle();
    }

    private static boolean deliver(byte[] message, FuzzedBroker broker) {
        try {
            StreamMessages.deliver(repaired(ReplicateResponse.parseFrom(message)), STREAM, broker.registry());
            return true;
        } catch (InvalidProtocolBufferException | IllegalArgumentException malformed) {
            return false;
        }
    }

    /** Batches that are said to begin at an even offset get the checksums that they should have. */
    private static ReplicateResponse repaired(ReplicateResponse response) throws InvalidProtocolBufferException {
        ReplicateResponse.Builder repaired = response.toBuilder();
        for (ReplicaAppend.Builder append : repaired.getAppendsBuilderList()) {
            if ((append.getFromOffset() & 1) == 0) {
                byte[] records = append.getRecords().toByteArray();
                RecordBatchFuzz.repair(records);
                append.setRecords(ByteString.copyFrom(records));
            }
        }
        // As parsed messages have it: the follower takes the bytes over.
        return ReplicateResponse.parseFrom(repaired.build().toByteArray());
    }
}
