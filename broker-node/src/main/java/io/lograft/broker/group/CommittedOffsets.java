package io.lograft.broker.group;

import io.lograft.broker.group.GroupRecord.Offset;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** What all groups of a shard have committed. Owned by: the shard's loop. */
final class CommittedOffsets {
    private final Map<String, SortedMap<PartitionId, CommittedOffset>> byGroup = new HashMap<>();

    void replay(Offset record) {
        if (record.committed().isPresent()) {
            byGroup.computeIfAbsent(record.groupId(), id -> new TreeMap<>())
                    .put(record.partition(), record.committed().get());
            return;
        }
        byGroup.computeIfPresent(record.groupId(), (id, offsets) -> {
            offsets.remove(record.partition());
            return offsets.isEmpty() ? null : offsets;
        });
    }

    boolean hasAny(String groupId) {
        return byGroup.containsKey(groupId);
    }

    /** Ids of groups that have any, sorted. */
    List<String> groups() {
        return byGroup.keySet().stream().sorted().toList();
    }

    /** A copy. */
    SortedMap<PartitionId, CommittedOffset> of(String groupId) {
        return new TreeMap<>(byGroup.getOrDefault(groupId, Collections.emptySortedMap()));
    }

    /** The records that remove all of a group. */
    List<GroupRecord> removal(String groupId) {
        return removal(groupId, (partition, committed) -> true);
    }

    /** Those that remove what was committed at this time or before. */
    List<GroupRecord> removalOlderThan(String groupId, long boundMs) {
        return removal(groupId, (partition, committed) -> committed.committedAtMs() <= boundMs);
    }

    /** Those that remove what was committed for such topics, of all groups. */
    List<GroupRecord> removalOfTopics(Predicate<TopicId> isGone) {
        List<GroupRecord> records = new ArrayList<>();
        for (String groupId : groups()) {
            records.addAll(removal(groupId, (partition, committed) -> isGone.test(partition.topic())));
        }
        return records;
    }

    private List<GroupRecord> removal(
            String groupId, java.util.function.BiPredicate<PartitionId, CommittedOffset> isTo) {
        List<GroupRecord> records = new ArrayList<>();
        of(groupId).forEach((partition, committed) -> {
            if (isTo.test(partition, committed)) {
                records.add(new Offset(groupId, partition, Optional.empty()));
            }
        });
        return records;
    }
}
