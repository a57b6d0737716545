package io.lograft.client.assign;

import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.AbstractPartitionAssignor;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;

/** Kafka's own assignors in our terms. */
final class KafkaAssignors {
    private static final Node[] NO_NODES = {};

    private KafkaAssignors() {}

    /** Kafka's class of the same name as ours, under a name of its own. */
    static final class Protocol extends org.apache.kafka.clients.consumer.internals.ConsumerProtocol {}

    /** Nobody and nothing where the assignor fails for a fault of its own. */
    static Map<String, List<TopicPartition>> assign(
            AbstractPartitionAssignor assignor,
            Map<String, Integer> partitionCounts,
            Map<String, MemberSubscription> members) {
        Map<String, Subscription> subscriptions = new LinkedHashMap<>();
        members.forEach((id, member) -> subscriptions.put(id, subscription(member)));
        Map<String, List<PartitionInfo>> infos = new TreeMap<>();
        partitionCounts.forEach((topic, count) -> {
            if (members.values().stream().anyMatch(member -> member.topics().contains(topic))) {
                List<PartitionInfo> partitions = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    partitions.add(new PartitionInfo(topic, i, null, NO_NODES, NO_NODES));
                }
                infos.put(topic, partitions);
            }
        });
        Map<String, List<TopicPartition>> assignment = new TreeMap<>();
        Map<String, List<org.apache.kafka.common.TopicPartition>> theirs;
        try {
            theirs = assignor.assignPartitions(infos, subscriptions);
        } catch (NullPointerException itsFault) {
            return Map.of();
        }
        theirs.forEach((id, partitions) -> assignment.put(
                id,
                partitions.stream()
                        .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                        .sorted()
                        .toList()));
        return assignment;
    }

    static Subscription subscription(MemberSubscription member) {
        Subscription subscription = new Subscription(
                List.copyOf(member.topics()),
                null,
                member.owned().stream().map(KafkaAssignors::kafka).toList(),
                member.generation().orElse(-1),
                Optional.empty());
        subscription.setGroupInstanceId(member.instanceId());
        return subscription;
    }

    static org.apache.kafka.common.TopicPartition kafka(TopicPartition partition) {
        return new org.apache.kafka.common.TopicPartition(partition.topic(), partition.partition());
    }
}
