package io.lograft.model;

/** What a replica must have done with a record before it counts as held ({@code flush.mode}). */
public enum FlushMode {
    /** The record is fsynced. */
    COMMIT,
    /** The record is in the page cache of the operating system. */
    OS
}
