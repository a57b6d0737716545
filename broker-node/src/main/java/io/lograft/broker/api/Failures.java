package io.lograft.broker.api;

import io.lograft.metadata.command.CommandReply;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.Failure;
import io.lograft.wire.ErrorCodes;

/** Failures of a part of a reply. */
final class Failures {
    private Failures() {}

    static Failure of(ErrorCode code, String message) {
        return Failure.newBuilder()
                .setCode(ErrorCodes.toProto(code))
                .setMessage(message)
                .build();
    }

    static Failure of(CommandReply refusal) {
        return of(refusal.error(), refusal.message());
    }
}
