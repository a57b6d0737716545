package io.lograft.client;

import io.lograft.client.core.Failure;
import io.lograft.client.transport.ConsumerRuntime;
import io.lograft.client.transport.FetchedChunk;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Turns what the runtime fetched into records, for partitions that are still read where they were when it was asked for.
 * Owned by: the consumer's thread, but for {@link #wakeUp} and {@link #stepCame}.
 */
final class RecordFeed {
    private static final long WAKE_UP = 0;
    private static final long STEP = 1;

    private final ConsumerRuntime runtime;
    private final ConsumerOptions options;
    private final Map<TopicPartition, ConsumerPartition> assigned;
    private final Map<Integer, Long> consumedBytes = new HashMap<>();
    /** Null without a group. */
    private final ConsumerGroup group;

    /** A wake-up waits among the chunks; another one would say no more. */
    private final AtomicBoolean isWakeUpQueued = new AtomicBoolean();

    private ChunkReader current;

    RecordFeed(
            ConsumerRuntime runtime,
            ConsumerOptions options,
            Map<TopicPartition, ConsumerPartition> assigned,
            ConsumerGroup group) {
        this.runtime = runtime;
        this.options = options;
        this.assigned = assigned;
        this.group = group;
    }

    /** Ends a poll that waits, or else the next one. */
    void wakeUp() {
        if (isWakeUpQueued.compareAndSet(false, true)) {
            runtime.chunks().add(signal(WAKE_UP));
        }
    }

    /** Makes a poll that waits see to its duties. */
    void stepCame() {
        runtime.chunks().add(signal(STEP));
    }

    private static FetchedChunk signal(long number) {
        return new FetchedChunk(null, number, null, -1, -1, null);
    }

    /** The next records; waits for the first until the deadline, or a wake-up. {@code duties} are done in between. */
    List<ConsumerRecord> poll(long deadlineNs, int recordsMax, Runnable duties) throws InterruptedException {
        try {
            duties.run();
            int max = Math.min(recordsMax, options.pollRecordsMax());
            List<ConsumerRecord> records = new ArrayList<>();
            while (records.size() < max) {
                if (current == null && !nextChunk(records.isEmpty(), deadlineNs, duties)) {
                    break;
                }
                if (!readCurrent(records, max)) {
                    break;
                }
            }
            return records;
        } finally {
            reportConsumed();
        }
    }

    private boolean nextChunk(boolean mayWait, long deadlineNs, Runnable duties) throws InterruptedException {
        FetchedChunk chunk =
                mayWait ? awaitChunk(deadlineNs, duties) : runtime.chunks().poll();
        if (chunk == null || chunk.partition() == null) {
            if (chunk != null && chunk.generation() == WAKE_UP) {
                isWakeUpQueued.set(false);
            }
            return false;
        }
        current = new ChunkReader(chunk, options.verifiesChecksums());
        return true;
    }

    private FetchedChunk awaitChunk(long deadlineNs, Runnable duties) throws InterruptedException {
        while (true) {
            FetchedChunk chunk = runtime.chunks().poll();
            long leftNs = deadlineNs - System.nanoTime();
            if (chunk == null && leftNs > 0) {
                reportConsumed();
                chunk = runtime.chunks()
                        .poll(Math.min(leftNs, group == null ? leftNs : group.quietNs()), TimeUnit.NANOSECONDS);
            }
            boolean isOver = chunk == null && deadlineNs - System.nanoTime() <= 0;
            boolean isStep = chunk != null && chunk.partition() == null && chunk.generation() == STEP;
            if (isOver || (chunk != null && !isStep)) {
                return chunk;
            }
            duties.run();
        }
    }

    /** Reads on in the current chunk; false where a failure has to wait until the records so far are handed out. */
    private boolean readCurrent(List<ConsumerRecord> records, int max) {
        FetchedChunk chunk = current.chunk();
        ConsumerPartition partition = assigned.get(chunk.partition());
        Failure failure = chunk.failure();
        boolean isStale = partition == null || partition.generation() != chunk.generation();
        // A group takes partitions of a deleted topic back by itself: the application need not hear of it.
        boolean isTakenBack =
                failure != null && failure.code() == ErrorCode.UNKNOWN_TOPIC && group != null && group.isSubscribed();
        if (isStale || isTakenBack) {
            finishChunk();
        } else if (failure != null) {
            return fail(failure, records, true);
        } else if (chunk.records() == null) {
            partition.foundAt(chunk.position());
            finishChunk();
        } else if (current.read(partition, records, max)) {
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
}
