/**
 * What is configured of a broker: from text to records.
 *
 * <p>{@link io.lograft.broker.app.config.ConfigLoader} is the entry: it reads a file, then the environment, then
 * {@code --set}, the last wins, into a {@link io.lograft.broker.app.config.BrokerConfig}. That contains one small record
 * for each component, so that no component sees another's settings. All keys stand in {@code ConfigKeys}.
 *
 * <p>Threading: the records are immutable; the rest is used by the thread that starts the process.
 *
 * <p>May use the settings of the components that it makes; only {@code io.lograft.broker.app} uses it.
 */
package io.lograft.broker.app.config;
