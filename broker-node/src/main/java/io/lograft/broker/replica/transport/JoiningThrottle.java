package io.lograft.broker.replica.transport;

/**
 * Limits what this broker sends in all to replicas that join by reassignments: what was sent is a debt that goes down at
 * the rate allowed, and while there is any, nothing more is sent. Where partitions allow different rates, the debt goes
 * down at the rate of whichever asks. Safe for use by several threads.
 */
public final class JoiningThrottle {
    /** The longest time until the next look, as the rate may be another by then. */
    static final long WAIT_MS_MAX = 1_000;

    /** A message of less is not worth its overhead. */
    private static final int MESSAGE_BYTES_MIN = 16 << 10;

    private static final int MESSAGES_PER_SECOND = 10;

    private double debtBytes;
    private long paidMs = Long.MIN_VALUE;

    /**
     * How long to wait before more may be sent, in milliseconds; 0: send now.
     *
     * @param nowMs of a clock that never goes back
     */
    public synchronized long waitMs(long bytesPerSecond, long nowMs) {
        pay(bytesPerSecond, nowMs);
        double waitMs = Math.ceil(debtBytes * 1_000 / bytesPerSecond);
        return (long) Math.min(waitMs, WAIT_MS_MAX);
    }

    /** So many bytes were sent. */
    public synchronized void sent(int bytes) {
        debtBytes += bytes;
    }

    /** How much to send at once, so that what goes out is as even as may be. */
    public static int messageBytesMax(int wanted, long bytesPerSecond) {
        return (int) Math.min(wanted, Math.max(MESSAGE_BYTES_MIN, bytesPerSecond / MESSAGES_PER_SECOND));
    }

    private void pay(long bytesPerSecond, long nowMs) {
        if (paidMs != Long.MIN_VALUE && nowMs > paidMs) {
            debtBytes = Math.max(0, debtBytes - (double) (nowMs - paidMs) * bytesPerSecond / 1_000);
        }
        paidMs = Math.max(paidMs, nowMs);
    }
}
