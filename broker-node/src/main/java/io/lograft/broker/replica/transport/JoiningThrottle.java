package io.lograft.broker.replica.transport;

import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Limits what this broker sends in all to replicas that join by reassignments with the same limit: what was sent is a debt
 * that goes down at that rate, and while there is any, nothing more is sent. Then it is the turn of who has waited longest.
 * Safe for use by several threads.
 */
public final class JoiningThrottle {
    /** The longest time until the next look, as the rate may be another by then. */
    static final long WAIT_MS_MAX = 1_000;

    /** Who has not asked for so long does not wait any more. */
    private static final long ABSENT_MS = 2 * WAIT_MS_MAX;

    /** A message of less is not worth its overhead. */
    private static final int MESSAGE_BYTES_MIN = 16 << 10;

    private static final int MESSAGES_PER_SECOND = 10;
    private static final long TURN_MS = 1_000 / MESSAGES_PER_SECOND;

    private final Map<Long, Bucket> buckets = new HashMap<>();

    /** A replica that something is to be sent to. */
    public record Joiner(PartitionId partition, BrokerId follower) {}

    /** What was sent at one rate, and who waits, the longest first, each with when it asked last. */
    private static final class Bucket {
        private final Map<Joiner, Long> waiting = new LinkedHashMap<>();
        private double debtBytes;
        private long paidMs;

        Bucket(long nowMs) {
            paidMs = nowMs;
        }

        void pay(long bytesPerSecond, long nowMs) {
            if (nowMs > paidMs) {
                debtBytes = Math.max(0, debtBytes - (double) (nowMs - paidMs) * bytesPerSecond / 1_000);
                paidMs = nowMs;
            }
            waiting.values().removeIf(askedMs -> askedMs < nowMs - ABSENT_MS);
        }

        boolean isIdle() {
            return debtBytes <= 0 && waiting.isEmpty();
        }

        boolean isTurnOf(Joiner joiner) {
            return waiting.keySet().iterator().next().equals(joiner);
        }
    }

    /**
     * How long a replica has to wait before more may be sent to it, in milliseconds; 0: send now, and say {@link #sent}.
     *
     * @param nowMs of a clock that never goes back
     */
    public synchronized long waitMs(Joiner joiner, long bytesPerSecond, long nowMs) {
        dropIdle(nowMs);
        Bucket bucket = buckets.computeIfAbsent(bytesPerSecond, rate -> new Bucket(nowMs));
        bucket.waiting.put(joiner, nowMs);
        if (bucket.debtBytes > 0) {
            return (long) Math.min(Math.ceil(bucket.debtBytes * 1_000 / bytesPerSecond), WAIT_MS_MAX);
        }
        return bucket.isTurnOf(joiner) ? 0 : TURN_MS;
    }

    /** So many bytes were sent at that rate, none perhaps; the next turn is another's. */
    public synchronized void sent(Joiner joiner, long bytesPerSecond, int bytes) {
        Bucket bucket = buckets.get(bytesPerSecond);
        if (bucket != null) {
            bucket.waiting.remove(joiner);
            bucket.debtBytes += bytes;
        }
    }

    /** How much to send at once, so that what goes out is as even as may be. */
    public static int messageBytesMax(int wanted, long bytesPerSecond) {
        return (int) Math.min(wanted, Math.max(MESSAGE_BYTES_MIN, bytesPerSecond / MESSAGES_PER_SECOND));
    }

    private void dropIdle(long nowMs) {
        for (Iterator<Map.Entry<Long, Bucket>> all = buckets.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Long, Bucket> one = all.next();
            one.getValue().pay(one.getKey(), nowMs);
            if (one.getValue().isIdle()) {
                all.remove();
            }
        }
    }
}
