package io.lograft.metadata.control;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The changes of a command that is about several partitions, each of which is decided by itself: a later part sees what
 * an earlier one did to the same partition. Used by one thread, for one command.
 */
final class PartitionChanges {

    /** What becomes of one part whose partition exists. */
    interface Part {
        CommandReply decide(TopicImage topic, PartitionImage partition);
    }

    private final ClusterImage image;
    private final Map<PartitionId, PartitionImage> changed = new TreeMap<>();

    PartitionChanges(ClusterImage image) {
        this.image = image;
    }

    /**
     * Decides a part.
     *
     * @param refusal makes the reply out of a code and the reason
     */
    CommandReply decide(PartitionId id, Refusal refusal, Part part) {
        TopicImage topic = image.topic(id.topic()).orElse(null);
        if (topic == null) {
            return refusal.of(ErrorCode.UNKNOWN_TOPIC, "no topic has this id");
        }
        PartitionImage partition = changed.get(id);
        if (partition == null) {
            partition = topic.partition(id.partition()).orElse(null);
        }
        if (partition == null) {
            return refusal.of(
                    ErrorCode.UNKNOWN_PARTITION,
                    "topic " + topic.name() + " has " + topic.partitions().size() + " partitions");
        }
        return part.decide(topic, partition);
    }

    /** Notes the new state of a partition. */
    CommandReply put(PartitionId id, PartitionImage partition) {
        changed.put(id, partition);
        return CommandReply.OK;
    }

    /** The command's outcome, once all its parts are decided. */
    <T> Decision decideAll(List<T> parts, Function<T, CommandReply> decide) {
        List<CommandReply> replies = new ArrayList<>(parts.size());
        parts.forEach(part -> replies.add(decide.apply(part)));
        List<MetadataRecord> records = new ArrayList<>(changed.size());
        changed.forEach((id, partition) -> records.add(partition.toRecord(id.topic())));
        return new Decision(records, CommandReply.ok(new CommandReply.Parts(replies)));
    }

    /** Makes a refusal that says which part it is about. */
    interface Refusal {
        CommandReply of(ErrorCode code, String why);
    }
}
