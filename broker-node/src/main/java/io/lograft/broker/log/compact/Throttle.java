package io.lograft.broker.log.compact;

/** Holds what is read and written down to so many bytes a second. Pure; for one thread. */
public final class Throttle {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    /** What was not used in a pause may be used up to this long afterwards. */
    private static final long CREDIT_NANOS_MAX = NANOS_PER_SECOND / 10;

    private final double bytesPerSecond;
    private long freeAtNs;
    private boolean isStarted;

    /** {@code Double.MAX_VALUE} stands for no limit. */
    public Throttle(double bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /** Takes note of bytes that were moved; returns how many nanoseconds to pause before the next. */
    public long moved(long bytes, long nowNs) {
        if (!isStarted || nowNs - freeAtNs > CREDIT_NANOS_MAX) {
            isStarted = true;
            freeAtNs = nowNs - CREDIT_NANOS_MAX;
        }
        freeAtNs += (long) (bytes / bytesPerSecond * NANOS_PER_SECOND);
        return Math.max(0, freeAtNs - nowNs);
    }
}
