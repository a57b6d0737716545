package io.lograft.broker.log.io;

import java.io.IOException;

/** The disk has no room for a write; part of it may have been written. */
public final class DiskFullException extends IOException {
    private static final long serialVersionUID = 1L;

    public DiskFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
