package io.lograft.metadata.command;

import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A change of the metadata: the complete new state of one entity, or its removal. An image is the list of its records;
 * in the order of their keys they can be applied to an empty image.
 */
public sealed interface MetadataRecord {

    /**
     * The key under which the entity is stored. ASCII; byte order of the keys is an order in which the records can be
     * applied (a topic comes before its partitions).
     */
    String key();

    /** A record that takes an entity away. */
    sealed interface Removal extends MetadataRecord {
        /** Keys of everything that is no more. */
        List<String> removedKeys();
    }

    /** Identity of the cluster and the version of commands and records that all voters know. */
    record ClusterRecord(String clusterId, int metadataVersion) implements MetadataRecord {
        @Override
        public String key() {
            return "cluster";
        }
    }

    /** First producer id that nobody has. */
    record ProducerIdsRecord(long nextProducerId) implements MetadataRecord {
        @Override
        public String key() {
            return "producer-ids";
        }
    }

    /**
     * A broker's registration.
     *
     * @param epoch log index of the registration
     * @param incarnation random id of the process
     * @param fenced leads nothing and is in no in-sync set that has a live member
     * @param draining stops in an orderly way; stays set after it is fenced, until it registers anew
     * @param lastUnfencedEpoch the greatest of its epochs that was ever unfenced, -1 for none; a directory that is
     *     older holds an old copy
     */
    record BrokerRecord(
            BrokerId id,
            long epoch,
            UUID incarnation,
            BrokerAddress address,
            BrokerDirectories directories,
            boolean fenced,
            boolean draining,
            long lastUnfencedEpoch)
            implements MetadataRecord {
        @Override
        public String key() {
            return "broker/" + padded(id.value(), 10);
        }
    }

    /** A topic without its partitions; the minimum and the flush mode are its own, whatever the brokers default to. */
    record TopicRecord(
            TopicId id,
            String name,
            int minInsyncReplicas,
            FlushMode flushMode,
            SortedMap<String, String> configs,
            boolean internal)
            implements MetadataRecord {
        public TopicRecord {
            configs = Collections.unmodifiableSortedMap(new TreeMap<>(configs));
        }

        @Override
        public String key() {
            return topicKey(id);
        }
    }

    /**
     * A partition. All lists of brokers are in assignment order.
     *
     * @param isr the in-sync set; empty only where all its members were lost
     * @param eligible outside the in-sync set, but known to hold every committed record
     * @param lostMembers see {@link LostMember}; empty while there is a leader
     * @param leader broker id, {@link #NO_LEADER} for none
     * @param leaderEpoch rises with every start of a leadership; -1 before the first
     * @param partitionEpoch rises with every change
     * @param lastUncleanEpoch the last leader epoch whose leader was chosen outside both sets, -1 for none
     * @param reassignment empty where the replicas stay as they are
     */
    record PartitionRecord(
            PartitionId id,
            List<ReplicaAssignment> replicas,
            List<BrokerId> isr,
            List<BrokerId> eligible,
            List<LostMember> lostMembers,
            int leader,
            int leaderEpoch,
            int partitionEpoch,
            int lastUncleanEpoch,
            Optional<Reassignment> reassignment)
            implements MetadataRecord {
        /** In place of a leader's id: there is none. */
        public static final int NO_LEADER = -1;

        public PartitionRecord {
            replicas = List.copyOf(replicas);
            isr = List.copyOf(isr);
            eligible = List.copyOf(eligible);
            lostMembers = List.copyOf(lostMembers);
        }

        @Override
        public String key() {
            return partitionKey(id);
        }
    }

    /** A topic and all its partitions are gone. */
    record RemoveTopicRecord(TopicId id, int partitionCount) implements Removal {
        @Override
        public String key() {
            return topicKey(id);
        }

        @Override
        public List<String> removedKeys() {
            List<String> keys = new ArrayList<>(partitionCount + 1);
            keys.add(topicKey(id));
            for (int partition = 0; partition < partitionCount; partition++) {
                keys.add(partitionKey(new PartitionId(id, partition)));
            }
            return keys;
        }
    }

    private static String topicKey(TopicId id) {
        return "topic/" + id;
    }

    private static String partitionKey(PartitionId id) {
        return topicKey(id.topic()) + "/" + padded(id.partition(), 8);
    }

    /** With leading zeros, so that keys sort as their numbers do. */
    private static String padded(int number, int digitsMin) {
        String digits = Integer.toString(number);
        return "0".repeat(Math.max(0, digitsMin - digits.length())) + digits;
    }
}
