package io.lograft.client;

import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** Polls whenever it has no more records; ends when the consumer is closed or its thread interrupted. For one thread. */
final class RecordIterator implements Iterator<ConsumerRecord> {
    private static final Duration POLL = Duration.ofSeconds(1);

    private final Consumer consumer;
    private Iterator<ConsumerRecord> polled = Collections.emptyIterator();

    RecordIterator(Consumer consumer) {
        this.consumer = consumer;
    }

    @Override
    public boolean hasNext() {
        while (!polled.hasNext()) {
            if (consumer.isEnding() || Thread.currentThread().isInterrupted()) {
                return false;
            }
            try {
                polled = consumer.poll(POLL).iterator();
            } catch (IllegalStateException e) {
                if (!consumer.isEnding()) {
                    throw e;
                }
            }
        }
        return true;
    }

    @Override
    public ConsumerRecord next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the consumer is closed");
        }
        return polled.next();
    }
}
