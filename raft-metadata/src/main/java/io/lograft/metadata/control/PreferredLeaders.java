package io.lograft.metadata.control;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand.ElectPreferredLeaders;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import java.util.ArrayList;
import java.util.List;

/** Returns leadership to the first replica in assignment, a few partitions at a time. */
public final class PreferredLeaders {
    private PreferredLeaders() {}

    /** How many partitions have a leader that is not the first in assignment, though that one could lead now. */
    public static int count(ClusterImage image) {
        int count = 0;
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                count += isMisplaced(image, partition) ? 1 : 0;
            }
        }
        return count;
    }

    static Decision decide(ClusterImage image, ElectPreferredLeaders command) {
        List<MetadataRecord> records = new ArrayList<>();
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (records.size() < command.partitionsMax() && isMisplaced(image, partition)) {
                    PartitionDraft draft = new PartitionDraft(topic, partition);
                    draft.start(partition.replicas().get(0).broker());
                    records.add(draft.result().toRecord(topic.id()));
                }
            }
        }
        return new Decision(records, CommandReply.ok(new CommandReply.PartitionsChanged(records.size())));
    }

    private static boolean isUsable(LeaderChoice choice, ReplicaAssignment replica) {
        return choice.isLive(replica) && choice.isWanted(replica);
    }

    /** True where the first in assignment could lead now, and another does. */
    static boolean isMisplaced(ClusterImage image, PartitionImage partition) {
        ReplicaAssignment preferred = partition.replicas().get(0);
        BrokerId broker = preferred.broker();
        return partition.hasLeader()
                && !partition.isLedBy(broker)
                && partition.isr().contains(broker)
                && image.broker(broker).map(BrokerImage::isAvailable).orElse(false)
                && isUsable(new LeaderChoice(image), preferred);
    }
}
