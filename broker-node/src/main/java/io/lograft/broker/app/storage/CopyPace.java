package io.lograft.broker.app.storage;

import io.lograft.broker.log.move.ReplicaCopy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Keeps a copy to so many bytes a second, and ends it when the broker stops. Used by one thread. */
final class CopyPace implements ReplicaCopy.Pace {
    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final long bytesPerSecond;
    private final CountDownLatch stopped;
    private final MoveProgress progress;
    private final long startNs;
    private long bytes;
    private boolean isHurrying;

    CopyPace(long bytesPerSecond, CountDownLatch stopped, MoveProgress progress) {
        this.bytesPerSecond = bytesPerSecond;
        this.stopped = stopped;
        this.progress = progress;
        this.startNs = System.nanoTime();
    }

    /** The replica waits for the rest, which is not held up. */
    void hurry() {
        isHurrying = true;
    }

    @Override
    public boolean copied(int count) {
        bytes += count;
        progress.copied(bytes);
        if (isHurrying) {
            return stopped.getCount() > 0;
        }
        try {
            long pauseNs = dueNs(bytes, bytesPerSecond) - (System.nanoTime() - startNs);
            return !stopped.await(Math.max(0, pauseNs), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** How long so many bytes take at that rate. */
    static long dueNs(long bytes, long bytesPerSecond) {
        return (long) ((double) bytes / bytesPerSecond * NS_PER_SECOND);
    }
}
