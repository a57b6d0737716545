package io.lograft.broker.log;

/**
 * From where a partition's log has to be scanned after an unclean stop, as the checkpoint of its log directory records
 * it.
 *
 * @param offset all below it is flushed, side files included
 * @param truncations how often the log had been truncated by then; tells a value of before a truncation
 */
public record RecoveryPoint(long offset, long truncations) {}
