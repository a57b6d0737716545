package io.lograft.client.fake;

/** What goes wrong with a batch. */
public enum Fault {
    NONE,
    /** Refused before it is appended. */
    NOT_ENOUGH_REPLICAS,
    /** Refused before it is appended, for good. */
    RECORD_TOO_LARGE,
    /** Appended, then the answer says that nobody knows. */
    OUTCOME_UNKNOWN,
    /** The stream breaks before it is appended. */
    BREAK_BEFORE,
    /** Appended, then the stream breaks before the answer. */
    BREAK_AFTER,
    /** Neither appended nor answered, and the batches behind it neither. */
    SILENCE,
    /** Another broker becomes leader, and this one says so. */
    MOVE_LEADER
}
