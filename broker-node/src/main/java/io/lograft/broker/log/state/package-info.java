/**
 * What follows from the batches of a log: its {@link io.lograft.broker.log.state.EpochHistory epochs}, what is known of
 * its {@link io.lograft.broker.log.state.ProducerStates producers}, and whether the next batch fits. Pure: no files, no
 * clock, no threads. Uses {@code model} and {@code record}.
 */
package io.lograft.broker.log.state;
