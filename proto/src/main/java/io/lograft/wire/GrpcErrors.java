package io.lograft.wire;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.lograft.model.ErrorCode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Error codes as gRPC statuses, and back. A status carries a {@code google.rpc.ErrorInfo} with our domain, the name of
 * the code in {@code common.proto} as reason, and the values that matter as metadata.
 */
public final class GrpcErrors {
    /** Domain of every ErrorInfo that a broker sends. */
    public static final String DOMAIN = "lograft.io";

    /**
     * So much of a message, in UTF-8, and of each detail is sent: they travel in the trailers, percent-encoded and once
     * more as base64, and a client that gets more than 8 KiB of these sees neither the code nor the message.
     */
    static final int TEXT_BYTES_MAX = 1_000;

    private GrpcErrors() {}

    public static StatusRuntimeException exception(ErrorCode code, String message) {
        return exception(code, message, Map.of());
    }

    /** The exception with which a call ends; the message is for a person, the details for a program. */
    public static StatusRuntimeException exception(ErrorCode code, String message, Map<String, String> details) {
        ErrorInfo info = ErrorInfo.newBuilder()
                .setDomain(DOMAIN)
                .setReason(ErrorCodes.reason(code))
                .putAllMetadata(shortened(details))
                .build();
        return StatusProto.toStatusRuntimeException(Status.newBuilder()
                .setCode(statusCode(code).value())
                .setMessage(shortened(message))
                .addDetails(Any.pack(info))
                .build());
    }

    private static Map<String, String> shortened(Map<String, String> details) {
        Map<String, String> shortened = new HashMap<>();
        details.forEach((name, value) -> shortened.put(name, shortened(value)));
        return shortened;
    }

    private static String shortened(String text) {
        int bytes = 0;
        for (int at = 0; at < text.length(); ) {
            int character = text.codePointAt(at);
            bytes += character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
            if (bytes > TEXT_BYTES_MAX) {
                return text.substring(0, at) + "…";
            }
            at += Character.charCount(character);
        }
        return text;
    }

    /**
     * What went wrong with a call. A failure without our details (the connection broke, say, or a proxy answered) gets
     * the code that tells a client to do the right thing.
     */
    public static RemoteError of(Throwable failure) {
        io.grpc.Status status = io.grpc.Status.fromThrowable(failure);
        String message = status.getDescription() == null ? describe(status, failure) : status.getDescription();
        Optional<ErrorInfo> info = errorInfo(failure);
        if (info.isEmpty()) {
            return new RemoteError(codeWithoutInfo(status.getCode(), message), message, Map.of());
        }
        ErrorCode code = codeOf(info.get().getReason());
        if (code == null) {
            return new RemoteError(
                    codeWithoutInfo(status.getCode(), message),
                    message + " (" + info.get().getReason() + ")",
                    info.get().getMetadataMap());
        }
        return new RemoteError(code, message, info.get().getMetadataMap());
    }

