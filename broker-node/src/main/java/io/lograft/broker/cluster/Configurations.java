package io.lograft.broker.cluster;

import io.lograft.broker.log.config.CleanupConfig;
import io.lograft.broker.log.config.CompactionConfig;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.config.RetentionConfig;
import io.lograft.broker.produce.ProduceRules;
import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.broker.replica.PartitionConfiguration.Member;
import io.lograft.broker.replica.runtime.ReplicaSpec;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the metadata say about a partition, in the words of its replica. Pure. */
final class Configurations {
    private Configurations() {}

    /** How one broker is to run its replica. */
    static ReplicaSpec spec(
            ClusterImage image, TopicImage topic, PartitionImage partition, BrokerId self, ReplicaDefaults defaults) {
        List<Member> members = partition.replicas().stream()
                .map(replica -> member(image, partition, replica))
                .toList();
        PartitionConfiguration configuration = new PartitionConfiguration(
                self,
                defaults.brokerEpoch(),
                partition.hasLeader() ? Optional.of(new BrokerId(partition.leader())) : Optional.empty(),
                partition.leaderEpoch(),
                partition.partitionEpoch(),
                members,
                topic.minimum(partition),
                topic.flushMode(),
                partition.lastUncleanEpoch());
        LogConfig log = logConfig(defaults.log(), topic.configs());
        ProduceRules rules =
                defaults.produce().with(topic.configs(), log.timestamps() == LogConfig.Timestamps.LOG_APPEND_TIME);
        return new ReplicaSpec(
                new PartitionId(topic.id(), partition.partition()),
                new TopicPartition(topic.name(), partition.partition()),
                log,
                log.cleanup().compacts() ? rules.requiringKeys() : rules,
                configuration,
                joining(partition));
    }

    /** Whom a leader sends at a limited rate what has been written before. */
    static ReplicaSpec.Joining joining(PartitionImage partition) {
        return partition
                .reassignment()
                .filter(change -> change.throttleBytesPerSecond() > 0)
                .map(change -> new ReplicaSpec.Joining(
                        change.added().stream()
                                .filter(broker -> !partition.isr().contains(broker))
                                .collect(Collectors.toSet()),
                        change.throttleBytesPerSecond()))
                .orElse(ReplicaSpec.Joining.NOBODY);
    }

    private static Member member(ClusterImage image, PartitionImage partition, ReplicaAssignment replica) {
        BrokerId id = replica.broker();
        Optional<BrokerImage> broker = image.broker(id);
        return new Member(
                id,
                broker.map(BrokerImage::epoch).orElse(-1L),
                partition.isr().contains(id),
                partition.eligible().contains(id),
                broker.map(own -> own.isAvailable(replica.directory())).orElse(false));
    }

    /** A topic's own settings over the broker's; the quorum has checked their values. */
    static LogConfig logConfig(LogConfig broker, Map<String, String> topic) {
        LogConfig config = broker;
        Optional<Integer> segmentBytes = intSetting(topic, "segment.bytes");
        if (segmentBytes.isPresent()) {
            config = config.withSegmentBytes(segmentBytes.get());
        }
        if (topic.containsKey("segment.ms")) {
            config = config.withSegmentAge(Duration.ofMillis(Long.parseLong(topic.get("segment.ms"))));
        }
        Optional<Integer> indexInterval = intSetting(topic, "index.interval.bytes");
        if (indexInterval.isPresent()) {
            config = config.withIndexIntervalBytes(indexInterval.get());
        }
        if (topic.containsKey("message.timestamp.type")) {
            config = config.withTimestamps(
                    topic.get("message.timestamp.type").equals("LogAppendTime")
                            ? LogConfig.Timestamps.LOG_APPEND_TIME
                            : LogConfig.Timestamps.CREATE_TIME);
        }
        return config.withCleanup(cleanup(broker.cleanup(), topic));
    }

    private static CleanupConfig cleanup(CleanupConfig broker, Map<String, String> topic) {
        Optional<List<String>> policy = Optional.ofNullable(topic.get("cleanup.policy"))
                .map(words -> Stream.of(words.split(",", -1)).map(String::strip).toList());
        RetentionConfig retention = new RetentionConfig(
                longSetting(topic, "retention.ms").orElse(broker.retention().ms()),
                longSetting(topic, "retention.bytes").orElse(broker.retention().bytes()));
        CompactionConfig former = broker.compaction();
        CompactionConfig compaction = new CompactionConfig(
                Optional.ofNullable(topic.get("min.cleanable.dirty.ratio"))
                        .map(Double::valueOf)
                        .orElse(former.dirtyRatioMin()),
                longSetting(topic, "min.compaction.lag.ms").orElse(former.lagMinMs()),
                longSetting(topic, "max.compaction.lag.ms").orElse(former.lagMaxMs()),
                longSetting(topic, "delete.retention.ms").orElse(former.tombstoneMs()));
        return new CleanupConfig(
                policy.map(words -> words.contains("delete")).orElse(broker.deletes()),
                policy.map(words -> words.contains("compact")).orElse(broker.compacts()),
                retention,
                compaction);
    }

    private static Optional<Long> longSetting(Map<String, String> topic, String key) {
        return Optional.ofNullable(topic.get(key)).map(Long::valueOf);
    }

    private static Optional<Integer> intSetting(Map<String, String> topic, String key) {
        return Optional.ofNullable(topic.get(key)).map(Integer::valueOf);
    }
}
