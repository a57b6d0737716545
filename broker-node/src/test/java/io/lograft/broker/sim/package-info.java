/**
 * A cluster simulated in one thread: virtual time, one seed, real replica cores and real metadata decisions over
 * simulated network, disks and processes. Entry class: {@link io.lograft.broker.sim.SimulationTest}. Nothing here may
 * ask the clock, start a thread or iterate an unordered collection: a seed must lead to the same run every time.
 */
package io.lograft.broker.sim;
