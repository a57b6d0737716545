package io.lograft.broker.cluster;

import io.lograft.broker.replica.runtime.ReplicaSpec;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;

/** Opens to the simulator how the metadata are put into the words of a replica. */
public final class ReplicaSpecs {
    private ReplicaSpecs() {}

    /** How that broker is to run its replica. */
    public static ReplicaSpec of(
            ClusterImage image, TopicImage topic, PartitionImage partition, BrokerId self, ReplicaDefaults defaults) {
        return Configurations.spec(image, topic, partition, self, defaults);
    }
}
