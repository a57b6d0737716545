package io.lograft.broker.api;

import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.control.TopicRules;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.BrokerDescription;
import io.lograft.proto.v1.BrokerEndpoint;
import io.lograft.proto.v1.PartitionDescription;
import io.lograft.proto.v1.TopicDescription;
import io.lograft.proto.v1.TopicSummary;
import io.lograft.wire.WireBytes;
import java.util.List;
import java.util.Locale;

/** The parts of an image as clients see them. */
final class ImageMessages {
    private ImageMessages() {}

    /** The description without its counts. */
    static BrokerDescription.Builder broker(BrokerImage broker, ClusterState state) {
        return BrokerDescription.newBuilder()
                .setEndpoint(BrokerEndpoint.newBuilder()
                        .setBrokerId(broker.id().value())
                        .setHost(broker.address().host())
                        .setPort(broker.address().port()))
                .setFenced(broker.fenced())
                .setBrokerEpoch(broker.epoch())
                .setIsVoter(state.voters().contains(broker.id()))
                .setIsController(state.controller().filter(broker.id()::equals).isPresent())
                .setDraining(broker.draining())
                .setOfflineDirectories(broker.directories().offlineIds().size())
                .setFullDirectories(broker.directories().full().size());
    }

    static TopicSummary summary(TopicImage topic) {
        return TopicSummary.newBuilder()
                .setName(topic.name())
                .setTopicId(WireBytes.topicId(topic.id()))
                .setPartitionCount(topic.partitions().size())
                .setReplicationFactor(topic.replicationFactor())
                .setInternal(topic.internal())
                .build();
    }

    static TopicDescription.Builder topic(TopicImage topic) {
        TopicDescription.Builder description = TopicDescription.newBuilder()
                .setName(topic.name())
                .setTopicId(WireBytes.topicId(topic.id()))
                .setInternal(topic.internal())
                .putAllConfigs(topic.configs())
                .putConfigs("min.insync.replicas", Integer.toString(topic.minInsyncReplicas()))
                .putConfigs("flush.mode", topic.flushMode().name().toLowerCase(Locale.ROOT));
        for (PartitionImage partition : topic.partitions()) {
            description.addPartitions(partition(partition));
        }
        return description;
    }

    static TopicDescription unknownTopic(String name) {
        return TopicDescription.newBuilder()
                .setName(name)
                .setFailure(Failures.of(
                        ErrorCode.UNKNOWN_TOPIC, "no topic has the name '" + TopicRules.abbreviate(name) + "'"))
                .build();
    }

    private static PartitionDescription partition(PartitionImage partition) {
        PartitionDescription.Builder description = PartitionDescription.newBuilder()
                .setPartition(partition.partition())
                .setLeader(partition.leader())
                .setLeaderEpoch(partition.leaderEpoch())
                .setPartitionEpoch(partition.partitionEpoch())
                .addAllReplicas(numbers(partition.replicaIds()))
                .addAllIsr(numbers(partition.isr()))
                .addAllEligible(numbers(partition.eligible()))
                .setLastUncleanEpoch(partition.lastUncleanEpoch());
        partition
                .reassignment()
                .ifPresent(change -> description
                        .getReassignmentBuilder()
                        .addAllFormerReplicas(numbers(partition.formerReplicas().stream()
                                .map(ReplicaAssignment::broker)
                                .toList()))
                        .addAllTargetReplicas(numbers(change.target()))
                        .setThrottleBytesPerSecond(change.throttleBytesPerSecond()));
        return description.build();
    }

    private static List<Integer> numbers(List<BrokerId> ids) {
        return ids.stream().map(BrokerId::value).toList();
    }
}
