/**
 * Which segments of a log have been kept for long enough: {@link io.lograft.broker.log.retention.RetentionPolicy}. Pure: no
 * files, clocks or threads; the time is an argument, and of ours it uses {@code log.config} alone. Asked by the leader of a partition alone, on the partition's loop.
 */
package io.lograft.broker.log.retention;
