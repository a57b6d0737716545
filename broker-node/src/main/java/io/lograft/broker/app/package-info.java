/**
 * The broker as a process: its arguments, its configuration, and the one place that wires its parts.
 *
 * <p>{@link io.lograft.broker.app.BrokerMain} is the entry. It has {@link io.lograft.broker.app.ConfigLoader} read the
 * configuration (file, then environment, then {@code --set}; the last wins) into a
 * {@link io.lograft.broker.app.BrokerConfig}, which contains one small record for each component, so that no
 * component sees another's settings.
 *
 * <p>Threading: everything here runs on the main thread while the process starts, and on the shutdown hook's thread
 * while it stops.
 *
 * <p>May use every package of the broker; no other package uses this one.
 */
package io.lograft.broker.app;
