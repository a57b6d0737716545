/**
 * Runs the coordinators of consumer groups: {@link io.lograft.broker.group.runtime.CoordinatorRuntime} has one {@link
 * io.lograft.broker.group.runtime.CoordinatorShard} for each partition of {@code __consumer_offsets} that this broker
 * leads. A shard loads its partition, decides with the pure {@link io.lograft.broker.group.GroupShard}, appends what was
 * decided to the partition, which is replicated like any other, and answers once it is committed.
 *
 * <p>Each shard belongs to one group loop.
 */
package io.lograft.broker.group.runtime;
