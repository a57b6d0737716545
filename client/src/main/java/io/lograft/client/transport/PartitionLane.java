package io.lograft.client.transport;

import io.lograft.client.core.ClusterView;
import io.lograft.client.core.Failure;
import io.lograft.client.core.produce.BatchSource;
import io.lograft.client.core.produce.PartitionAccumulator;
import io.lograft.client.core.produce.PartitionSender;
import io.lograft.client.core.produce.ProducerBatch;
import io.lograft.client.core.produce.RecordOutcome;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import io.lograft.record.RecordHeader;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The way of one partition's records from the application's threads to the client loop. Threads add records under the
 * lane's lock, which is held for one record at a time; the loop takes batches out under it and runs the sender. Guarded
 * by the lane's lock: accumulator, closed failure, count of appended records. Owned by the client loop: the rest.
 */
public final class PartitionLane implements BatchSource {
    private final ProducerRuntime runtime;
    private final TopicPartition partition;
    private final TopicId topicId;
    private final PartitionAccumulator accumulator;
    private final AtomicBoolean isWoken = new AtomicBoolean();
    private long appendedCount;
    private Failure closedBy;

    final PartitionSender sender;
    ClusterView seenView;
    long doneCount;

    PartitionLane(ProducerRuntime runtime, TopicPartition partition, TopicId topicId) {
        this.runtime = runtime;
        this.partition = partition;
        this.topicId = topicId;
        ProducerSettings settings = runtime.settings();
        this.accumulator = new PartitionAccumulator(
                settings.batchBytes(),
                settings.compression(),
                settings.compressionLevel(),
                settings.sender().namedId());
        this.sender = new PartitionSender(partition, settings.sender(), this);
    }

    public TopicPartition partition() {
        return partition;
    }

    TopicId topicId() {
        return topicId;
    }

    /**
     * Adds a record; waits for memory where there is none and the thread may wait. A failure is told to the outcome.
     *
     * @param sizeBytesMax the most that the record takes in a batch
     */
    public void append(
            long timestampMs,
            byte[] key,
            byte[] value,
            List<RecordHeader> headers,
            RecordOutcome outcome,
            int sizeBytesMax) {
        while (true) {
            int missing;
            Failure failure;
            synchronized (this) {
                failure = closedBy;
                accumulator.prepareFor(outcome);
                missing = failure == null ? accumulator.missingBytes(sizeBytesMax) : 0;
                if (failure == null && (missing == 0 || runtime.memory().tryReserve(missing))) {
                    accumulator.grant(missing);
                    add(timestampMs, key, value, headers, outcome);
                    return;
                }
            }
            if (failure == null) {
                wake();
                failure = runtime.awaitMemory(missing);
            }
            if (failure != null) {
                outcome.failed(failure);
                return;
            }
        }
    }

    /** Adds the record if it fits into the open batch; else answers false and does nothing. */
    public boolean appendIfRoom(
            long timestampMs,
            byte[] key,
            byte[] value,
            List<RecordHeader> headers,
            RecordOutcome outcome,
            int sizeBytesMax) {
        synchronized (this) {
            if (closedBy != null || !accumulator.hasRoom(sizeBytesMax)) {
                return false;
            }
            int missing = accumulator.missingBytes(sizeBytesMax);
            if (missing > 0 && !runtime.memory().tryReserve(missing)) {
                return false;
            }
            accumulator.grant(missing);
            add(timestampMs, key, value, headers, outcome);
            return true;
        }
    }

    private void add(long timestampMs, byte[] key, byte[] value, List<RecordHeader> headers, RecordOutcome outcome) {
        appendedCount++;
        if (accumulator.append(timestampMs, key, value, headers, outcome) != PartitionAccumulator.Appended.ADDED) {
            accumulator.opened(ClientLoop.nowMs());
            wake();
        }
    }

    private void wake() {
        if (!isWoken.get() && isWoken.compareAndSet(false, true)) {
            runtime.woken(this);
        }
    }

    /** The loop is about to look at the lane; what is added from now on wakes it again. */
    void clearWoken() {
        isWoken.set(false);
    }

    /** Closes the open batch, so that it is sent at once; answers how many records were ever added. */
    synchronized long closeOpen() {
        accumulator.close();
        return appendedCount;
    }

    /** Refuses all records from now on. */
    synchronized void close(Failure failure) {
        closedBy = failure;
    }

    @Override
    public synchronized ProducerBatch take(boolean mayTakeOpen) {
        return accumulator.take(mayTakeOpen);
    }

    @Override
    public synchronized long oldestMs() {
        return accumulator.oldestMs();
    }

    @Override
    public synchronized boolean hasClosed() {
        return accumulator.hasClosed();
    }
}
