package io.lograft.broker.group;

/**
 * How long a member may be silent.
 *
 * @param sessionMs without a heartbeat for so long, it is taken for dead
 * @param rebalanceMs how long it may take to join a rebalance, or to give up partitions
 */
public record Timeouts(int sessionMs, int rebalanceMs) {}
