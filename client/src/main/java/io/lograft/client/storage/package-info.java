/**
 * What an {@link io.lograft.client.Admin} tells of the log directories of brokers:
 * {@link io.lograft.client.storage.LogDirectories}.
 *
 * <p>Threading: immutable records.
 */
package io.lograft.client.storage;
