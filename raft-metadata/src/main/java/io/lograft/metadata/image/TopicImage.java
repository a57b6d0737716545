package io.lograft.metadata.image;

import io.lograft.metadata.command.MetadataRecord.TopicRecord;
import io.lograft.model.FlushMode;
import io.lograft.model.TopicId;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** A topic with its partitions, the partition of number n at index n. */
public record TopicImage(
        TopicId id,
        String name,
        int minInsyncReplicas,
        FlushMode flushMode,
        SortedMap<String, String> configs,
        boolean internal,
        List<PartitionImage> partitions) {

    static TopicImage of(TopicRecord record, List<PartitionImage> partitions) {
        return new TopicImage(
                record.id(),
                record.name(),
                record.minInsyncReplicas(),
                record.flushMode(),
                record.configs(),
                record.internal(),
                partitions);
    }

    public TopicRecord toRecord() {
        return new TopicRecord(id, name, minInsyncReplicas, flushMode, configs, internal);
    }

    /** The partition of that number; empty where there is none. */
    public Optional<PartitionImage> partition(int number) {
        return number >= 0 && number < partitions.size() ? Optional.of(partitions.get(number)) : Optional.empty();
    }

    /**
     * How many members the in-sync set must have before records are committed. While replicas are added, it is as it was
     * before: those that catch up must not stop what goes on.
     */
    public int minimum(PartitionImage partition) {
        return minimum(partition.formerReplicaCount());
    }

    /** The same for a partition with so many replicas. */
    public int minimum(int replicaCount) {
        return Math.min(minInsyncReplicas, replicaCount);
    }

    /** Number of replicas of the first partition, once the reassignment under way is done. */
    public int replicationFactor() {
        return partitions.isEmpty() ? 0 : partitions.get(0).wantedReplicaCount();
    }

    TopicImage withPartitions(List<PartitionImage> changed) {
        return new TopicImage(id, name, minInsyncReplicas, flushMode, configs, internal, changed);
    }
}
