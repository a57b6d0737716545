package io.lograft.client.transport;

import java.util.concurrent.atomic.LongAdder;

/** What a producer counts of its records. Safe for use by several threads. */
public final class SendCounts {
    private final LongAdder sent = new LongAdder();
    private final LongAdder acknowledged = new LongAdder();
    private final LongAdder failed = new LongAdder();

    public void addSent() {
        sent.increment();
    }

    public void addAcknowledged() {
        acknowledged.increment();
    }

    public void addFailed() {
        failed.increment();
    }

    public long sent() {
        return sent.sum();
    }

    public long acknowledged() {
        return acknowledged.sum();
    }

    public long failed() {
        return failed.sum();
    }
}
