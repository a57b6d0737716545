/**
 * Decides about consumer groups: who is a member, who reads which partitions, and how far each group got. {@link
 * io.lograft.broker.group.GroupShard} is the entry: all groups of one partition of {@code __consumer_offsets}.
 *
 * <p>Everything here is pure: requests and the time in, records and replies out. State changes only by {@link
 * io.lograft.broker.group.GroupRecord}s, which are replayed as they are decided and again when another broker takes the
 * partition over. Owned by: the shard's loop.
 */
package io.lograft.broker.group;
