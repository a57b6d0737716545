/**
 * {@code log dump}: shows and checks the files of a broker. {@link io.lograft.broker.dump.LogDump} is the entry. Reads
 * only, takes no lock, and may run beside a live broker: what vanishes or is written meanwhile is told as a notice, not as
 * damage. Files are walked in pieces, so memory is bounded by one batch. One thread.
 */
package io.lograft.broker.dump;
