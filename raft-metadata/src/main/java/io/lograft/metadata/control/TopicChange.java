package io.lograft.metadata.control;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand.AddPartitions;
import io.lograft.metadata.command.MetadataCommand.CreateTopic;
import io.lograft.metadata.command.MetadataCommand.DeleteTopic;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.command.MetadataRecord.PartitionRecord;
import io.lograft.metadata.command.MetadataRecord.RemoveTopicRecord;
import io.lograft.metadata.command.MetadataRecord.TopicRecord;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes and removes topics. */
final class TopicChange {
    private TopicChange() {}

    static Decision create(ClusterImage image, CreateTopic command) {
        Optional<CommandReply> refusal =
                TopicRules.checkName(command.name()).or(() -> TopicRules.checkConfigs(command.configs()));
        if (refusal.isPresent()) {
            return new Decision(List.of(), refusal.get());
        }
        if (command.name().equals(TopicRules.OFFSETS_TOPIC) && !command.internal()) {
            return Decision.refused(
                    ErrorCode.INVALID_TOPIC_NAME,
                    "'" + command.name()
                            + "' is the brokers' own topic for consumer groups, made with the first group");
        }
        Optional<TopicImage> present = image.topic(command.name());
        if (present.isPresent()) {
            return exists(command, present.get());
        }
        if (image.topic(command.id()).isPresent()) {
            return Decision.refused(ErrorCode.INVALID_REQUEST, "another topic has the id " + command.id());
        }
        TopicDefaults defaults = command.defaults();
        int live = TopicPlacement.candidates(image).size();
        int partitionCount = command.partitionCount() == 0 ? defaults.partitionCount() : command.partitionCount();
        int replicationFactor = command.replicationFactor() == 0
                ? Math.min(defaults.replicationFactor(), Math.max(1, live))
                : command.replicationFactor();
        if (partitionCount < 1 || partitionCount > TopicRules.PARTITIONS_MAX) {
            return Decision.refused(
                    ErrorCode.INVALID_PARTITION_COUNT,
                    "topic " + command.name() + " with " + partitionCount + " partitions, allowed are 1 to "
                            + TopicRules.PARTITIONS_MAX);
        }
        if (replicationFactor < 1 || replicationFactor > Math.min(live, TopicRules.REPLICAS_MAX)) {
            return Decision.refused(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    "topic " + command.name() + " with replication factor " + replicationFactor + ", but " + live
                            + " brokers are live"
                            + (live > TopicRules.REPLICAS_MAX
                                    ? ", and " + TopicRules.REPLICAS_MAX + " is the most"
                                    : ""));
        }
        CommandReply reply =
                CommandReply.ok(new CommandReply.TopicOutcome(command.id(), partitionCount, replicationFactor));
        List<MetadataRecord> records =
                command.validateOnly() ? List.of() : records(image, command, partitionCount, replicationFactor);
        return new Decision(records, reply);
    }

    static Decision delete(ClusterImage image, DeleteTopic command) {
        Optional<TopicImage> topic = image.topic(command.name())
                .filter(found -> command.id().isEmpty() || command.id().get().equals(found.id()));
        if (topic.isEmpty()) {
            String id = command.id().map(wanted -> " and the id " + wanted).orElse("");
            return unknown(command.name(), id);
        }
        if (topic.get().internal()) {
            return Decision.refused(
                    ErrorCode.INVALID_REQUEST, "'" + command.name() + "' belongs to the brokers and cannot be deleted");
        }
        TopicId id = topic.get().id();
        int partitionCount = topic.get().partitions().size();
        return new Decision(
                List.of(new RemoveTopicRecord(id, partitionCount)),
                CommandReply.ok(new CommandReply.TopicOutcome(
                        id, partitionCount, topic.get().replicationFactor())));
    }

