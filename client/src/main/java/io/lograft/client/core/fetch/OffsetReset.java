package io.lograft.client.core.fetch;

/** Where to go where there is no valid position. */
public enum OffsetReset {
    EARLIEST,
    LATEST
}
