/** Virtual time, chance and the order of what happens in a simulation. Uses nothing of ours. */
package io.lograft.broker.sim.world;
