package io.lograft.broker.log.state;

import io.lograft.model.ErrorCode;

/** What the log knows about the sequence numbers of a batch that is to be appended. */
public sealed interface SequenceCheck {

    /** It continues its producer's sequence, or has no producer: append it. */
    record New() implements SequenceCheck {
        static final New INSTANCE = new New();
    }

    /** It is in the log already: answer with these offsets, once they are committed. */
    record Duplicate(long firstOffset, long lastOffset) implements SequenceCheck {}

    /** It must not be appended. */
    record Refused(ErrorCode error, String message) implements SequenceCheck {}
}
