package io.lograft.broker.app.storage;

import java.io.IOException;

/** A directory is in order, but not this broker's to use: another's, or named twice. The broker must not start with it. */
public final class WrongDirectoryException extends IOException {
    private static final long serialVersionUID = 1;

    WrongDirectoryException(String message) {
        super(message);
    }
}
