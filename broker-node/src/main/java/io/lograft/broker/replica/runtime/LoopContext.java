package io.lograft.broker.replica.runtime;

import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.replica.transport.Flushable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What the partitions of one event loop share: at the end of each batch of tasks, partitions that were touched end
 * their turn, then streams that were written to are flushed. Owned by: its loop, but for {@link #loop}.
 */
final class LoopContext {
    private final EventLoop loop;
    private final Set<Flushable> touchedStreams = new LinkedHashSet<>();
    private List<PartitionRuntime> touchedPartitions = new ArrayList<>();
    private List<PartitionRuntime> spare = new ArrayList<>();

    LoopContext(EventLoop loop) {
        this.loop = loop;
        loop.afterEachBatch(this::endBatch);
    }

    EventLoop loop() {
        return loop;
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
