package io.lograft.client.transport;

import io.lograft.client.core.ClusterView;
import io.lograft.model.TopicId;
import io.lograft.record.Murmur2;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The lanes of one topic, and which of them a record takes: that of its key's hash, or, for records without a key, one
 * partition until its batch is full or sent, then another. Immutable but for the partition that keyless records stick
 * to, which threads may change at once without harm.
 */
public final class TopicLanes {
    private static final long SEQUENCES_TOGETHER = 1_000;

    private final TopicId id;
    private final List<PartitionLane> lanes;
    private volatile int sticky;

    TopicLanes(TopicId id, List<PartitionLane> lanes) {
        this.id = id;
        this.lanes = List.copyOf(lanes);
        this.sticky = ThreadLocalRandom.current().nextInt(lanes.size());
    }

    TopicId id() {
        return id;
    }

    List<PartitionLane> all() {
        return lanes;
    }

    public int partitionCount() {
        return lanes.size();
    }

    public PartitionLane lane(int partition) {
        return lanes.get(partition);
    }

    public PartitionLane lane(byte[] key) {
        return lanes.get(Murmur2.partition(key, lanes.size()));
    }

    /** Where a keyless record of a named producer goes, each time that it is sent; neighbours go to one partition. */
    public PartitionLane laneOfSequence(long namedId, long sequence) {
        return lanes.get(Math.floorMod(namedId + sequence / SEQUENCES_TOGETHER, lanes.size()));
    }

    /** Where keyless records go now. */
    public PartitionLane sticky() {
        return lanes.get(sticky);
    }

    /** Moves keyless records on to another partition, one with a leader if there is any. */
    public PartitionLane nextSticky(ClusterView view, String topic) {
        int count = lanes.size();
        int next = (sticky + 1) % count;
        ClusterView.Topic known = view.topics().get(topic);
        for (int i = 0;
                i < count && known != null && known.partitions().get(next).leader() < 0;
                i++) {
            next = (next + 1) % count;
        }
        sticky = next;
        return lanes.get(next);
    }
}
