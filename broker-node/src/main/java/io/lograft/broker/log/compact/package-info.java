/**
 * What compaction decides: which log is due and how far ({@link io.lograft.broker.log.compact.CompactionPolicy}), which
 * segments become one ({@link io.lograft.broker.log.compact.SegmentGroups}), what is left of each batch ({@link
 * io.lograft.broker.log.compact.BatchCleaner}, with the newest offset of each key from {@link
 * io.lograft.broker.log.compact.OffsetMap}), and how fast it may go ({@link io.lograft.broker.log.compact.Throttle}).
 *
 * <p>Pure: no files, threads, clocks or loggers. May use the batch format and the log's state. The shell that reads,
 * writes and swaps segments is {@link io.lograft.broker.log.Compaction}.
 */
package io.lograft.broker.log.compact;
