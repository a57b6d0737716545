package io.lograft.client.core;

import io.lograft.model.ErrorCode;

/**
 * Why something did not succeed, as a value.
 *
 * @param message one sentence for a person, with the values that matter
 */
public record Failure(ErrorCode code, String message) {
    @Override
    public String toString() {
        return code + ": " + message;
    }
}
