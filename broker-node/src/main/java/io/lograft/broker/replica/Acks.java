package io.lograft.broker.replica;

/** When a produced batch is answered. */
public enum Acks {
    /** Once it is committed. */
    ALL,
    /** Once it is in the leader's log. */
    LEADER,
    /** As {@link #LEADER} for the core; the shell sends no answer unless the batch was refused. */
    NONE
}
