package io.lograft.broker.controller;

/**
 * When a broker counts as gone, and for how long one that comes and goes has to wait.
 *
 * @param sessionTimeoutMs a broker that is silent for so long is fenced ({@code broker.session.timeout.ms}); also the
 *     time that each broker has to find a new controller
 * @param streamGraceMs one whose stream broke is fenced after so long; also the time that the former controller has
 * @param fenceRetryMs a fencing that has not shown in the image after so long is asked for again
 * @param flapWindowMs fencings older than this are forgotten
 * @param flapsFree so many fencings within the window delay nothing
 * @param unfenceDelayMs delay after the next one; it doubles with each further one
 * @param unfenceDelayMaxMs the delay never exceeds this
 */
public record LivenessSettings(
        long sessionTimeoutMs,
        long streamGraceMs,
        long fenceRetryMs,
        long flapWindowMs,
        int flapsFree,
        long unfenceDelayMs,
        long unfenceDelayMaxMs) {

    public LivenessSettings {
        if (sessionTimeoutMs < 1 || streamGraceMs < 0 || fenceRetryMs < 1) {
            throw new IllegalArgumentException("session timeout " + sessionTimeoutMs + " ms, grace " + streamGraceMs
                    + " ms and retry " + fenceRetryMs + " ms must be positive");
        }
    }

    /** The defaults for the two settings that a configuration has. */
    public static LivenessSettings of(long sessionTimeoutMs, long streamGraceMs) {
        return new LivenessSettings(sessionTimeoutMs, streamGraceMs, 1_000, 60_000, 3, 500, 10_000);
    }
}
