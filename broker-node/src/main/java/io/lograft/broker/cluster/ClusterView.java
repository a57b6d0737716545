package io.lograft.broker.cluster;

import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Turns changes of the image into calls about the partitions that one broker has a replica of: first what is removed,
 * then what changed, each in the order of ids. A change that leaves a partition and its topic as they were is not
 * reported.
 *
 * <p>Owned by: metadata loop.
 */
public final class ClusterView implements ImageListener {
    private final BrokerId self;
    private final PartitionListener listener;

    /** Reports to one listener what concerns one broker. */
    public ClusterView(BrokerId self, PartitionListener listener) {
        this.self = self;
        this.listener = listener;
    }

    @Override
    public void imageChanged(ClusterImage before, ClusterImage now, Optional<List<MetadataRecord>> records) {
        SortedSet<TopicId> topics = records.map(ClusterView::topicsOf).orElseGet(() -> topicsOf(before, now));
        for (TopicId topic : topics) {
            before.topic(topic).ifPresent(old -> reportRemoved(old, now.topic(topic)));
        }
        for (TopicId topic : topics) {
            now.topic(topic).ifPresent(changed -> reportChanged(before.topic(topic), changed));
        }
    }

    private static SortedSet<TopicId> topicsOf(List<MetadataRecord> records) {
        SortedSet<TopicId> topics = new TreeSet<>();
        for (MetadataRecord record : records) {
            switch (record) {
                case MetadataRecord.TopicRecord topic -> topics.add(topic.id());
                case MetadataRecord.PartitionRecord partition ->
                    topics.add(partition.id().topic());
                case MetadataRecord.RemoveTopicRecord removed -> topics.add(removed.id());
                case MetadataRecord.BrokerRecord broker -> {}
                case MetadataRecord.ClusterRecord cluster -> {}
                case MetadataRecord.ProducerIdsRecord producerIds -> {}
            }
        }
        return topics;
    }

    private static SortedSet<TopicId> topicsOf(ClusterImage before, ClusterImage now) {
        SortedSet<TopicId> topics = new TreeSet<>();
        before.topics().forEach(topic -> topics.add(topic.id()));
        now.topics().forEach(topic -> topics.add(topic.id()));
        return topics;
    }

    private void reportRemoved(TopicImage old, Optional<TopicImage> now) {
        for (PartitionImage partition : old.partitions()) {
            boolean isStillHere = now.flatMap(topic -> topic.partition(partition.partition()))
                    .filter(changed -> changed.isReplica(self))
                    .isPresent();
            if (partition.isReplica(self) && !isStillHere) {
                listener.partitionRemoved(new PartitionId(old.id(), partition.partition()));
            }
        }
    }

    private void reportChanged(Optional<TopicImage> old, TopicImage now) {
        boolean isTopicChanged =
                old.map(topic -> !topic.toRecord().equals(now.toRecord())).orElse(true);
        for (PartitionImage partition : now.partitions()) {
            Optional<PartitionImage> oldPartition = old.flatMap(topic -> topic.partition(partition.partition()));
            if (partition.isReplica(self) && (isTopicChanged || !oldPartition.equals(Optional.of(partition)))) {
                listener.partitionChanged(new PartitionId(now.id(), partition.partition()), now, partition);
            }
        }
    }
}
