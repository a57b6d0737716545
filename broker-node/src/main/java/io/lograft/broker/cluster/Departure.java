package io.lograft.broker.cluster;

import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;

/** Whether a broker that is to stop had better wait, and whether it is done with its leaderships. Pure. */
final class Departure {
    private Departure() {}

    /**
     * True where some partition would have too few in-sync replicas without this broker, and a live one is on the way:
     * one that was restarted a moment ago and has not caught up yet. Nobody could write to it until it has.
     */
    static boolean isTooSoon(ClusterImage image, BrokerId self) {
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.isr().contains(self)
                        && partition.isr().size() == topic.minimum(partition)
                        && isJoined(image, partition)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** True where no partition that this broker leads could be led by another broker instead. */
    static boolean isDone(ClusterImage image, BrokerId self) {
        return image.topics().stream()
                .flatMap(topic -> topic.partitions().stream())
                .filter(partition -> partition.isLedBy(self))
                .noneMatch(partition -> partition.isr().stream()
                        .anyMatch(member -> image.broker(member)
                                .filter(BrokerImage::isAvailable)
                                .isPresent()));
    }

    /** Added replicas of a reassignment do not count: they may take for hours. */
    private static boolean isJoined(ClusterImage image, PartitionImage partition) {
        return partition.formerReplicas().stream()
                .filter(replica -> !partition.isr().contains(replica.broker()))
                .anyMatch(replica -> image.broker(replica.broker())
                        .filter(BrokerImage::isAvailable)
                        .isPresent());
    }
}
