/**
 * The storage of partitions: segment files, their indexes, epoch histories and producer states, and what is true of a
 * whole log directory. Entry classes: {@link io.lograft.broker.log.LogDirectory} opens, creates and deletes the logs
 * that lie in it; {@link io.lograft.broker.log.PartitionLog} appends, reads, truncates and flushes one.
 *
 * <p>A partition's log is changed by the loop that owns the partition, and by it alone. Other threads read through an
 * immutable view that each change publishes with one volatile write. The only work that leaves the loop is a
 * {@link io.lograft.broker.log.FlushRound}, which forces files on a flush thread.
 *
 * <p>Only the {@code .log} files are truth; every other file can be lost and is rebuilt, except the partition's own
 * {@code partition.metadata}. Layouts: {@code docs/format/segment.md}. Uses {@code log.io}, {@code log.state}, {@code model} and
 * {@code record}.
 */
package io.lograft.broker.log;
