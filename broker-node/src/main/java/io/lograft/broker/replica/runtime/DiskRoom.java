package io.lograft.broker.replica.runtime;

import io.lograft.broker.log.LogDirectory;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many bytes of records the disk still takes. A reserve stays free for everything else: with it the checkpoints, the
 * epochs of logs and the metadata of a voter on the same disk can be written while records are refused, so that the
 * broker goes on serving reads, and writing resumes by itself. Measured now and then; in between what is appended is
 * counted. Safe for use by several threads.
 */
public final class DiskRoom {
    private static final Logger LOG = LoggerFactory.getLogger(DiskRoom.class);
    private static final long RESERVE_BYTES_MAX = 64L << 20;
    /** Of a small disk the reserve is this part. */
    private static final int RESERVE_PART = 20;
    /** Records are taken again once so large a part of the reserve is free besides. */
    private static final int RESUME_PART = 4;

    private final AtomicLong leftBytes = new AtomicLong(Long.MAX_VALUE);
    private volatile long withheldBytes;
    private volatile boolean isShort;
    /** As of the last measurement. Owned by: whoever measures. */
    private boolean isToldShort;

    static long reserveBytes(long totalBytes) {
        return Math.min(RESERVE_BYTES_MAX, totalBytes / RESERVE_PART);
    }

    /** Measures the disk of that directory, and tells where records are refused from now on, or taken again. */
    void measure(LogDirectory directory) {
        try {
            if (measured(directory.usableBytes(), directory.totalBytes())) {
                LOG.warn(
                        "{} has {} of {} bytes left: {}",
                        directory,
                        directory.usableBytes(),
                        directory.totalBytes(),
                        isShort ? "records are refused until there is room, reads go on" : "records are taken again");
            }
        } catch (IOException unknown) {
            LOG.warn("{} does not say how much room it has: {}", directory, unknown.toString());
        }
    }

    /** Takes note of what the disk says; true where records are refused from now on and were taken before, or reverse. */
    boolean measured(long usableBytes, long totalBytes) {
        long reserve = reserveBytes(totalBytes) + withheldBytes;
        long wanted = isShort ? reserve + reserve / RESUME_PART : reserve;
        isShort = usableBytes <= wanted;
        leftBytes.set(isShort ? 0 : usableBytes - reserve);
        boolean isNews = isShort != isToldShort;
        isToldShort = isShort;
        return isNews;
    }

    /** True where records are refused, until a measurement finds room. */
    public boolean isShort() {
        return isShort;
    }

    /**
     * Takes room for an append; false where there is not enough. Then the disk counts as full, even where a smaller append
     * would have its room still: what the disk does must not depend on which batch comes next.
     */
    boolean take(int bytes) {
        if (!isShort && leftBytes.addAndGet(-bytes) >= 0) {
            return true;
        }
        isShort = true;
        return false;
    }

    /** So many bytes that are free are wanted for something else, besides the reserve. */
    public void withhold(long bytes) {
        withheldBytes = bytes;
    }

    /** The disk itself had no room: it is full, whatever was measured. */
    void ranOut() {
        isShort = true;
    }
}
