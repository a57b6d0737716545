package io.lograft.metadata.control;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand.AlterTopic;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Changes the settings of a topic that is there. */
final class TopicSettings {
    private static final String CLEANUP_POLICY = "cleanup.policy";

    private TopicSettings() {}

    static Decision alter(ClusterImage image, AlterTopic command) {
        Optional<TopicImage> found = image.topic(command.name());
        if (found.isEmpty()) {
            return Decision.refused(
                    ErrorCode.UNKNOWN_TOPIC, "no topic has the name '" + TopicRules.abbreviate(command.name()) + "'");
        }
        TopicImage topic = found.get();
        Optional<CommandReply> refusal = check(topic, command);
        if (refusal.isPresent()) {
            return new Decision(List.of(), refusal.get());
        }
        TopicImage altered = altered(topic, command);
        CommandReply reply = CommandReply.ok(
                new CommandReply.TopicOutcome(topic.id(), topic.partitions().size(), topic.replicationFactor()));
        if (command.validateOnly() || altered.equals(topic)) {
            return new Decision(List.of(), reply);
        }
        List<MetadataRecord> records = new ArrayList<>();
        records.add(altered.toRecord());
        for (PartitionImage partition : topic.partitions()) {
            if (altered.minimum(partition) != topic.minimum(partition)) {
                records.add(underNewMinimum(altered, partition).toRecord(topic.id()));
            }
        }
        return new Decision(records, reply);
    }

    private static TopicImage altered(TopicImage topic, AlterTopic command) {
        NavigableMap<String, String> configs = new TreeMap<>(topic.configs());
        configs.putAll(command.set());
        command.remove().forEach(configs::remove);
        int minimum = TopicRules.takeMinimum(configs, topic.minInsyncReplicas());
        FlushMode flushMode = TopicRules.takeFlushMode(configs, topic.flushMode());
        return new TopicImage(
                topic.id(), topic.name(), minimum, flushMode, configs, topic.internal(), topic.partitions());
    }

    /**
     * An in-sync set that is large enough now may commit without whoever left it while it was not; where it is too small
     * now, those who leave from here on are eligible. In-sync sets that were computed under the former minimum are refused.
     */
    private static PartitionImage underNewMinimum(TopicImage topic, PartitionImage partition) {
        PartitionDraft draft = new PartitionDraft(topic, partition);
        draft.changeIsr(partition.isr());
        return draft.fresh();
    }

    private static Optional<CommandReply> check(TopicImage topic, AlterTopic command) {
        Optional<CommandReply> refusal =
                TopicRules.checkConfigs(command.set()).or(() -> TopicRules.checkKeys(command.remove()));
        if (refusal.isPresent()) {
            return refusal;
        }
        for (String own : List.of(TopicRules.MIN_INSYNC_REPLICAS, TopicRules.FLUSH_MODE)) {
            if (command.remove().contains(own)) {
                return invalid("topic setting " + own + " cannot be taken away, as each topic has its own; set it");
            }
        }
        for (String key : command.remove()) {
            if (command.set().containsKey(key)) {
                return invalid("topic setting " + key + " is to be set and removed at once");
            }
        }
        // Without its compaction the topic of consumer groups would forget committed offsets by their age.
        return topic.internal() && isTouched(command, CLEANUP_POLICY)
                ? invalid("topic setting " + CLEANUP_POLICY + " of '" + topic.name() + "' belongs to the brokers")
                : Optional.empty();
    }

    private static boolean isTouched(AlterTopic command, String key) {
        return command.set().containsKey(key) || command.remove().contains(key);
    }

    private static Optional<CommandReply> invalid(String message) {
        return Optional.of(CommandReply.refused(ErrorCode.INVALID_CONFIG, message));
    }
}
