/**
 * Compacts the replicas of this broker: {@link io.lograft.broker.replica.compaction.Compactor} chooses and runs, on a
 * thread of its own; what is due, and what stays, is decided by {@code log.compact}. Uses {@code concurrent},
 * {@code log}, {@code log.compact}, {@code log.io}, {@code metrics}, {@code model} and {@code replica.runtime}.
 */
package io.lograft.broker.replica.compaction;
