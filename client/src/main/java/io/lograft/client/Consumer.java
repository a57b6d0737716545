package io.lograft.client;

import io.lograft.client.core.Failure;
import io.lograft.client.core.group.CommitPoint;
import io.lograft.client.core.group.Subscription;
import io.lograft.client.transport.ConsumerRuntime;
import io.lograft.client.transport.OffsetLookup;
import io.lograft.client.transport.Session;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.regex.Pattern;

/**
 * Reads committed records of partitions, each from a position of its own: of those that its group gives it, or of
 * explicitly chosen ones. The leaders push batches ahead, up to {@link ConsumerOptions#prefetchBytes}; {@link #poll}
 * decodes them. When a leader changes, reading goes on behind the last record received: nothing is read twice or left
 * out.
 *
 * <pre>{@code
 * try (Consumer consumer = cluster.consumer("billing").subscribe("orders")) {
 *     while (isRunning) {
 *         for (ConsumerRecord record : consumer.poll(Duration.ofSeconds(1))) {
 *             handle(record);
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>In a group each record is handed out at least once: what was handed out since the last commit comes again when
 * partitions move after a failure. By default the positions are committed by themselves (see {@link
 * ConsumerOptions#autoCommit}); with {@link #commit()} the application says itself how far it got. A slow application
 * stays a member until it has not polled for {@link ConsumerOptions#maxPollInterval}.
 *
 * <p>For one thread at a time: a second one gets ConcurrentModificationException. Only {@link #wakeup} may be called from
 * any thread. {@link #close} commits, leaves the group and ends the sessions; closing the {@link Lograft} that made the
 * consumer does so, too.
 */
public final class Consumer implements AutoCloseable {
    private static final long CLOSE_WAIT_NS = 1_000_000_000;

    private final Session session;
    private final long requestTimeoutMs;
    private final ConsumerRuntime runtime;
    private final RecordFeed feed;
    private final OffsetQuestions questions;
    /** Null without a group. */
    private final ConsumerGroup group;

    private final Map<TopicPartition, ConsumerPartition> assigned = new LinkedHashMap<>();
    private final ThreadGuard guard = new ThreadGuard();
    /** Where to start without a position; null: nowhere. */
    private final io.lograft.client.core.fetch.OffsetReset reset;

    /** Of the partitions begun so far; makes the generations of one tell from those of another. */
    private long begun;

    /** Who is closing it; others may not come in any more. */
    private volatile Thread closer;

    private volatile boolean isClosed;

    Consumer(Session session, String groupId, ConsumerOptions options, Duration requestTimeout) {
        this.session = session;
        this.requestTimeoutMs = requestTimeout.toMillis();
        this.reset = switch (options.offsetReset()) {
            case EARLIEST -> io.lograft.client.core.fetch.OffsetReset.EARLIEST;
            case LATEST -> io.lograft.client.core.fetch.OffsetReset.LATEST;
            case ERROR -> null;
        };
        this.runtime = session.consumer(
                new ConsumerRuntime.Settings(options.prefetchBytes(), options.partitionBytesMax(), reset));
        this.questions = new OffsetQuestions(session, requestTimeoutMs);
        this.group = groupId == null ? null : new ConsumerGroup(session, this, groupId, options, requestTimeoutMs);
        this.feed = new RecordFeed(runtime, options, assigned, group);
    }

    /** Joins the group, which shares the partitions of these topics among its members. They need not exist yet. */
    public Consumer subscribe(String... topics) {
        return subscribe(List.of(topics));
    }

    /** The same for a collection of topics. */
    public Consumer subscribe(Collection<String> topics) {
        return subscribe(topics, null);
    }

    /** The same, and tells the listener which partitions come and go. */
    public Consumer subscribe(Collection<String> topics, RebalanceListener listener) {
        return subscribe(Subscription.toTopics(topics), listener);
    }

