/**
 * The broker as a process: its arguments, its start and stop, and the one place that wires its parts.
 *
 * <p>{@link io.lograft.broker.app.BrokerMain} is the entry. It has the configuration read
 * ({@code io.lograft.broker.app.config}) and starts a {@link io.lograft.broker.app.BrokerNode} with it.
 *
 * <p>Threading: everything here runs on the main thread while the process starts, and on the shutdown hook's thread
 * while it stops.
 *
 * <p>May use every package of the broker; no other package uses this one.
 */
package io.lograft.broker.app;
