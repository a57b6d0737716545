package io.lograft.client.core.fetch;

/**
 * Bounds what is prefetched from one broker: bytes granted to it and not yet received, and bytes received that wait for
 * the application, together stay within a budget, over all the streams that follow each other. Owned by: client loop.
 */
public final class FetchCredit {
    private final long budgetBytes;
    private long outstandingBytes;
    private long bufferedBytes;

    public FetchCredit(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    /** A new stream: what was granted on the one before is void. The first grant, at least one byte. */
    public long open() {
        outstandingBytes = Math.max(1, budgetBytes - bufferedBytes);
        return outstandingBytes;
    }

    /** Data came in; a batch above the credit that was left overdraws it, on both sides alike. */
    public void received(long bytes) {
        outstandingBytes -= bytes;
        bufferedBytes += bytes;
    }

    /** The application took data, or it was dropped. Answers what to grant now: 0 until a quarter of the budget is free. */
    public long consumed(long bytes) {
        bufferedBytes -= bytes;
        long free = budgetBytes - bufferedBytes - outstandingBytes;
        if (free < budgetBytes / 4) {
            return 0;
        }
        outstandingBytes += free;
        return free;
    }
}
