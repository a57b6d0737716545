package io.lograft.broker.cluster;

import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.PartitionId;

/** Hears of the partitions that this broker has a replica of. Called on the metadata loop; must not block. */
public interface PartitionListener {

    /** The partition is new here, or its state or its topic's changed. */
    void partitionChanged(PartitionId id, TopicImage topic, PartitionImage partition);

    /** This broker has no replica of the partition any more, or there is no such partition any more. */
    void partitionRemoved(PartitionId id);
}
