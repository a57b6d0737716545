/**
 * Who of a group's members reads which partitions, where a member decides it: {@link
 * io.lograft.client.assign.Assignor} and the three of them, and {@link io.lograft.client.assign.ConsumerProtocol}, the
 * bytes in which members tell each other. Names, results and bytes are those of Kafka's Java client, so that members of
 * both kinds can share a group.
 *
 * <p>Pure: no threads, clocks or network; the same input gives the same result in every process. Public API. May use the
 * model only.
 */
package io.lograft.client.assign;
