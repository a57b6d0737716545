package io.lograft.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Hands a consumer's records to one subscriber, on a thread of its own, no more than it asks for: only so many are polled,
 * so that what is committed was handed over. The group is served all the while. Any thread may subscribe, request and
 * cancel.
 */
final class RecordPublisher implements Flow.Publisher<ConsumerRecord> {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration IDLE = Duration.ofMillis(100);

    private final Consumer consumer;
    private final AtomicBoolean isTaken = new AtomicBoolean();

    RecordPublisher(Consumer consumer) {
        this.consumer = consumer;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ConsumerRecord> subscriber) {
        Subscription subscription = new Subscription(subscriber);
        if (!isTaken.compareAndSet(false, true)) {
            subscription.cancel();
            subscriber.onSubscribe(subscription);
            subscriber.onError(new IllegalStateException("a consumer publishes to one subscriber"));
            return;
        }
        subscriber.onSubscribe(subscription);
        Thread thread = new Thread(subscription::run, "lograft-publisher");
        thread.setDaemon(true);
        thread.start();
    }

    /** What the subscriber asked for. */
    private final class Subscription implements Flow.Subscription {
        private final Flow.Subscriber<? super ConsumerRecord> subscriber;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private long demand;
        private boolean isCancelled;
        private IllegalArgumentException misuse;

        private Subscription(Flow.Subscriber<? super ConsumerRecord> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long count) {
            lock.lock();
            try {
                if (count <= 0) {
                    misuse = new IllegalArgumentException("a demand of " + count + " records");
                } else {
                    demand = demand + count < 0 ? Long.MAX_VALUE : demand + count;
                }
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void cancel() {
            lock.lock();
            try {
                isCancelled = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        private void run() {
            try (consumer) {
                while (!isCancelled()) {
                    int wanted = awaitDemand();
                    List<ConsumerRecord> records = consumer.poll(POLL, wanted);
                    for (ConsumerRecord record : records) {
                        subscriber.onNext(record);
                    }
                    served(records.size());
                }
            } catch (RuntimeException e) {
                if (isCancelled()) {
                    return;
                }
                if (e instanceof IllegalStateException && consumer.isEnding()) {
                    subscriber.onComplete();
                } else {
                    subscriber.onError(e);
                }
            }
        }

        private boolean isCancelled() {
            lock.lock();
            try {
                return isCancelled;
            } finally {
                lock.unlock();
            }
        }

        /** What it asks for, at most what an int holds; 0 after a short while without demand. Throws what it did wrong. */
        private int awaitDemand() {
            lock.lock();
            try {
                long leftNs = IDLE.toNanos();
                while (demand == 0 && !isCancelled && misuse == null && leftNs > 0) {
                    leftNs = changed.awaitNanos(leftNs);
                }
                if (misuse != null) {
                    throw misuse;
                }
                return (int) Math.min(Integer.MAX_VALUE, demand);
            } catch (InterruptedException e) {
                isCancelled = true;
                Thread.currentThread().interrupt();
                return 0;
            } finally {
                lock.unlock();
            }
        }

        private void served(int count) {
            lock.lock();
            try {
                demand = demand == Long.MAX_VALUE ? demand : demand - count;
            } finally {
                lock.unlock();
            }
        }
    }
}
