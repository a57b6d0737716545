package io.lograft.wire;

import io.lograft.model.ErrorCode;
import java.util.HashMap;
import java.util.Map;

/** {@link ErrorCode} and the enum of {@code common.proto}, which have the same numbers. */
public final class ErrorCodes {
    private static final Map<Integer, ErrorCode> BY_NUMBER = byNumber();

    private ErrorCodes() {}

    public static io.lograft.proto.v1.ErrorCode toProto(ErrorCode code) {
        return io.lograft.proto.v1.ErrorCode.forNumber(code.number());
    }

    /** A code that this version does not know is read as {@link ErrorCode#INTERNAL}. */
    public static ErrorCode fromProto(io.lograft.proto.v1.ErrorCode code) {
        if (code == io.lograft.proto.v1.ErrorCode.UNRECOGNIZED) {
            return ErrorCode.INTERNAL;
        }
        return BY_NUMBER.getOrDefault(code.getNumber(), ErrorCode.INTERNAL);
    }

    /** The name in the .proto file, which is the reason in a status. */
    public static String reason(ErrorCode code) {
        return toProto(code).name();
    }

    private static Map<Integer, ErrorCode> byNumber() {
        Map<Integer, ErrorCode> codes = new HashMap<>();
        for (ErrorCode code : ErrorCode.values()) {
            codes.put(code.number(), code);
        }
        return codes;
    }
}
