package io.lograft.metadata.image;

import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.command.MetadataRecord.PartitionRecord;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * That a partition got a leader from outside its in-sync and eligible sets, so that committed records may be gone: by an
 * operator's command, or after a power loss in {@code flush.mode=os}. To be told loudly, and once.
 *
 * @param topic the topic's name
 */
public record UncleanElection(PartitionId partition, String topic, PartitionImage state) {

    /**
     * Those that happened between two images.
     *
     * @param records what led from one to the other; empty where the second was taken over as a whole. Then an election
     *     counts, too, that the first did not have the partition for, as long as its leader still leads
     */
    public static List<UncleanElection> between(
            ClusterImage before, ClusterImage now, Optional<List<MetadataRecord>> records) {
        List<UncleanElection> found = new ArrayList<>();
        if (records.isPresent()) {
            for (MetadataRecord record : records.get()) {
                if (record instanceof PartitionRecord changed) {
                    now.topic(changed.id().topic()).ifPresent(topic -> look(before, topic, changed.id(), found));
                }
            }
            return found;
        }
        for (TopicImage topic : now.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                look(before, topic, new PartitionId(topic.id(), partition.partition()), found);
            }
        }
        return found;
    }

    private static void look(ClusterImage before, TopicImage topic, PartitionId id, List<UncleanElection> found) {
        PartitionImage state = topic.partition(id.partition()).orElse(null);
        if (state == null || !state.isUnclean()) {
            return;
        }
        int known = before.partition(id).map(PartitionImage::lastUncleanEpoch).orElse(-1);
        if (state.lastUncleanEpoch() > known) {
            found.add(new UncleanElection(id, topic.name(), state));
        }
    }

    /** True where the broker has a replica of the partition. */
    public boolean concerns(BrokerId broker) {
        return state.isReplica(broker);
    }

    /** One sentence with the values that matter. */
    public String describe() {
        return "UNCLEAN LEADER ELECTION: " + topic + "-" + partition.partition() + " is led by broker " + state.leader()
                + " in epoch " + state.leaderEpoch() + ", which was in neither the in-sync nor the eligible set;"
                + " committed records may be lost, and the other replicas " + state.replicaIds()
                + " drop what it does not have";
    }
}
