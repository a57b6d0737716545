/**
 * The classic protocol of consumer groups, as Kafka's clients speak it: members join, the coordinator makes one of them
 * the leader, the leader assigns, and every member gets its part when it syncs. {@link
 * io.lograft.broker.group.classic.ClassicGroup} is the entry and names the states.
 *
 * <p>One class decides about each request. {@link io.lograft.broker.group.classic.Rebalance} moves the group from one
 * state to the next, {@link io.lograft.broker.group.classic.ClassicMembers} knows who is there. Only a generation that
 * has its assignment is durable; joining, waiting and timing out are not, and members begin them anew at another
 * coordinator.
 *
 * <p>Pure: uses the package above and the model. Owned by: the shard's loop.
 */
package io.lograft.broker.group.classic;
