/**
 * The log directories of a broker: what is in them ({@code LogStorage}), which can be used
 * ({@link io.lograft.broker.app.storage.LogStorages}), who runs their replicas
 * ({@link io.lograft.broker.app.storage.DirectoryHosts}), and what the controller is told of them
 * ({@link io.lograft.broker.app.storage.DirectoryReporter}).
 *
 * <p>Threading: the router and the reporter belong to the metadata loop; each directory has a storage thread of its own.
 *
 * <p>Only {@code io.lograft.broker.app} uses it.
 */
package io.lograft.broker.app.storage;
