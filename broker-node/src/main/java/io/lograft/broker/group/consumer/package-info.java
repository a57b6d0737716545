/**
 * Groups in which the coordinator assigns, in the manner of Kafka's KIP-848. {@link
 * io.lograft.broker.group.consumer.ConsumerGroup} is the entry.
 *
 * <p>Every member has a target, which is computed and not durable, and holdings, which are. It is moved towards its
 * target one step at a time: first it is told to give up what goes to others, and a partition is given to it only when
 * nobody else holds it. Whoever is not touched by a change hears nothing of it.
 *
 * <p>Epochs: the group's rises with every change of members, subscriptions or topics, and whenever it has to be above a
 * member's. A member's is the group's at the time when it last got partitions or had given up all that it was told to;
 * so everything that it gets comes with a higher epoch than it knew before. That is why a heartbeat with its present
 * epoch may be believed when it leaves a partition out: it was sent after the member had heard of the partition. An older
 * one, which may have been under way for long, changes nothing; nor does a commit with an epoch from before the member
 * got the partition.
 *
 * <p>Pure. Uses the group package, its assignors, the model, and RE2 for patterns. Owned by: the shard's loop.
 */
package io.lograft.broker.group.consumer;
