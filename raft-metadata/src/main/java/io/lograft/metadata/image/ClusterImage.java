package io.lograft.metadata.image;

import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.command.MetadataRecord.ClusterRecord;
import io.lograft.metadata.command.MetadataRecord.ProducerIdsRecord;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Predicate;
import org.pcollections.TreePMap;

/**
 * All metadata after one entry of the log. Immutable; may be read by any thread. Two images are equal where their index
 * and all their entities are.
 */
public final class ClusterImage {
    private static final ClusterImage EMPTY =
            new ClusterImage(0, "", 0, 0, TreePMap.empty(), TreePMap.empty(), TreePMap.empty());

    private final long index;
    private final String clusterId;
    private final int metadataVersion;
    private final long nextProducerId;
    private final TreePMap<BrokerId, BrokerImage> brokers;
    private final TreePMap<TopicId, TopicImage> topicsById;
    private final TreePMap<String, TopicId> topicIdsByName;

    ClusterImage(
            long index,
            String clusterId,
            int metadataVersion,
            long nextProducerId,
            TreePMap<BrokerId, BrokerImage> brokers,
            TreePMap<TopicId, TopicImage> topicsById,
            TreePMap<String, TopicId> topicIdsByName) {
        this.index = index;
        this.clusterId = clusterId;
        this.metadataVersion = metadataVersion;
        this.nextProducerId = nextProducerId;
        this.brokers = brokers;
        this.topicsById = topicsById;
        this.topicIdsByName = topicIdsByName;
    }

    /** The image before the first entry of the log. */
    public static ClusterImage empty() {
        return EMPTY;
    }

    /**
     * The image after the log entry of that index, which led to these records (none, where it was refused).
     *
     * @throws IllegalStateException where a record does not fit (a partition of an unknown topic, say) or the index
     *     does not rise: the log or the store is corrupt, and the node must stop
     */
    public ClusterImage apply(long newIndex, List<MetadataRecord> records) {
        if (newIndex <= index) {
            throw new IllegalStateException("metadata index " + newIndex + " does not follow " + index);
        }
        ImageBatch batch = new ImageBatch(brokers, topicsById, topicIdsByName);
        ClusterRecord cluster = new ClusterRecord(clusterId, metadataVersion);
        ProducerIdsRecord producerIds = new ProducerIdsRecord(nextProducerId);
        for (MetadataRecord record : records) {
            switch (record) {
                case ClusterRecord changed -> cluster = changed;
                case ProducerIdsRecord changed -> producerIds = changed;
                case MetadataRecord.BrokerRecord changed -> batch.put(changed);
                case MetadataRecord.TopicRecord changed -> batch.put(changed);
                case MetadataRecord.PartitionRecord changed -> batch.put(changed);
                case MetadataRecord.RemoveTopicRecord removed -> batch.remove(removed);
            }
        }
        return batch.finish(newIndex, cluster, producerIds);
    }

    /** Index of the last log entry that is in this image; 0 for none. */
    public long index() {
        return index;
    }

    /** Empty while the cluster is not formed. */
    public String clusterId() {
        return clusterId;
    }

    /** The version of commands and records that are in use; 0 while the cluster is not formed. */
    public int metadataVersion() {
        return metadataVersion;
    }

    public long nextProducerId() {
        return nextProducerId;
    }

    /** All brokers that ever registered, by id. */
    public SortedMap<BrokerId, BrokerImage> brokers() {
        return brokers;
    }

    public Optional<BrokerImage> broker(BrokerId id) {
        return Optional.ofNullable(brokers.get(id));
    }

    /** All topics, ordered by id. */
    public Collection<TopicImage> topics() {
        return topicsById.values();
    }

    /** Ids of all topics, ordered by name. */
    public SortedMap<String, TopicId> topicIdsByName() {
        return topicIdsByName;
    }

    public Optional<TopicImage> topic(TopicId id) {
        return Optional.ofNullable(topicsById.get(id));
    }

    public Optional<TopicImage> topic(String name) {
        return Optional.ofNullable(topicIdsByName.get(name)).map(topicsById::get);
    }

    public Optional<PartitionImage> partition(PartitionId id) {
        return topic(id.topic()).flatMap(topic -> topic.partition(id.partition()));
    }

    public int topicCount() {
        return topicsById.size();
    }

    /** Number of partitions of all topics; walks over the topics. */
    public int partitionCount() {
        int count = 0;
        for (TopicImage topic : topics()) {
            count += topic.partitions().size();
        }
        return count;
    }

    /** Number of partitions whose in-sync set lacks a replica; walks over all partitions. */
    public int underReplicatedCount() {
        return count(PartitionImage::isUnderReplicated);
    }

    /** Number of partitions without a leader; walks over all partitions. */
    public int offlineCount() {
        return count(partition -> !partition.hasLeader());
    }

    /** Number of partitions whose present leader was elected uncleanly; walks over all partitions. */
    public int uncleanCount() {
        return count(PartitionImage::isUnclean);
    }

    private int count(Predicate<PartitionImage> condition) {
        int count = 0;
        for (TopicImage topic : topics()) {
            for (PartitionImage partition : topic.partitions()) {
                count += condition.test(partition) ? 1 : 0;
            }
        }
        return count;
    }

    /** The records that make this image from an empty one, in the order of their keys. */
    public List<MetadataRecord> toRecords() {
        List<MetadataRecord> records = new ArrayList<>();
        for (BrokerImage broker : brokers.values()) {
            records.add(broker.toRecord());
        }
        if (!clusterId.isEmpty()) {
            records.add(new ClusterRecord(clusterId, metadataVersion));
        }
        if (nextProducerId != 0) {
            records.add(new ProducerIdsRecord(nextProducerId));
        }
        for (TopicImage topic : topics()) {
            records.add(topic.toRecord());
            for (PartitionImage partition : topic.partitions()) {
                records.add(partition.toRecord(topic.id()));
            }
        }
        return records;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClusterImage that
                && index == that.index
                && clusterId.equals(that.clusterId)
                && metadataVersion == that.metadataVersion
                && nextProducerId == that.nextProducerId
                && brokers.equals(that.brokers)
                && topicsById.equals(that.topicsById);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(index) * 31 + clusterId.hashCode();
    }

    /** A summary for logs. */
    @Override
    public String toString() {
        return "image " + index + " of cluster '" + clusterId + "': " + brokers.size() + " brokers, " + topicCount()
                + " topics";
    }
}
