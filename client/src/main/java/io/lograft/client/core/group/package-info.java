/**
 * What a member of a consumer group decides: {@link io.lograft.client.core.group.GroupMembership} when to tell the
 * coordinator what, and which partitions are the member's to read; {@link io.lograft.client.core.group.CommitQueue} in
 * which order offsets are committed.
 *
 * <p>Pure; each object belongs to one thread at a time. May use {@code client.core} and the model.
 */
package io.lograft.client.core.group;
