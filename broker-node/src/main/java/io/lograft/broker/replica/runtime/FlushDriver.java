package io.lograft.broker.replica.runtime;

import io.lograft.broker.log.FlushRound;
import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.io.Deletion;
import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.replica.ReplicaEvent;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Group commit for one partition: while one round of fsyncs runs, what is appended meanwhile waits for the next round.
 * Rounds of different partitions run in parallel. Owned by: partition loop.
 */
final class FlushDriver {
    private static final Logger LOG = LoggerFactory.getLogger(FlushDriver.class);
    private static final long ROOM_RETRY_MS = 1_000;

    private final PartitionRuntime partition;
    private final PartitionLog log;
    private final Ports ports;
    private boolean isWanted;
    private boolean isRunning;
    private boolean isWaitingForRoom;
    private final Deque<Deletion> deletions = new ArrayDeque<>();
    private boolean isDeleting;
    private Runnable atIdle;

    FlushDriver(PartitionRuntime partition, PartitionLog log, Ports ports) {
        this.partition = partition;
        this.log = log;
        this.ports = ports;
    }

    /** Something was written that is to be on disk. */
    void want() {
        isWanted = true;
    }

    /** Begins a round unless one runs. */
    void startIfNeeded() {
        if (!isWanted || isRunning || isWaitingForRoom || partition.isStopped() || !log.needsFlush()) {
            return;
        }
        isWanted = false;
        isRunning = true;
        FlushRound round = log.beginFlush();
        ports.flushThreads().execute(() -> run(round));
    }

    private void run(FlushRound round) {
        try {
            long startNs = System.nanoTime();
            round.run();
            ports.metrics().flushTook(System.nanoTime() - startNs);
            partition.loop().execute(() -> completed(round));
        } catch (DiskFullException full) {
            partition.loop().execute(() -> outOfRoom(round, full));
        } catch (IOException failed) {
            partition.loop().execute(() -> {
                isRunning = false;
                partition.storageFailed(failed);
                tellIdle();
            });
        }
    }

    /** The records are on the disk, but a side file of theirs has no room: the round counts for nothing and is repeated. */
    private void outOfRoom(FlushRound round, DiskFullException full) {
        LOG.warn("{}: a flush waits for room on the disk: {}", partition.name(), full.getMessage());
        isWanted = true;
        isWaitingForRoom = true;
        partition.loop().schedule(ROOM_RETRY_MS, () -> {
            isWaitingForRoom = false;
            startIfNeeded();
        });
        completed(round);
    }

    private void completed(FlushRound round) {
        isRunning = false;
        try {
            if (!log.completeFlush(round)) {
                // It counts for nothing; the next one begins at the end of the turn.
                isWanted = true;
            }
            partition.on(ReplicaEvent.Flushed.INSTANCE);
        } catch (IOException failed) {
            partition.storageFailed(failed);
        }
        tellIdle();
    }

    /**
     * Runs the task once neither a round nor a deletion is under way; none begins any more then, as the partition has
     * stopped. What is still to be deleted goes when the directory is opened again, or with it.
     */
    void whenIdle(Runnable task) {
        atIdle = task;
        deletions.clear();
        tellIdle();
    }

    private void tellIdle() {
        if (atIdle != null && !isRunning && !isDeleting) {
            Runnable task = atIdle;
            atIdle = null;
            task.run();
        }
    }

    /** Deletes the files of segments that left the log, on a flush thread, one at a time so that flushes have theirs. */
    void deleteDiscarded() {
        deletions.addAll(log.takeDiscarded());
        deleteNext();
    }

    private void deleteNext() {
        Deletion next = isDeleting || partition.isStopped() ? null : deletions.poll();
        if (next != null) {
            isDeleting = true;
            ports.flushThreads().execute(() -> delete(next));
        }
    }

    private void delete(Deletion segment) {
        try {
            segment.run();
            if (segment.recordBytes() > 0) {
                ports.metrics().deleted(segment.recordBytes());
            }
            partition.loop().execute(this::deleted);
        } catch (IOException failed) {
            partition.loop().execute(() -> {
                partition.storageFailed(failed);
                deleted();
            });
        }
    }

    private void deleted() {
        isDeleting = false;
        deleteNext();
        tellIdle();
    }
}
