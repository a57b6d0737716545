package io.lograft.cli.perf;

import io.lograft.client.LograftException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What became of the records of a {@code perf latency} run, and how long after they were due. A record is settled once it
 * failed, or was acknowledged and arrived at the reader, or was acknowledged and did not arrive in time: then it is
 * missing.
 *
 * <p>Memory does not grow with the run. Due times follow from sequence numbers, latencies go into histograms, and the
 * states of records are in a ring of a fixed size: nothing more can be sent while the record that has the next place in
 * the ring is not settled. All times are arguments, of one monotonic clock. Safe for use by several threads, but {@link
 * #read} by one only.
 */
final class LatencyLedger {
    /**
     * How many records may be unsettled, 9 bytes each. It is above what waits in a producer's buffer, unless records are
     * tiny, so that a cluster that stalls is not spared load by its ledger.
     */
    static final int UNSETTLED_MAX = 1 << 20;

    private static final int SIGNIFICANT_DIGITS = 3;
    private static final byte ACKNOWLEDGED = 1;
    private static final byte FAILED = 2;
    private static final byte ARRIVED = 4;
    private static final byte MISSING = 8;

    private final Schedule schedule;
    private final Pacer pacer;
    private final PerfPayload payload = new PerfPayload();
    private final byte[] states;
    private final long[] acknowledgedNs;
    private final Tally warmUp = new Tally();
    private final Tally counted = new Tally();
    private long next;
    private long oldestUnsettled;
    private long foreign;

    /**
     * What the run is.
     *
     * @param runId tells its values from those of others
     * @param startNs when its first record is due
     * @param warmUpRecords the first so many records are not among those whose latency counts
     * @param arrivalNsMax an acknowledged record that has not arrived after so long is missing
     */
    record Schedule(int runId, long startNs, double recordsPerSecond, long warmUpRecords, long arrivalNsMax) {}

    /** Counts of some of the records. */
    private static final class Tally {
        private final Histogram acknowledgementUs = new Histogram(SIGNIFICANT_DIGITS);
        private final Histogram endToEndUs = new Histogram(SIGNIFICANT_DIGITS);
        private long sent;
        private long failed;
        private long missing;
        private long late;
        private long duplicates;
        private long lastAcknowledgedNs;
        private LograftException firstFailure;

        private Outcome outcome() {
            return new Outcome(
                    sent,
                    failed,
                    firstFailure,
                    new Arrivals(endToEndUs.getTotalCount(), missing, late, duplicates),
                    acknowledgementUs.copy(),
                    endToEndUs.copy());
        }
    }

    /**
     * What became of some of the records.
     *
     * @param failed those that were not acknowledged, and never will be
     * @param firstFailure null where none failed
     * @param acknowledgementUs from when a record was due to its acknowledgement
     * @param endToEndUs from when a record was due to its first arrival
     */
    record Outcome(
            long sent,
            long failed,
            LograftException firstFailure,
            Arrivals arrivals,
            Histogram acknowledgementUs,
            Histogram endToEndUs) {
        long acknowledged() {
            return acknowledgementUs.getTotalCount();
        }
    }

    /**
     * What the reader got.
     *
     * @param inTime records that arrived before they were given up; each counts once
     * @param missing acknowledged records that had not arrived when their time was over
     * @param late missing records that arrived after all
     * @param duplicates arrivals of records that had arrived before; those of a record whose place in the ring has been
     *     given to another one are among them, whatever became of it
     */
    record Arrivals(long inTime, long missing, long late, long duplicates) {}

    LatencyLedger(Schedule schedule, int unsettledMax) {
        this.schedule = schedule;
        this.pacer = new Pacer(schedule.startNs(), schedule.recordsPerSecond());
        this.states = new byte[unsettledMax];
        this.acknowledgedNs = new long[unsettledMax];
    }

    /** When the record with this sequence number is due, whenever it is sent. */
    long dueNs(long sequence) {
        return pacer.dueNs(sequence, schedule.startNs());
    }

    /** False while as many records are unsettled as may be. */
    synchronized boolean hasRoom(long nowNs) {
        settle(nowNs);
        return next - oldestUnsettled < states.length;
    }

    /** The next record is sent; returns its sequence number. There must be room. */
    synchronized long send() {
        if (next - oldestUnsettled >= states.length) {
            throw new IllegalStateException(next - oldestUnsettled + " records are unsettled, the most that may be");
        }
        states[slot(next)] = 0;
        of(next).sent++;
        return next++;
    }

    /** The record is acknowledged. Said once at most of each record that was sent. */
    synchronized void acknowledged(long sequence, long nowNs) {
        states[slot(sequence)] |= ACKNOWLEDGED;
        acknowledgedNs[slot(sequence)] = nowNs;
        Tally tally = of(sequence);
        tally.acknowledgementUs.recordValue(latencyUs(sequence, nowNs));
        tally.lastAcknowledgedNs = nowNs;
    }

    /** The record will not be acknowledged; it may arrive nevertheless. Said once at most, instead of the above. */
    synchronized void failed(long sequence, LograftException failure) {
        states[slot(sequence)] |= FAILED;
        Tally tally = of(sequence);
        tally.failed++;
        tally.firstFailure = tally.firstFailure == null ? failure : tally.firstFailure;
    }

    /** The reader got this value, null for a tombstone. What is not of this run is counted, and nothing else. */
    void read(ByteBuffer value, long nowNs) {
        boolean isOwn = value != null && payload.isIntact(value) && PerfPayload.runId(value) == schedule.runId();
        arrived(isOwn ? PerfPayload.sequence(value) : -1, nowNs);
    }

    private synchronized void arrived(long sequence, long nowNs) {
        if (sequence < 0 || sequence >= next) {
            foreign++;
            return;
        }
        Tally tally = of(sequence);
        int slot = slot(sequence);
        if (sequence < next - states.length || isSet(slot, ARRIVED)) {
            tally.duplicates++;
            return;
        }
        if (isOverdue(slot, nowNs)) {
            giveUp(sequence);
        }
        if (isSet(slot, MISSING)) {
            tally.late++;
        } else {
            tally.endToEndUs.recordValue(latencyUs(sequence, nowNs));
        }
        states[slot] |= ARRIVED;
    }

    /** True once it is known of every record sent what became of it; true in any case some time after all outcomes. */
    synchronized boolean isSettled(long nowNs) {
        settle(nowNs);
        return oldestUnsettled == next;
    }

    private void settle(long nowNs) {
        for (; oldestUnsettled < next; oldestUnsettled++) {
            int slot = slot(oldestUnsettled);
            if (isOverdue(slot, nowNs)) {
                giveUp(oldestUnsettled);
            }
            boolean isDone = isSet(slot, ACKNOWLEDGED) && (isSet(slot, ARRIVED) || isSet(slot, MISSING));
            if (!isDone && !isSet(slot, FAILED)) {
                return;
            }
        }
    }

    private boolean isOverdue(int slot, long nowNs) {
        return states[slot] == ACKNOWLEDGED && nowNs - acknowledgedNs[slot] > schedule.arrivalNsMax();
    }

    private void giveUp(long sequence) {
        states[slot(sequence)] |= MISSING;
        of(sequence).missing++;
    }

    private boolean isSet(int slot, byte flag) {
        return (states[slot] & flag) != 0;
    }

    private int slot(long sequence) {
        return (int) (sequence % states.length);
    }

    private Tally of(long sequence) {
        return sequence < schedule.warmUpRecords() ? warmUp : counted;
    }

    private long latencyUs(long sequence, long nowNs) {
        return Math.max(0, TimeUnit.NANOSECONDS.toMicros(nowNs - dueNs(sequence)));
    }

    /** Records acknowledged so far, those of the warm-up among them. */
    synchronized long acknowledgedCount() {
        return warmUp.acknowledgementUs.getTotalCount() + counted.acknowledgementUs.getTotalCount();
    }

    /** What became of the records after the warm-up so far; final once all are settled. */
    synchronized Outcome outcome() {
        return counted.outcome();
    }

    /** The same for those of the warm-up. */
    synchronized Outcome warmUpOutcome() {
        return warmUp.outcome();
    }

    /**
     * Seconds from when the first record after the warm-up was due to the last acknowledgement of such a record; 0 if there
     * was none.
     */
    synchronized double seconds() {
        return counted.acknowledgementUs.getTotalCount() == 0
                ? 0
                : (counted.lastAcknowledgedNs - dueNs(schedule.warmUpRecords())) / 1e9;
    }

    /** Values read that are not of this run. */
    synchronized long foreign() {
        return foreign;
    }
}