    /**
     * Joins the group for all topics, also later ones, whose whole name matches. The brokers read the expression, by RE2's
     * syntax, which is that of Java without what needs backtracking; flags of the pattern are not sent.
     */
    public Consumer subscribe(Pattern pattern) {
        return subscribe(pattern, null);
    }

    /** The same, and tells the listener which partitions come and go. */
    public Consumer subscribe(Pattern pattern, RebalanceListener listener) {
        return subscribe(Subscription.toPattern(pattern.pattern()), listener);
    }

    private Consumer subscribe(Subscription subscription, RebalanceListener listener) {
        enter();
        try {
            if (!group().isSubscribed() && !assigned.isEmpty()) {
                throw new IllegalStateException("partitions were assigned; unsubscribe first");
            }
            group.subscribe(subscription, listener);
            return this;
        } finally {
            leave();
        }
    }

    /** Leaves the group, after a commit and {@link RebalanceListener#onRevoked}; without a group: reads nothing more. */
    public void unsubscribe() {
        enter();
        try {
            if (group != null) {
                group.unsubscribe(requestTimeoutMs);
            }
        } finally {
            Set.copyOf(assigned.keySet()).forEach(this::end);
            leave();
        }
    }

    /** All partitions of a topic. Waits for metadata; throws {@link LograftException} where there is no such topic. */
    public List<TopicPartition> partitionsOf(String topic) {
        return questions.partitionsOf(topic);
    }

    /**
     * Reads these partitions and no others from now on. Those read before keep their positions; new ones start at the
     * offset that the group has committed, without a group or such an offset as {@link ConsumerOptions#offsetReset} says,
     * unless the application seeks. Throws {@link LograftException} for an unknown topic or partition, and
     * IllegalStateException for a member of a group.
     */
    public void assign(Collection<TopicPartition> partitions) {
        enter();
        try {
            if (group != null && group.isSubscribed()) {
                throw new IllegalStateException("the group assigns partitions; unsubscribe first");
            }
            partitions.forEach(questions::checkExists);
            for (TopicPartition old : List.copyOf(assigned.keySet())) {
                if (!partitions.contains(old)) {
                    end(old);
                }
            }
            Set<TopicPartition> added = new LinkedHashSet<>(partitions);
            added.removeAll(assigned.keySet());
            Map<TopicPartition, CommitPoint> committed =
                    group == null || added.isEmpty() ? Map.of() : group.committedPoints(added);
            added.forEach(partition -> begin(partition, committed.get(partition)));
        } finally {
            leave();
        }
    }

    /** The same for partitions that are written out. */
    public void assign(TopicPartition... partitions) {
        assign(List.of(partitions));
    }

    /** Reads on in a partition at an offset, null: where there is none. */
    void begin(TopicPartition partition, CommitPoint committed) {
        ConsumerPartition added = new ConsumerPartition(partition, runtime, ++begun << 32);
        assigned.put(partition, added);
        if (committed != null) {
            added.goOnAt(committed.offset(), committed.leaderEpoch());
        } else if (reset != null) {
            added.seek(reset);
        }
    }

    void end(TopicPartition partition) {
        assigned.remove(partition);
        runtime.remove(partition);
    }

    /** What is read now. */
    public Set<TopicPartition> assignment() {
        return Set.copyOf(assigned.keySet());
    }

    /** Goes on at this offset. Throws IllegalArgumentException for a partition that is not assigned. */
    public void seek(TopicPartition partition, long offset) {
        enter();
        try {
            if (offset < 0) {
                throw new IllegalArgumentException("offset " + offset + " is negative");
            }
            of(partition).seek(offset);
        } finally {
            leave();
        }
    }

    /** Goes on at the oldest record; without partitions: in all of them. */
    public void seekToBeginning(TopicPartition... partitions) {
        seekToEnd(partitions, io.lograft.client.core.fetch.OffsetReset.EARLIEST);
    }

    /** Goes on behind the newest committed record as of now; without partitions: in all of them. */
    public void seekToEnd(TopicPartition... partitions) {
        seekToEnd(partitions, io.lograft.client.core.fetch.OffsetReset.LATEST);
    }