    /** The gRPC status of an error code. */
    public static Code statusCode(ErrorCode code) {
        return switch (code) {
            case NONE -> Code.OK;
            case INTERNAL -> Code.INTERNAL;
            case INVALID_REQUEST,
                    INVALID_TOPIC_NAME,
                    INVALID_PARTITION_COUNT,
                    INVALID_REPLICATION_FACTOR,
                    INVALID_CONFIG,
                    RECORD_TOO_LARGE,
                    INVALID_TIMESTAMP,
                    UNSUPPORTED_COMPRESSION,
                    UNSUPPORTED_FORMAT,
                    INCONSISTENT_GROUP_PROTOCOL,
                    INVALID_SESSION_TIMEOUT,
                    INVALID_GROUP_ID -> Code.INVALID_ARGUMENT;
            case UNSUPPORTED_VERSION -> Code.UNIMPLEMENTED;
            case BUSY, DISK_FULL -> Code.RESOURCE_EXHAUSTED;
            case REQUEST_TIMED_OUT -> Code.DEADLINE_EXCEEDED;
            case UNAVAILABLE,
                    LEADER_NOT_AVAILABLE,
                    CONTROLLER_UNAVAILABLE,
                    COORDINATOR_NOT_AVAILABLE,
                    STORAGE_ERROR,
                    NOT_ENOUGH_REPLICAS,
                    NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                    OFFSET_NOT_AVAILABLE,
                    BROKER_FENCED,
                    INELIGIBLE_REPLICA,
                    NO_ELIGIBLE_LEADER -> Code.UNAVAILABLE;
            case UNKNOWN_TOPIC, UNKNOWN_PARTITION, UNKNOWN_BROKER, UNKNOWN_VOTER, UNKNOWN_GROUP -> Code.NOT_FOUND;
            case TOPIC_ALREADY_EXISTS, DUPLICATE_BROKER_ID, DUPLICATE_SEQUENCE, ALREADY_A_VOTER -> Code.ALREADY_EXISTS;
            case CORRUPT_BATCH, LOG_TRUNCATED -> Code.DATA_LOSS;
            case OFFSET_OUT_OF_RANGE -> Code.OUT_OF_RANGE;
            case OUTCOME_UNKNOWN, REBALANCE_IN_PROGRESS -> Code.ABORTED;
            case UNKNOWN_PRODUCER,
                    POLICY_VIOLATION,
                    PRODUCER_FENCED,
                    OUT_OF_ORDER_SEQUENCE,
                    NOT_LEADER,
                    FENCED_LEADER_EPOCH,
                    UNKNOWN_LEADER_EPOCH,
                    NOT_CONTROLLER,
                    STALE_BROKER_EPOCH,
                    STALE_PARTITION_EPOCH,
                    ELECTION_NOT_NEEDED,
                    UNSAFE_CHANGE,
                    NO_REASSIGNMENT,
                    CLUSTER_ID_MISMATCH,
                    MAJORITY_WOULD_BE_LOST,
                    VOTER_NOT_CAUGHT_UP,
                    VOTER_CHANGE_IN_PROGRESS,
                    NOT_COORDINATOR,
                    ILLEGAL_GENERATION,
                    UNKNOWN_MEMBER,
                    FENCED_INSTANCE_ID,
                    GROUP_NOT_EMPTY -> Code.FAILED_PRECONDITION;
        };
    }

    private static ErrorCode codeWithoutInfo(Code code, String message) {
        return switch (code) {
            case UNAVAILABLE, ABORTED, CANCELLED -> ErrorCode.UNAVAILABLE;
            case DEADLINE_EXCEEDED -> ErrorCode.REQUEST_TIMED_OUT;
            // gRPC uses this code for a message above the receiver's limit, too; that one never gets smaller.
            case RESOURCE_EXHAUSTED ->
                message.contains("exceeds maximum size") ? ErrorCode.INVALID_REQUEST : ErrorCode.BUSY;
            case UNIMPLEMENTED -> ErrorCode.UNSUPPORTED_VERSION;
            case INVALID_ARGUMENT, OUT_OF_RANGE, FAILED_PRECONDITION, NOT_FOUND, ALREADY_EXISTS ->
                ErrorCode.INVALID_REQUEST;
            case OK, UNKNOWN, INTERNAL, DATA_LOSS, PERMISSION_DENIED, UNAUTHENTICATED -> ErrorCode.INTERNAL;
        };
    }

    private static Optional<ErrorInfo> errorInfo(Throwable failure) {
        Status status = StatusProto.fromThrowable(failure);
        if (status == null) {
            return Optional.empty();
        }
        for (Any detail : status.getDetailsList()) {
            if (detail.is(ErrorInfo.class)) {
                try {
                    ErrorInfo info = detail.unpack(ErrorInfo.class);
                    return DOMAIN.equals(info.getDomain()) ? Optional.of(info) : Optional.empty();
                } catch (InvalidProtocolBufferException e) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    /** Null for a code of a newer version. */
    private static ErrorCode codeOf(String reason) {
        for (ErrorCode code : ErrorCode.values()) {
            if (ErrorCodes.reason(code).equals(reason)) {
                return code;
            }
        }
        return null;
    }

    private static String describe(io.grpc.Status status, Throwable failure) {
        return failure.getMessage() == null ? status.getCode().name() : failure.getMessage();
    }
}
