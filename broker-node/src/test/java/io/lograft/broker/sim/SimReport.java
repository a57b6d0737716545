package io.lograft.broker.sim;

/**
 * What was done in a run.
 *
 * @param simulatedMs virtual time from start to rest
 * @param steps how many things happened
 * @param acknowledged batches that clients got an answer for
 * @param commits offsets that members of groups were told are committed
 * @param digest of what happened when; equal for equal runs
 */
record SimReport(long simulatedMs, long steps, long acknowledged, long commits, long digest) {}