    private void seekToEnd(TopicPartition[] partitions, io.lograft.client.core.fetch.OffsetReset end) {
        enter();
        try {
            for (TopicPartition partition : partitions.length == 0 ? assigned.keySet() : List.of(partitions)) {
                of(partition).seek(end);
            }
        } finally {
            leave();
        }
    }

    /**
     * Offset of the next record that {@link #poll} returns. Where that is an end of the log not asked for yet, asks for
     * it. Throws {@link LograftException} with OFFSET_OUT_OF_RANGE where the partition has no position.
     */
    public long position(TopicPartition partition) {
        enter();
        try {
            ConsumerPartition of = of(partition);
            if (of.position() == ConsumerPartition.UNKNOWN) {
                OffsetLookup.Question question = of.pendingQuestion();
                if (question == null) {
                    throw noPosition(partition);
                }
                long found = questions
                        .lookUp(Map.of(partition, question))
                        .get(partition)
                        .offset();
                of.seek(found);
            }
            return of.position();
        } finally {
            leave();
        }
    }

    /** Fetches no more from these partitions until {@link #resume}; the positions stay. */
    public void pause(Collection<TopicPartition> partitions) {
        enter();
        try {
            partitions.forEach(partition -> of(partition).pause());
        } finally {
            leave();
        }
    }

    /** Goes on with paused partitions. */
    public void resume(Collection<TopicPartition> partitions) {
        enter();
        try {
            partitions.forEach(partition -> of(partition).resume());
        } finally {
            leave();
        }
    }

    /**
     * The next records, in offset order per partition; waits up to {@code timeout} for the first one. Empty when the time
     * is over or {@link #wakeup} was called. Throws {@link LograftException} where the application has to decide:
     * OFFSET_OUT_OF_RANGE with {@link OffsetReset#ERROR}, LOG_TRUNCATED, CORRUPT_BATCH, UNKNOWN_TOPIC. The partition's
     * position stays, and other partitions can still be polled.
     */
    public List<ConsumerRecord> poll(Duration timeout) {
        return poll(timeout, Integer.MAX_VALUE);
    }

    List<ConsumerRecord> poll(Duration timeout, int recordsMax) {
        enter();
        try {
            return feed.poll(System.nanoTime() + timeout.toNanos(), recordsMax, this::serve);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } finally {
            if (group != null) {
                group.pollEnded();
            }
            leave();
        }
    }

    /**
     * The records one by one, by polls as they are needed; waits for more until the consumer is closed or its thread
     * interrupted. A {@link #commit()} in between counts all that was polled; commit what was handled instead.
     */
    public Iterable<ConsumerRecord> records() {
        return () -> new RecordIterator(this);
    }

    /**
     * Hands the records to one subscriber, as many as it asks for, on a daemon thread of its own, which is the consumer's
     * thread from the subscription on. Cancelling closes the consumer; closing it completes the subscriber.
     */
    public Flow.Publisher<ConsumerRecord> publisher() {
        return new RecordPublisher(this);
    }

    private void serve() {
        if (group != null) {
            group.serve();
        }
        for (Map.Entry<TopicPartition, ConsumerPartition> entry : assigned.entrySet()) {
            if (entry.getValue().isUnpositioned()) {
                throw noPosition(entry.getKey());
            }
        }
    }

    /** Makes a poll that waits, or else the next one, return. May be called from any thread. */
    public void wakeup() {
        feed.wakeUp();
    }

    /** Makes a poll that waits look after the group. */
    void stepCame() {
        feed.stepCame();
    }

    /** Commits how far {@link #poll} got in all partitions, and waits; a failure is a {@link LograftException}. */
    public void commit() {
        commit(positions());
    }

    /** The same for offsets that the application tells: each that of the next record to read. */
    public void commit(Map<TopicPartition, OffsetAndMetadata> offsets) {
        enter();
        try {
            if (session.isInLoop()) {
                throw new IllegalStateException("a callback must not wait for the consumer that runs it");
            }
            offsets.keySet().forEach(partition -> group().checkKnown(partition));
            Failure failure = group().send(offsets, requestTimeoutMs).join();
            if (failure != null) {
                throw new LograftException(failure.code(), failure.message());
            }
        } finally {
            leave();
        }
    }

