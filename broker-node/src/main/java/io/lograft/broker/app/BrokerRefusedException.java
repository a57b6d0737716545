package io.lograft.broker.app;

import io.lograft.model.ErrorCode;

/** The cluster does not take this broker: its id is taken, say, or it belongs to another cluster. */
final class BrokerRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokerRefusedException(ErrorCode code, String message) {
        super(code + ": " + message);
    }
}
