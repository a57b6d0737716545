package io.lograft.client;

/**
 * Where a consumer starts without a position, and where it goes on when its position no longer exists because retention
 * has deleted it.
 *
 * <pre>{@code
 * Consumer tail = cluster.consumer(ConsumerOptions.builder().offsetReset(OffsetReset.LATEST).build());
 * }</pre>
 */
public enum OffsetReset {
    /** At the oldest record: nothing that exists is left out. */
    EARLIEST,
    /** At the end: what was written before is left out. */
    LATEST,
    /** Nowhere: {@link Consumer#poll} throws until the application seeks. */
    ERROR
}
