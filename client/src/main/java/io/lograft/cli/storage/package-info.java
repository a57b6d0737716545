/**
 * Commands about where replicas are on disk: {@code partition move-dir} and {@code broker log-dirs}.
 *
 * <p>Entry: {@link io.lograft.cli.storage.PartitionCommand}. Threading: one thread, that of the command.
 */
package io.lograft.cli.storage;
