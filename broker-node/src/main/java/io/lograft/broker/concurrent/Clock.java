package io.lograft.broker.concurrent;

import java.util.concurrent.TimeUnit;

/** Where time comes from. Safe for use by several threads. */
public interface Clock {

    /** The machine's clocks. */
    Clock SYSTEM = new Clock() {
        @Override
        public long nowMs() {
            return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
        }

        @Override
        public long wallMs() {
            return System.currentTimeMillis();
        }
    };

    /** Monotonic milliseconds since an arbitrary start: for time-outs and intervals. */
    long nowMs();

    /** Milliseconds since the Unix epoch: for timestamps of records, never for intervals. */
    long wallMs();
}
