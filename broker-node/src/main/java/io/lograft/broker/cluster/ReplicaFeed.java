package io.lograft.broker.cluster;

import io.lograft.broker.replica.runtime.ReplicaSpec;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Brings the replicas of this broker to what the metadata say, from the moment on at which the broker is let in for the
 * first time. A replica is told whenever what concerns it differs from what it was told last: its partition, its topic,
 * or the registrations of its peers.
 *
 * <p>Owned by: metadata loop.
 */
public final class ReplicaFeed implements ImageListener {
    private final BrokerId self;
    private final ReplicaKeeper host;
    private final Map<PartitionId, ReplicaSpec> told = new HashMap<>();
    private ReplicaDefaults defaults;
    private boolean isActive;

    /** Feeds nothing before the broker is let in under the epoch that {@link #registered} tells. */
    public ReplicaFeed(BrokerId self, ReplicaKeeper host, ReplicaDefaults defaults) {
        this.self = self;
        this.host = host;
        this.defaults = defaults;
    }

    /** This process has a new registration. */
    public void registered(long brokerEpoch) {
        defaults = new ReplicaDefaults(brokerEpoch, defaults.log(), defaults.produce());
    }

    /** True once replicas may run: the broker has been let in. */
    public boolean isActive() {
        return isActive;
    }

    @Override
    public void imageChanged(ClusterImage before, ClusterImage now, Optional<List<MetadataRecord>> records) {
        if (!isActive) {
            isActive = now.broker(self)
                    .filter(own -> own.epoch() == defaults.brokerEpoch() && own.isLive())
                    .isPresent();
            if (isActive) {
                host.removeUnknown(directories(now));
                feedAll(now);
            }
            return;
        }
        Set<PartitionId> concerned = new HashSet<>();
        boolean isPartial = records.isPresent() && records.get().stream().allMatch(r -> concerns(r, concerned));
        if (isPartial) {
            concerned.forEach(partition -> feed(now, partition));
        } else {
            feedAll(now);
        }
    }

    /** Notes the partition that a record is about; false where it may concern any. */
    private static boolean concerns(MetadataRecord record, Set<PartitionId> concerned) {
        return switch (record) {
            case MetadataRecord.PartitionRecord partition -> {
                concerned.add(partition.id());
                yield true;
            }
            case MetadataRecord.ClusterRecord cluster -> true;
            case MetadataRecord.ProducerIdsRecord ids -> true;
            case MetadataRecord.BrokerRecord broker -> false;
            case MetadataRecord.TopicRecord topic -> false;
            case MetadataRecord.RemoveTopicRecord removed -> false;
        };
    }

    private Set<PartitionId> ownPartitions(ClusterImage image) {
        Set<PartitionId> own = new HashSet<>();
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.isReplica(self)) {
                    own.add(new PartitionId(topic.id(), partition.partition()));
                }
            }
        }
        return own;
    }

    private Map<PartitionId, DirectoryId> directories(ClusterImage image) {
        Map<PartitionId, DirectoryId> directories = new HashMap<>();
        ownPartitions(image)
                .forEach(id -> image.partition(id).ifPresent(found -> directories.put(id, directory(found))));
        return directories;
    }

    private DirectoryId directory(PartitionImage partition) {
        return partition.replica(self).map(ReplicaAssignment::directory).orElse(DirectoryId.UNASSIGNED);
    }

    private void feedAll(ClusterImage now) {
        Set<PartitionId> own = ownPartitions(now);
        for (PartitionId gone :
                told.keySet().stream().filter(id -> !own.contains(id)).sorted().toList()) {
            remove(gone);
        }
        own.stream().sorted().forEach(partition -> feed(now, partition));
    }

    private void feed(ClusterImage now, PartitionId id) {
        Optional<TopicImage> topic = now.topic(id.topic());
        Optional<PartitionImage> partition =
                topic.flatMap(t -> t.partition(id.partition())).filter(p -> p.isReplica(self));
        if (partition.isEmpty()) {
            remove(id);
            return;
        }
        ReplicaSpec spec = Configurations.spec(now, topic.get(), partition.get(), self, defaults);
        if (!spec.equals(told.put(id, spec))) {
            host.configure(spec, directory(partition.get()));
        }
    }

    private void remove(PartitionId id) {
        ReplicaSpec old = told.remove(id);
        if (old != null) {
            host.remove(id, old.name());
        }
    }
}
