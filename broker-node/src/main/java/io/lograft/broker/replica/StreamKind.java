package io.lograft.broker.replica;

/** The two streams between a follower's and a leader's broker. */
public enum StreamKind {
    /** For replicas in the in-sync set or close to it. */
    IN_SYNC,
    /** For replicas that catch up, so that old data never delays new. */
    CATCH_UP
}
