package io.lograft.metadata.image;

import io.lograft.metadata.command.MetadataRecord.BrokerRecord;
import io.lograft.metadata.command.MetadataRecord.ClusterRecord;
import io.lograft.metadata.command.MetadataRecord.PartitionRecord;
import io.lograft.metadata.command.MetadataRecord.ProducerIdsRecord;
import io.lograft.metadata.command.MetadataRecord.RemoveTopicRecord;
import io.lograft.metadata.command.MetadataRecord.TopicRecord;
import io.lograft.model.BrokerId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.pcollections.TreePMap;

/**
 * Collects the changes of one log entry, so that the partition list of a topic is copied once however many of its
 * partitions change. Used by one thread, for one image.
 */
final class ImageBatch {
    private TreePMap<BrokerId, BrokerImage> brokers;
    private TreePMap<TopicId, TopicImage> topicsById;
    private TreePMap<String, TopicId> topicIdsByName;
    private final Map<TopicId, List<PartitionImage>> changedPartitions = new TreeMap<>();

    ImageBatch(
            TreePMap<BrokerId, BrokerImage> brokers,
            TreePMap<TopicId, TopicImage> topicsById,
            TreePMap<String, TopicId> topicIdsByName) {
        this.brokers = brokers;
        this.topicsById = topicsById;
        this.topicIdsByName = topicIdsByName;
    }

    void put(BrokerRecord record) {
        brokers = brokers.plus(record.id(), BrokerImage.of(record));
    }

    void put(TopicRecord record) {
        TopicImage present = topicsById.get(record.id());
        check(present == null || present.name().equals(record.name()), () -> "topic renamed by " + record);
        TopicId holder = topicIdsByName.get(record.name());
        check(holder == null || holder.equals(record.id()), () -> "name taken by topic " + holder + ": " + record);
        List<PartitionImage> partitions = present == null ? List.of() : present.partitions();
        topicsById = topicsById.plus(record.id(), TopicImage.of(record, partitions));
        topicIdsByName = topicIdsByName.plus(record.name(), record.id());
    }

    void put(PartitionRecord record) {
        TopicImage topic = topicsById.get(record.id().topic());
        check(topic != null, () -> "no topic for " + record);
        List<PartitionImage> partitions =
                changedPartitions.computeIfAbsent(topic.id(), id -> new ArrayList<>(topic.partitions()));
        int number = record.id().partition();
        check(number <= partitions.size(), () -> "partition leaves a gap after " + partitions.size() + ": " + record);
        if (number == partitions.size()) {
            partitions.add(PartitionImage.of(record));
        } else {
            partitions.set(number, PartitionImage.of(record));
        }
    }

    void remove(RemoveTopicRecord record) {
        TopicImage topic = topicsById.get(record.id());
        check(topic != null, () -> "no topic for " + record);
        changedPartitions.remove(record.id());
        topicsById = topicsById.minus(record.id());
        topicIdsByName = topicIdsByName.minus(topic.name());
    }

    ClusterImage finish(long index, ClusterRecord cluster, ProducerIdsRecord producerIds) {
        for (Map.Entry<TopicId, List<PartitionImage>> changed : changedPartitions.entrySet()) {
            TopicImage topic = topicsById.get(changed.getKey());
            topicsById =
                    topicsById.plus(topic.id(), topic.withPartitions(Collections.unmodifiableList(changed.getValue())));
        }
        return new ClusterImage(
                index,
                cluster.clusterId(),
                cluster.metadataVersion(),
                producerIds.nextProducerId(),
                brokers,
                topicsById,
                topicIdsByName);
    }

    /** The text is made only for a violation: an entry of the log may change thousands of partitions. */
    private static void check(boolean condition, Supplier<String> violation) {
        if (!condition) {
            throw new IllegalStateException("metadata record does not fit: " + violation.get());
        }
    }
}
