package io.lograft.client.core;

/** Where to go where there is no valid position. */
public enum OffsetReset {
    EARLIEST,
    LATEST
}
