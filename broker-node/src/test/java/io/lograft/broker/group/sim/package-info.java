/**
 * Groups simulated in one thread: virtual time, one seed, the real {@link io.lograft.broker.group.GroupShard} and real
 * groups of both kinds over a simulated network and a simulated partition, with members that crash, stall, leave and come
 * back, and coordinators that change at any moment. Entry class: {@link
 * io.lograft.broker.group.sim.GroupSimulationTest}; {@link io.lograft.broker.group.sim.SimKind} says what a kind of group
 * brings. Nothing here may ask the clock, start a thread or iterate an unordered collection: a seed must lead to the same
 * run every time.
 */
package io.lograft.broker.group.sim;
