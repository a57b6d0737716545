package io.lograft.metadata.control;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand.AlterTopic;
import io.lograft.metadata.command.MetadataRecord.TopicRecord;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.ErrorCode;
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
        NavigableMap<String, String> configs = new TreeMap<>(topic.configs());
        configs.putAll(command.set());
        command.remove().forEach(configs::remove);
        CommandReply reply = CommandReply.ok(
                new CommandReply.TopicOutcome(topic.id(), topic.partitions().size(), topic.replicationFactor()));
        if (command.validateOnly() || configs.equals(topic.configs())) {
            return new Decision(List.of(), reply);
        }
        TopicRecord record = topic.toRecord();
        return new Decision(
                List.of(new TopicRecord(
                        record.id(),
                        record.name(),
                        record.minInsyncReplicas(),
                        record.flushMode(),
                        configs,
                        record.internal())),
                reply);
    }

    private static Optional<CommandReply> check(TopicImage topic, AlterTopic command) {
        Optional<CommandReply> refusal =
                TopicRules.checkConfigs(command.set()).or(() -> TopicRules.checkKeys(command.remove()));
        if (refusal.isPresent()) {
            return refusal;
        }
        for (String fixed : List.of(TopicRules.MIN_INSYNC_REPLICAS, TopicRules.FLUSH_MODE)) {
            if (isTouched(command, fixed)) {
                return invalid("topic setting " + fixed + " is fixed when the topic is made");
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
