package io.lograft.metadata.codec;

/**
 * Bytes that are no command, record or reply that this version knows; the message says what they are as far as it can
 * be told. A voter that meets it in the log or the store must stop.
 */
public final class UnknownMetadataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnknownMetadataException(String message) {
        super(message);
    }

    UnknownMetadataException(String message, Throwable cause) {
        super(message, cause);
    }
}
