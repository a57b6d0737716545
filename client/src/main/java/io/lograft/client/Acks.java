package io.lograft.client;

/**
 * When a record counts as acknowledged.
 *
 * <pre>{@code
 * Producer fast = cluster.producer(ProducerOptions.builder().acks(Acks.LEADER).build());
 * }</pre>
 */
public enum Acks {
    /** Committed: on every in-sync replica, at least the minimum of them, and, with flush.mode=commit, on their disks. */
    ALL,
    /** Appended to the leader's log. Promises nothing after a failure. */
    LEADER,
    /** Sent. Promises nothing, and the offset is not known. */
    NONE
}
