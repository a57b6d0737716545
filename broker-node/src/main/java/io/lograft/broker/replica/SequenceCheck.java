package io.lograft.broker.replica;

import io.lograft.model.ErrorCode;

/** What the log says about the producer id, epoch and sequence of a batch that is to be appended. */
public sealed interface SequenceCheck {

    /** The answer for a batch that is new, or has no producer. */
    SequenceCheck NEW = new New();

    /** The batch is new and in order: append it. */
    record New() implements SequenceCheck {}

    /** The batch is in the log already, at these offsets (R7). */
    record Duplicate(long baseOffset, long lastOffset) implements SequenceCheck {}

    /** The batch must not be appended. */
    record Refused(ErrorCode code, String message) implements SequenceCheck {}
}
