package io.lograft.broker.log.config;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes the tails of all logs that share it may keep in memory together. Where many partitions are written to at
 * once, what each of them may keep would add up to more memory than there is. Safe for use by several threads.
 */
public final class TailRoom {
    private final long bytesMax;
    private final AtomicLong taken = new AtomicLong();

    public TailRoom(long bytesMax) {
        if (bytesMax < 0) {
            throw new IllegalArgumentException("tails of " + bytesMax + " bytes");
        }
        this.bytesMax = bytesMax;
    }

    /** Takes so many bytes; false, and nothing is taken, where not so many are left. */
    public boolean take(long bytes) {
        if (taken.addAndGet(bytes) <= bytesMax) {
            return true;
        }
        taken.addAndGet(-bytes);
        return false;
    }

    /** Gives back what was taken. */
    public void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }

    /** Bytes that are taken now. */
    public long taken() {
        return taken.get();
    }

    @Override
    public String toString() {
        return bytesMax + " bytes for all tails";
    }
}
