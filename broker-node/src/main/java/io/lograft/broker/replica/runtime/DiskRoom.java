package io.lograft.broker.replica.runtime;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of records the disk still takes. A reserve stays free for everything else: with it the checkpoints, the
 * epochs of logs and the metadata of a voter on the same disk can be written while records are refused, so that the
 * broker goes on serving reads, and writing resumes by itself. Measured now and then; in between what is appended is
 * counted. Safe for use by several threads.
 */
public final class DiskRoom {
    private static final long RESERVE_BYTES_MAX = 64L << 20;
    /** Of a small disk the reserve is this part. */
    private static final int RESERVE_PART = 20;
    /** Records are taken again once so large a part of the reserve is free besides. */
    private static final int RESUME_PART = 4;

    private final AtomicLong leftBytes = new AtomicLong(Long.MAX_VALUE);
    private volatile boolean isShort;

    static long reserveBytes(long totalBytes) {
        return Math.min(RESERVE_BYTES_MAX, totalBytes / RESERVE_PART);
    }

    /** Takes note of what the disk says; true where records are refused from now on and were taken before, or reverse. */
    boolean measured(long usableBytes, long totalBytes) {
        long reserve = reserveBytes(totalBytes);
        boolean wasShort = isShort;
        long wanted = wasShort ? reserve + reserve / RESUME_PART : reserve;
        isShort = usableBytes <= wanted;
        leftBytes.set(isShort ? 0 : usableBytes - reserve);
        return isShort != wasShort;
    }

    /** True where records are refused since the last measurement. */
    public boolean isShort() {
        return isShort;
    }

    /** Takes room for an append; false where there is not enough. */
    boolean take(int bytes) {
        if (leftBytes.addAndGet(-bytes) >= 0) {
            return true;
        }
        leftBytes.addAndGet(bytes);
        return false;
    }
}
