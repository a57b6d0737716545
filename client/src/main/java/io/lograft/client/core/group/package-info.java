/**
 * What a member of a consumer group decides: when to tell the coordinator what, and which partitions are the member's to
 * read, in {@link io.lograft.client.core.group.GroupMembership} where the coordinator assigns and in {@link
 * io.lograft.client.core.group.ClassicMembership} where a member does; {@link
 * io.lograft.client.core.group.CommitQueue} in which order offsets are committed.
 *
 * <p>Pure; each object belongs to one thread at a time. May use {@code client.core}, {@code client.assign} and the model.
 */
package io.lograft.client.core.group;
