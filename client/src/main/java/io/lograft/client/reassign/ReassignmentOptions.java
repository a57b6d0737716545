package io.lograft.client.reassign;

/**
 * How replicas are moved.
 *
 * <pre>{@code
 * ReassignmentOptions gently = ReassignmentOptions.unlimited().withThrottle(20 << 20);
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param throttleBytesPerSecond what each leader sends in all to replicas that join by these reassignments; 0: no limit
 * @param isValidateOnly check only, and change nothing
 */
public record ReassignmentOptions(long throttleBytesPerSecond, boolean isValidateOnly) {

    /** Throws IllegalArgumentException for a throttle below 0. */
    public ReassignmentOptions {
        if (throttleBytesPerSecond < 0) {
            throw new IllegalArgumentException("a throttle of " + throttleBytesPerSecond + " bytes per second");
        }
    }

    /** As fast as brokers can. */
    public static ReassignmentOptions unlimited() {
        return new ReassignmentOptions(0, false);
    }

    /** The same with a limit. */
    public ReassignmentOptions withThrottle(long bytesPerSecond) {
        return new ReassignmentOptions(bytesPerSecond, isValidateOnly);
    }

    /** The same, but nothing changes. */
    public ReassignmentOptions validateOnly() {
        return new ReassignmentOptions(throttleBytesPerSecond, true);
    }
}
