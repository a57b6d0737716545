package io.lograft.broker.log;

/** Invariants of our own code; always on. A failure is a bug, and nobody catches it. */
final class Check {
    private Check() {}

    static void that(boolean holds, String message) {
        if (!holds) {
            throw new IllegalStateException(message);
        }
    }

    /** For messages with values: two offsets, positions or counts that have to be ordered. */
    static void atMost(long value, long limit, String what) {
        if (value > limit) {
            throw new IllegalStateException(what + ": " + value + " is greater than " + limit);
        }
    }
}