    /** The same command again, as its sender did not hear the reply, is carried out already. */
    private static Decision exists(CreateTopic command, TopicImage present) {
        if (present.id().equals(command.id())) {
            return new Decision(
                    List.of(),
                    CommandReply.ok(new CommandReply.TopicOutcome(
                            present.id(), present.partitions().size(), present.replicationFactor())));
        }
        return Decision.refused(
                ErrorCode.TOPIC_ALREADY_EXISTS,
                "topic " + command.name() + " exists, with "
                        + present.partitions().size() + " partitions and id " + present.id());
    }

    private static List<MetadataRecord> records(
            ClusterImage image, CreateTopic command, int partitionCount, int replicationFactor) {
        List<MetadataRecord> records = new ArrayList<>(partitionCount + 1);
        records.add(topicRecord(command));
        List<List<ReplicaAssignment>> placement =
                TopicPlacement.place(image, partitionCount, replicationFactor, command.placementSeed());
        for (int partition = 0; partition < partitionCount; partition++) {
            records.add(partitionRecord(new PartitionId(command.id(), partition), placement.get(partition)));
        }
        return records;
    }

    /** A partition that is new: all replicas are in sync, the first one leads. */
    private static PartitionRecord partitionRecord(PartitionId id, List<ReplicaAssignment> replicas) {
        List<BrokerId> isr = replicas.stream().map(ReplicaAssignment::broker).toList();
        return new PartitionRecord(
                id, replicas, isr, List.of(), List.of(), isr.get(0).value(), 0, 0, -1, Optional.empty());
    }

    static Decision addPartitions(ClusterImage image, AddPartitions command) {
        Optional<TopicImage> topic = image.topic(command.name());
        if (topic.isEmpty()) {
            return unknown(command.name(), "");
        }
        if (topic.get().internal()) {
            return Decision.refused(
                    ErrorCode.INVALID_REQUEST,
                    "'" + command.name() + "' belongs to the brokers; groups would move to other partitions");
        }
        int present = topic.get().partitions().size();
        if (command.partitionCount() < present || command.partitionCount() > TopicRules.PARTITIONS_MAX) {
            return Decision.refused(
                    ErrorCode.INVALID_PARTITION_COUNT,
                    "topic " + command.name() + " has " + present + " partitions, allowed are " + present + " to "
                            + TopicRules.PARTITIONS_MAX + ", not " + command.partitionCount());
        }
        int replicationFactor = topic.get().replicationFactor();
        int live = TopicPlacement.candidates(image).size();
        int added = command.partitionCount() - present;
        if (replicationFactor > live && added > 0) {
            return Decision.refused(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    "topic " + command.name() + " has replication factor " + replicationFactor + ", but " + live
                            + " brokers are live");
        }
        List<MetadataRecord> records = new ArrayList<>(added);
        List<List<ReplicaAssignment>> placement =
                added == 0 ? List.of() : TopicPlacement.place(image, added, replicationFactor, command.placementSeed());
        for (int index = 0; index < added; index++) {
            PartitionId id = new PartitionId(topic.get().id(), present + index);
            records.add(partitionRecord(id, placement.get(index)));
        }
        return new Decision(
                records,
                CommandReply.ok(
                        new CommandReply.TopicOutcome(topic.get().id(), command.partitionCount(), replicationFactor)));
    }

    private static Decision unknown(String name, String andId) {
        return Decision.refused(
                ErrorCode.UNKNOWN_TOPIC, "no topic has the name '" + TopicRules.abbreviate(name) + "'" + andId);
    }

    /** The two settings that every topic has of its own stand in the record by themselves. */
    private static TopicRecord topicRecord(CreateTopic command) {
        SortedMap<String, String> configs = new TreeMap<>(command.configs());
        int minimum = TopicRules.takeMinimum(configs, command.defaults().minInsyncReplicas());
        FlushMode flushMode =
                TopicRules.takeFlushMode(configs, command.defaults().flushMode());
        return new TopicRecord(command.id(), command.name(), minimum, flushMode, configs, command.internal());
    }
}
