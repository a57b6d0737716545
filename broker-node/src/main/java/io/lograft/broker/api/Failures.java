package io.lograft.broker.api;

import io.lograft.metadata.command.CommandReply;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.Failure;
import io.lograft.wire.ErrorCodes;

/** Failures of a part of a reply. */
public final class Failures {
    private Failures() {}

    /** One failure. */
    public static Failure of(ErrorCode code, String message) {
        return Failure.newBuilder()
                .setCode(ErrorCodes.toProto(code))
                .setMessage(message)
                .build();
    }

    /** What the controller refused. */
    public static Failure of(CommandReply refusal) {
        return of(refusal.error(), refusal.message());
    }
}
