/**
 * Decides everything about one replica of one partition: what to append, to whom to push it, when it is committed, who
 * is in sync, what to truncate. Entry class: {@link io.lograft.broker.replica.PartitionReplica}.
 *
 * <p>Pure: events in, effects out, time as an argument; no I/O, threads, locks, clocks or logging. One
 * {@code PartitionReplica} belongs to one partition loop, and nothing here is safe to use from two threads. May use
 * {@code io.lograft.model} and {@code io.lograft.record} only. The rules are those of {@code docs/replication.md};
 * invariants are quoted by their numbers R1 to R8.
 */
package io.lograft.broker.replica;
