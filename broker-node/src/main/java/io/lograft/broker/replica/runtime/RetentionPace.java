package io.lograft.broker.replica.runtime;

import java.util.function.BooleanSupplier;

/**
 * How often retention looks, and whether it may believe the clock.
 *
 * @param intervalMs between two looks at a partition ({@code log.retention.check.interval.ms})
 * @param isClockSound false while this broker's clock and the controller's disagree, or the latter's is not known: then
 *     nothing is deleted for its age. Called by any thread
 */
public record RetentionPace(long intervalMs, BooleanSupplier isClockSound) {
    public RetentionPace {
        if (intervalMs < 1) {
            throw new IllegalArgumentException("log.retention.check.interval.ms=" + intervalMs + ": must be 1 or more");
        }
    }
}
