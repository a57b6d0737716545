/**
 * Deletes the files of replicas that are gone, on a thread of its own for each log directory:
 * {@link io.lograft.broker.replica.purge.Purger}. Uses {@code concurrent} and {@code log.io}.
 */
package io.lograft.broker.replica.purge;
