package io.lograft.wire;

import io.lograft.model.ErrorCode;
import java.util.Map;

/**
 * A failure of a whole call, as the other side told it or as gRPC itself found it.
 *
 * @param message one sentence with the values that matter
 * @param details the values by name, where the other side sent them
 */
public record RemoteError(ErrorCode code, String message, Map<String, String> details) {
    public RemoteError {
        details = Map.copyOf(details);
    }

    /** For example {@code UNKNOWN_TOPIC: no topic 'orders'}. */
    @Override
    public String toString() {
        return code + ": " + message;
    }
}
