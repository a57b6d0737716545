package io.lograft.broker.api.group;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lograft.broker.fuzz.FuzzChecks;
import io.lograft.proto.v1.CommitOffsetsRequest;
import io.lograft.proto.v1.ConsumerHeartbeatRequest;
import io.lograft.proto.v1.HeartbeatRequest;
import io.lograft.proto.v1.JoinGroupRequest;
import io.lograft.proto.v1.LeaveGroupRequest;
import io.lograft.proto.v1.SyncGroupRequest;
import java.util.Arrays;

/** Requests of groups, from the bytes to what the coordinator gets: the first byte says which. */
public final class GroupRequestFuzz {
    private static final int KINDS = 6;

    private GroupRequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        ByteString bytes = ByteString.copyFrom(Arrays.copyOfRange(input, 1, input.length));
        FuzzChecks.withinMemory(input.length, 0, () -> {
            try {
                Object request = request(Math.floorMod(input[0], KINDS), bytes);
                FuzzChecks.check(request != null, "a request");
            } catch (InvalidProtocolBufferException | IllegalArgumentException refused) {
                // Both become INVALID_REQUEST.
                return;
            }
        });
    }

    private static Object request(int kind, ByteString bytes) throws InvalidProtocolBufferException {
        return switch (kind) {
            case 0 -> GroupRequests.of(ConsumerHeartbeatRequest.parseFrom(bytes), "host");
            case 1 -> GroupRequests.of(JoinGroupRequest.parseFrom(bytes), "host");
            case 2 -> GroupRequests.of(SyncGroupRequest.parseFrom(bytes));
            case 3 -> GroupRequests.of(HeartbeatRequest.parseFrom(bytes));
            case 4 -> GroupRequests.of(LeaveGroupRequest.parseFrom(bytes));
            default -> GroupRequests.of(CommitOffsetsRequest.parseFrom(bytes));
        };
    }
}
