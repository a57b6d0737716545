package io.lograft.broker.concurrent;

/**
 * Whether this broker's clock on the wall agrees with the controller's, which comes with every heartbeat's answer. Two
 * clocks that differ by more than a minute cannot both be right, and nothing is deleted for its age then. Any thread.
 */
public final class ClockAgreement {
    /** More than this between two clocks is no matter of delays. */
    static final long DIFFERENCE_MS_MAX = 60_000;

    /** What was heard longer ago is no news. */
    static final long SILENCE_MS_MAX = 60_000;

    private record Sample(long controllerWallMs, long heardMs) {}

    private final Clock clock;
    private volatile Sample newest;

    /** Knows nothing yet. */
    public ClockAgreement(Clock clock) {
        this.clock = clock;
    }

    /** The controller's clock said this a moment ago; 0 where it says nothing. */
    public void heard(long controllerWallMs) {
        if (controllerWallMs > 0) {
            newest = new Sample(controllerWallMs, clock.nowMs());
        }
    }

    /** False where the clocks differ, or nobody knows. A jump of this one counts from the moment on at which it happens. */
    public boolean isSound() {
        Sample sample = newest;
        if (sample == null) {
            return false;
        }
        long silenceMs = clock.nowMs() - sample.heardMs;
        long differenceMs = clock.wallMs() - (sample.controllerWallMs + silenceMs);
        return silenceMs <= SILENCE_MS_MAX && Math.abs(differenceMs) <= DIFFERENCE_MS_MAX;
    }
}
