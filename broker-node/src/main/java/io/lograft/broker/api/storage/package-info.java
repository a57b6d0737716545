/**
 * The gRPC service about log directories: {@link io.lograft.broker.api.storage.LogDirectoryServiceApi} answers for this
 * broker by way of the port {@link io.lograft.broker.api.storage.LogDirectories}, and asks the others for themselves.
 *
 * <p>Threading: called by the network threads; nothing here blocks.
 */
package io.lograft.broker.api.storage;
