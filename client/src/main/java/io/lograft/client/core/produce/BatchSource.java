package io.lograft.client.core.produce;

/** Where the sender of a partition takes its batches from, oldest first. */
public interface BatchSource {
    /** No open batch. */
    long NONE = Long.MAX_VALUE;

    /** The next batch: a closed one, else the open one if {@code mayTakeOpen}; null if there is none. */
    ProducerBatch take(boolean mayTakeOpen);

    /** When the oldest record was added that was not taken yet, {@link #NONE} if all were. */
    long oldestMs();

    /** True while a closed batch waits. */
    boolean hasClosed();
}
