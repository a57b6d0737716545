package io.lograft.client;

import io.lograft.model.ErrorCode;

/**
 * A call failed, and sending it again by hand would not have helped at that moment. {@link #code()} says why, in the
 * words of the wire contract; the message repeats it and has the values that matter.
 *
 * <pre>{@code
 * try {
 *     admin.createTopic(NewTopic.of("orders"));
 * } catch (LograftException e) {
 *     if (e.code() != ErrorCode.TOPIC_ALREADY_EXISTS) {
 *         throw e;
 *     }
 * }
 * }</pre>
 *
 * <p>Immutable; may be passed between threads.
 */
public final class LograftException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final String reason;

    public LograftException(ErrorCode code, String message) {
        super(code + ": " + message);
        this.code = code;
        this.reason = message;
    }

    public LograftException(ErrorCode code, String message, Throwable cause) {
        super(code + ": " + message, cause);
        this.code = code;
        this.reason = message;
    }

    /** Why the call failed. */
    public ErrorCode code() {
        return code;
    }

    /** The message without the code. */
    public String reason() {
        return reason;
    }
}
