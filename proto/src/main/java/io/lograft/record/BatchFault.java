package io.lograft.record;

import io.lograft.model.ErrorCode;

/**
 * What is wrong with bytes that should be a record batch.
 *
 * @param code what the peer is answered
 * @param message one sentence with the values that matter
 */
public record BatchFault(ErrorCode code, String message) {

    static BatchFault corrupt(String message) {
        return new BatchFault(ErrorCode.CORRUPT_BATCH, message);
    }
}
