package io.lograft.broker.replica.runtime;

import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.replica.transport.Flushable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What the partitions of one event loop share: at the end of each batch of tasks, partitions that were touched end
 * their turn, then streams that were written to are flushed. Owned by: its loop, but for {@link #loop}.
 */
final class LoopContext {
    private final EventLoop loop;
    private final RetentionPace retention;
    private final Consumer<PartitionRuntime> recorder;
    private final Set<Flushable> touchedStreams = new LinkedHashSet<>();
    private List<PartitionRuntime> touchedPartitions = new ArrayList<>();
    private List<PartitionRuntime> spare = new ArrayList<>();

    /** {@code recorder} has the log start of a partition written to the disk soon, and may be called by any thread. */
    LoopContext(EventLoop loop, RetentionPace retention, Consumer<PartitionRuntime> recorder) {
        this.loop = loop;
        this.retention = retention;
        this.recorder = recorder;
        loop.afterEachBatch(this::endBatch);
    }

    EventLoop loop() {
        return loop;
    }

    RetentionPace retention() {
        return retention;
    }

    /** The log starts elsewhere, which is to be on the disk soon. */
    void logStartMoved(PartitionRuntime partition) {
        recorder.accept(partition);
    }

    /** The partition has had events; its turn ends with the batch. Called once a turn by each partition. */
    void touched(PartitionRuntime partition) {
        touchedPartitions.add(partition);
    }

    /** The stream has something to flush. */
    void touched(Flushable stream) {
        touchedStreams.add(stream);
    }

    private void endBatch() {
        while (!touchedPartitions.isEmpty()) {
            List<PartitionRuntime> ending = touchedPartitions;
            touchedPartitions = spare;
            for (PartitionRuntime partition : ending) {
                partition.endTurn();
            }
            ending.clear();
            spare = ending;
        }
        if (!touchedStreams.isEmpty()) {
            touchedStreams.forEach(Flushable::flush);
            touchedStreams.clear();
        }
    }
}