    /** Like {@link #commit()} without waiting. Commits reach the coordinator in the order in which they were made. */
    public CompletableFuture<Void> commitAsync() {
        return commitAsync(positions());
    }

    /**
     * Like {@link #commit(Map)} without waiting. The future fails with {@link LograftException}; what depends on it runs on
     * the client's network thread, and must not block.
     */
    public CompletableFuture<Void> commitAsync(Map<TopicPartition, OffsetAndMetadata> offsets) {
        enter();
        try {
            return group().send(offsets, requestTimeoutMs).thenAccept(failure -> {
                if (failure != null) {
                    throw new LograftException(failure.code(), failure.message());
                }
            });
        } finally {
            leave();
        }
    }

    /** What the group has committed; nothing for partitions in which it has not. Asks the coordinator. */
    public Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> partitions) {
        enter();
        try {
            partitions.forEach(partition -> group().checkKnown(partition));
            return group().committed(partitions);
        } finally {
            leave();
        }
    }

    /** Records between the position and the newest high watermark that came with data; empty while either is unknown. */
    public OptionalLong lag(TopicPartition partition) {
        enter();
        try {
            return of(partition).lag();
        } finally {
            leave();
        }
    }

    /** How far poll got, where that is known. */
    Map<TopicPartition, OffsetAndMetadata> positions() {
        return ConsumerPartition.positions(assigned);
    }

    private ConsumerGroup group() {
        if (group == null) {
            throw new IllegalStateException("the consumer was made without a group");
        }
        return group;
    }

    /** The log start offset of each partition. */
    public Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions) {
        return questions.ends(partitions, new OffsetLookup.Earliest());
    }

    /** The high watermark of each partition: the offset behind its newest committed record. */
    public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions) {
        return questions.ends(partitions, new OffsetLookup.Latest());
    }

    /** For each partition the first record at or after a time in milliseconds; none where there is no such record. */
    public Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(Map<TopicPartition, Long> timesMs) {
        return questions.forTimes(timesMs);
    }

    /** The newest high watermark that came with data, -1 before any did: tells how far a reader lags behind. */
    public long lastKnownHighWatermark(TopicPartition partition) {
        return runtime.highWatermark(partition);
    }

    boolean isClosed() {
        return isClosed;
    }

    /** Closed, or about to be. */
    boolean isEnding() {
        return isClosed || closer != null;
    }

    /**
     * Commits (see {@link ConsumerOptions#autoCommit}), leaves the group, and ends the sessions. Called while another thread
     * is in {@link #poll}, wakes that up first; where it does not come back within a second, nothing is committed.
     */
    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        if (closer == null) {
            closer = Thread.currentThread();
        }
        boolean isIn = guard.enterWithin(CLOSE_WAIT_NS, this::wakeup);
        try {
            if (group != null && !isClosed) {
                group.close(isIn);
            }
        } finally {
            isClosed = true;
            runtime.close();
            feed.wakeUp(); // Where a listener closes it, inside a poll.
            if (isIn) {
                guard.leave();
            }
        }
    }

    private static LograftException noPosition(TopicPartition partition) {
        return new LograftException(
                ErrorCode.OFFSET_OUT_OF_RANGE, "partition " + partition + " has no position: seek first");
    }

    private ConsumerPartition of(TopicPartition partition) {
        ConsumerPartition found = assigned.get(partition);
        if (found == null) {
            throw new IllegalArgumentException("partition " + partition + " is not assigned");
        }
        return found;
    }

    private void enter() {
        Thread closing = closer;
        if (isClosed || (closing != null && closing != Thread.currentThread())) {
            throw new IllegalStateException("the consumer is closed");
        }
        guard.enter();
    }

    private void leave() {
        guard.leave();
    }
}
