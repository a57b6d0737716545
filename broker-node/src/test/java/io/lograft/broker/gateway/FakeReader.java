package io.lograft.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.LograftException;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.LogRecord;
import io.lograft.proto.v1.SubscribeRequest;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A reader that does in each poll what the test wants next, in order; records wait while it is paused. */
final class FakeReader implements RecordReader {
    private static final List<LogRecord> NOTHING = List.of();

    private final LinkedBlockingQueue<Commit> commits = new LinkedBlockingQueue<>();
    private final ArrayDeque<Supplier<List<LogRecord>>> steps = new ArrayDeque<>();
    private final ArrayDeque<List<LogRecord>> records = new ArrayDeque<>();
    private final CountDownLatch paused = new CountDownLatch(1);
    private final CountDownLatch resumed = new CountDownLatch(1);
    private final CountDownLatch givenUp = new CountDownLatch(1);
    private Partitions partitions;
    private boolean isPaused;
    private boolean isWoken;
    private volatile boolean isGivingUp;
    private volatile boolean isOpen;

    /** A commit whose outcome the test decides. */
    record Commit(Map<TopicPartition, Long> offsets, CompletableFuture<Failure> outcome) {}

    FakeReader madeFor(SubscribeRequest.Start start) {
        assertThat(start.getCreditBytes()).isPositive();
        isOpen = true;
        return this;
    }

    synchronized void give(LogRecord... next) {
        records.add(List.of(next));
        notifyAll();
    }

    void come(Map<TopicPartition, Long> offsets) {
        inPoll(() -> {
            partitions.assigned(offsets);
            return NOTHING;
        });
    }

    void revoke(Set<TopicPartition> going) {
        revokeOnce(going, () -> {});
    }

    /** Revokes after something else happened, on the same thread. */
    void revokeOnce(Set<TopicPartition> going, Runnable before) {
        inPoll(() -> {
            before.run();
            isGivingUp = true;
            partitions.revoked(going);
            givenUp.countDown();
            return NOTHING;
        });
    }

    void lose(Set<TopicPartition> gone) {
        inPoll(() -> {
            partitions.lost(gone);
            return NOTHING;
        });
    }

    void fail(LograftException failure) {
        inPoll(() -> {
            throw failure;
        });
    }

    private synchronized void inPoll(Supplier<List<LogRecord>> step) {
        steps.add(step);
        notifyAll();
    }

    Commit nextCommit() throws InterruptedException {
        Commit next = commits.poll(10, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    void awaitPause() throws InterruptedException {
        assertThat(paused.await(10, TimeUnit.SECONDS)).isTrue();
    }

    void awaitResume() throws InterruptedException {
        assertThat(resumed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    boolean isGivingUp() {
        return isGivingUp && givenUp.getCount() > 0;
    }

    void awaitGivenUp() throws InterruptedException {
        assertThat(givenUp.await(10, TimeUnit.SECONDS)).isTrue();
    }

    boolean isOpen() {
        return isOpen;
    }

    @Override
    public synchronized void begin(Partitions listener) {
        partitions = listener;
    }

    @Override
    public List<LogRecord> poll(long waitMs) {
        Supplier<List<LogRecord>> step = next(waitMs);
        return step.get();
    }

    private synchronized Supplier<List<LogRecord>> next(long waitMs) {
        long deadlineNs = System.nanoTime() + waitMs * 1_000_000;
        try {
            for (long leftMs = waitMs; leftMs > 0 && !isWoken; leftMs = (deadlineNs - System.nanoTime()) / 1_000_000) {
                if (!steps.isEmpty()) {
                    return steps.poll();
                }
                if (!records.isEmpty() && !isPaused) {
                    List<LogRecord> polled = records.poll();
                    return () -> polled;
                }
                wait(leftMs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        isWoken = false;
        return () -> NOTHING;
    }

    @Override
    public synchronized void pause(Collection<TopicPartition> which) {
        isPaused = true;
        paused.countDown();
    }

    @Override
    public synchronized void resume(Collection<TopicPartition> which) {
        isPaused = false;
        resumed.countDown();
    }

    @Override
    public CompletableFuture<Failure> commit(Map<TopicPartition, Long> offsets) {
        CompletableFuture<Failure> outcome = new CompletableFuture<>();
        commits.add(new Commit(offsets, outcome));
        return outcome;
    }

    @Override
    public synchronized void wakeUp() {
        isWoken = true;
        notifyAll();
    }

    @Override
    public void close() {
        isOpen = false;
    }
}
