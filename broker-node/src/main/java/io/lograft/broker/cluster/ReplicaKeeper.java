package io.lograft.broker.cluster;

import io.lograft.broker.replica.runtime.ReplicaSpec;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;
import java.util.Map;

/** Who runs the replicas of this broker, in its log directories. Called on the metadata loop; must not block. */
public interface ReplicaKeeper {

    /** The replica is to run like that, in the directory that the metadata name; where they name none, one is chosen. */
    void configure(ReplicaSpec spec, DirectoryId directory);

    /** The metadata no longer have this replica here. */
    void remove(PartitionId partition, TopicPartition name);

    /** All replicas that the metadata have here, before the first is configured: any other is given away. */
    void removeUnknown(Map<PartitionId, DirectoryId> known);
}
