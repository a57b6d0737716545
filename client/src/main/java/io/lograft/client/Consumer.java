package io.lograft.client;

import io.lograft.client.core.ClusterView;
import io.lograft.client.core.Failure;
import io.lograft.client.transport.Calls;
import io.lograft.client.transport.ConsumerRuntime;
import io.lograft.client.transport.FetchedChunk;
import io.lograft.client.transport.OffsetLookup;
import io.lograft.client.transport.Session;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Reads committed records of explicitly chosen partitions, each from a position of its own. The leaders push batches
 * ahead, up to {@link ConsumerOptions#prefetchBytes}; {@link #poll} decodes them. When a leader changes, reading goes on
 * behind the last record received: nothing is read twice or left out.
 *
 * <pre>{@code
 * try (Consumer consumer = cluster.consumer()) {
 *     consumer.assign(consumer.partitionsOf("orders"));
 *     consumer.seekToBeginning();
 *     while (isRunning) {
 *         for (ConsumerRecord record : consumer.poll(Duration.ofSeconds(1))) {
 *             handle(record);
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>For one thread at a time: a second one gets ConcurrentModificationException. Only {@link #wakeup} may be called from
 * any thread. {@link #close} ends the sessions; closing the {@link Lograft} that made the consumer does so, too.
 */
public final class Consumer implements AutoCloseable {
    private static final long TOPIC_WAIT_MS = 5_000;
    private static final FetchedChunk WAKE_UP = new FetchedChunk(null, 0, null, -1, -1, null);

    private final Session session;
    private final ConsumerOptions options;
    private final long requestTimeoutMs;
    private final ConsumerRuntime runtime;
    private final Map<TopicPartition, ConsumerPartition> assigned = new LinkedHashMap<>();
    private final Map<Integer, Long> consumedBytes = new HashMap<>();
    private final AtomicReference<Thread> user = new AtomicReference<>();
    /** Where to start without a position; null: nowhere. */
    private final io.lograft.client.core.fetch.OffsetReset reset;

    private ChunkReader current;
    private volatile boolean isClosed;

    Consumer(Session session, ConsumerOptions options, Duration requestTimeout) {
        this.session = session;
        this.options = options;
        this.requestTimeoutMs = requestTimeout.toMillis();
        this.reset = switch (options.offsetReset()) {
            case EARLIEST -> io.lograft.client.core.fetch.OffsetReset.EARLIEST;
            case LATEST -> io.lograft.client.core.fetch.OffsetReset.LATEST;
            case ERROR -> null;
        };
        this.runtime = session.consumer(
                new ConsumerRuntime.Settings(options.prefetchBytes(), options.partitionBytesMax(), reset));
    }

    /** All partitions of a topic. Waits for metadata; throws {@link LograftException} where there is no such topic. */
    public List<TopicPartition> partitionsOf(String topic) {
        ClusterView.Topic known = awaitTopic(topic);
        List<TopicPartition> partitions = new ArrayList<>();
        for (int i = 0; i < known.partitions().size(); i++) {
            partitions.add(new TopicPartition(topic, i));
        }
        return partitions;
    }

    /**
     * Reads these partitions and no others from now on. Those read before keep their positions; new ones start as
     * {@link ConsumerOptions#offsetReset} says, unless the application seeks. Throws {@link LograftException} for an
     * unknown topic or partition.
     */
    public void assign(Collection<TopicPartition> partitions) {
        enter();
        try {
            for (TopicPartition partition : partitions) {
                checkExists(partition);
            }
            for (TopicPartition old : List.copyOf(assigned.keySet())) {
                if (!partitions.contains(old)) {
                    assigned.remove(old);
                    runtime.remove(old);
                }
            }
            for (TopicPartition partition : partitions) {
                if (!assigned.containsKey(partition)) {
                    ConsumerPartition added = new ConsumerPartition(partition, runtime);
                    assigned.put(partition, added);
                    if (reset != null) {
                        added.seek(reset);
                    }
                }
            }
        } finally {
            leave();
        }
    }

    /** The same for partitions that are written out. */
    public void assign(TopicPartition... partitions) {
        assign(List.of(partitions));
    }

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
                long found = lookUp(Map.of(partition, question)).get(partition).offset();
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
        enter();
        try {
            checkPositions();
            long deadlineNs = System.nanoTime() + timeout.toNanos();
            List<ConsumerRecord> records = new ArrayList<>();
            while (records.size() < options.pollRecordsMax()) {
                if (current == null && !nextChunk(records.isEmpty() ? deadlineNs - System.nanoTime() : 0)) {
                    break;
                }
                if (!readCurrent(records)) {
                    break;
                }
            }
            return records;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } finally {
            reportConsumed();
            leave();
        }
    }

    /** Makes a poll that waits, or else the next one, return. May be called from any thread. */
    public void wakeup() {
        runtime.chunks().add(WAKE_UP);
    }

    /** The log start offset of each partition. */
    public Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions) {
        return ends(partitions, new OffsetLookup.Earliest());
    }

    /** The high watermark of each partition: the offset behind its newest committed record. */
    public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions) {
        return ends(partitions, new OffsetLookup.Latest());
    }

    /** For each partition the first record at or after a time in milliseconds; none where there is no such record. */
    public Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(Map<TopicPartition, Long> timesMs) {
        Map<TopicPartition, OffsetLookup.Question> questions = new HashMap<>();
        timesMs.forEach((partition, timeMs) -> questions.put(partition, new OffsetLookup.AtOrAfter(timeMs)));
        Map<TopicPartition, OffsetAndTimestamp> found = new HashMap<>();
        lookUp(questions).forEach((partition, answer) -> {
            if (answer.offset() >= 0) {
                found.put(partition, new OffsetAndTimestamp(answer.offset(), answer.timestampMs()));
            }
        });
        return found;
    }

    /** The newest high watermark that came with data, -1 before any did: tells how far a reader lags behind. */
    public long lastKnownHighWatermark(TopicPartition partition) {
        return runtime.highWatermark(partition);
    }

    boolean isClosed() {
        return isClosed;
    }

    /** Ends the sessions. */
    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            runtime.close();
        }
    }

    private boolean nextChunk(long waitNs) throws InterruptedException {
        FetchedChunk chunk = runtime.chunks().poll();
        if (chunk == null && waitNs > 0) {
            reportConsumed();
            chunk = runtime.chunks().poll(waitNs, TimeUnit.NANOSECONDS);
        }
        if (chunk == null || chunk.partition() == null) {
            return false;
        }
        current = new ChunkReader(chunk, options.verifiesChecksums());
        return true;
    }

    /** Reads on in the current chunk; false where a failure has to wait until the records so far are handed out. */
    private boolean readCurrent(List<ConsumerRecord> records) {
        FetchedChunk chunk = current.chunk();
        ConsumerPartition partition = assigned.get(chunk.partition());
        if (partition == null || partition.generation() != chunk.generation()) {
            finishChunk();
        } else if (chunk.failure() != null) {
            return fail(chunk.failure(), records, true);
        } else if (chunk.records() == null) {
            partition.advanceTo(chunk.position());
            finishChunk();
        } else if (current.read(partition, records, options.pollRecordsMax())) {
            finishChunk();
        } else if (current.failure() != null) {
            return fail(current.failure(), records, false);
        }
        return true;
    }

    private boolean fail(Failure failure, List<ConsumerRecord> records, boolean isOnce) {
        if (!records.isEmpty()) {
            return false;
        }
        if (isOnce) {
            finishChunk();
        }
        throw new LograftException(failure.code(), failure.message());
    }

    private void finishChunk() {
        if (current.chunk().sizeBytes() > 0) {
            consumedBytes.merge(current.chunk().broker(), (long) current.chunk().sizeBytes(), Long::sum);
        }
        current = null;
    }

    private void reportConsumed() {
        if (!consumedBytes.isEmpty()) {
            runtime.consumed(consumedBytes);
            consumedBytes.clear();
        }
    }

    private void checkPositions() {
        for (Map.Entry<TopicPartition, ConsumerPartition> entry : assigned.entrySet()) {
            if (entry.getValue().isUnpositioned()) {
                throw noPosition(entry.getKey());
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

    private void checkExists(TopicPartition partition) {
        ClusterView.Topic topic = awaitTopic(partition.topic());
        if (partition.partition() >= topic.partitions().size()) {
            throw new LograftException(
                    ErrorCode.UNKNOWN_PARTITION,
                    "topic '" + partition.topic() + "' has "
                            + topic.partitions().size() + " partitions, no " + partition.partition());
        }
    }

    private ClusterView.Topic awaitTopic(String topic) {
        ClusterView.Topic known = session.metadata().view().topics().get(topic);
        if (known != null) {
            return known;
        }
        long waitMs = session.metadata().view().isEmpty() ? requestTimeoutMs : TOPIC_WAIT_MS;
        Calls.Reply<ClusterView> reply = session.metadata()
                .await(view -> view.topics().containsKey(topic), Math.min(waitMs, requestTimeoutMs))
                .join();
        if (reply.failure() != null && reply.answer().isEmpty()) {
            throw new LograftException(reply.failure().code(), reply.failure().message());
        }
        return reply.answer()
                .topic(topic)
                .orElseThrow(() -> new LograftException(ErrorCode.UNKNOWN_TOPIC, "no topic '" + topic + "'"));
    }

    private Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions, OffsetLookup.Question question) {
        Map<TopicPartition, OffsetLookup.Question> questions = new HashMap<>();
        partitions.forEach(partition -> questions.put(partition, question));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        lookUp(questions).forEach((partition, answer) -> offsets.put(partition, answer.offset()));
        return offsets;
    }

    private Map<TopicPartition, OffsetLookup.Answer> lookUp(Map<TopicPartition, OffsetLookup.Question> questions) {
        questions.keySet().forEach(this::checkExists);
        Calls.Reply<Map<TopicPartition, OffsetLookup.Answer>> reply =
                session.offsets().ask(questions, requestTimeoutMs).join();
        if (reply.failure() != null) {
            throw new LograftException(reply.failure().code(), reply.failure().message());
        }
        return reply.answer();
    }

    private void enter() {
        if (isClosed) {
            throw new IllegalStateException("the consumer is closed");
        }
        Thread me = Thread.currentThread();
        if (!user.compareAndSet(null, me) && user.get() != me) {
            throw new ConcurrentModificationException("a consumer is for one thread at a time");
        }
    }

    private void leave() {
        user.set(null);
    }
}
