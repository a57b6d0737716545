package io.lograft.client.core.produce;

import io.lograft.client.core.Failure;

/** Is told once what became of one record. Called on the client's event loop: must not block. */
public interface RecordOutcome {
    /** Of a record whose producer has no name. */
    long NO_SEQUENCE = -1;

    /** The record's sequence under its producer's name. */
    default long sequence() {
        return NO_SEQUENCE;
    }

    /** The record was acknowledged; {@code index} is its place within the batch. */
    void acknowledged(BatchAck ack, int index);

    /** The record was not acknowledged; it may have been written all the same where the outcome is unknown. */
    void failed(Failure failure);
}
