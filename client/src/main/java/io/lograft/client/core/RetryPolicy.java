package io.lograft.client.core;

/** How long to wait before something is tried again: doubling from a first delay up to a greatest one. */
public record RetryPolicy(long firstMs, long maxMs) {
    /** For requests to brokers. */
    public static final RetryPolicy REQUESTS = new RetryPolicy(20, 1_000);

    public RetryPolicy {
        if (firstMs <= 0 || maxMs < firstMs) {
            throw new IllegalArgumentException("retry delays of " + firstMs + " to " + maxMs + " ms");
        }
    }

    /** The delay after this many failures in a row, 1 for the first. */
    public long delayMs(int failures) {
        int doublings = Math.min(Math.max(failures, 1) - 1, 30);
        return Math.min(maxMs, firstMs << doublings);
    }
}
