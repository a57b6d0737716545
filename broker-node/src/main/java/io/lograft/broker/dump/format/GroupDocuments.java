package io.lograft.broker.dump.format;

import io.lograft.broker.group.CommittedOffset;
import io.lograft.broker.group.GroupRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Records of the group log as values of a document: what they say of which group. Pure. */
public final class GroupDocuments {
    private GroupDocuments() {}

    /** A record of {@code __consumer_offsets}, decoded; empty: of a kind that this version does not know. */
    public static Map<String, Object> group(Optional<GroupRecord> decoded) {
        if (decoded.isEmpty()) {
            return fields("type", "unknown");
        }
        return switch (decoded.get()) {
            case GroupRecord.ClassicGroup group -> classic(group);
            case GroupRecord.ConsumerGroup group ->
                fields(
                        "type", "consumer-group",
                        "groupId", group.groupId(),
                        "epoch", group.epoch(),
                        "writtenAtMs", group.writtenAtMs());
            case GroupRecord.ConsumerMember member -> member(member);
            case GroupRecord.Offset offset -> offset(offset);
            case GroupRecord.GroupRemoved removed ->
                fields(
                        "type",
                        "group-removed",
                        "groupId",
                        removed.groupId(),
                        "protocol",
                        removed.kind().toString());
        };
    }

    private static Map<String, Object> classic(GroupRecord.ClassicGroup group) {
        GroupRecord.ClassicGeneration generation = group.generation();
        List<Map<String, Object>> members = generation.members().stream()
                .map(member -> fields(
                        "memberId", member.identity().memberId(),
                        "instanceId", member.identity().instanceId(),
                        "clientId", member.identity().clientId(),
                        "clientHost", member.identity().clientHost(),
                        "assignmentBytes", member.assignment().size()))
                .toList();
        return fields(
                "type", "classic-group",
                "groupId", group.groupId(),
                "generation", generation.generationId(),
                "protocol", generation.protocolName(),
                "leaderId", generation.leaderId(),
                "writtenAtMs", generation.writtenAtMs(),
                "members", members);
    }

    private static Map<String, Object> member(GroupRecord.ConsumerMember member) {
        Map<String, Object> fields =
                fields("type", "consumer-member", "groupId", member.groupId(), "memberId", member.memberId());
        Optional<GroupRecord.ConsumerMemberState> state = member.state();
        fields.put("isRemoved", state.isEmpty());
        state.ifPresent(known -> {
            fields.put("instanceId", known.identity().instanceId());
            fields.put("clientId", known.identity().clientId());
            fields.put("memberEpoch", known.memberEpoch());
            fields.put("topics", known.subscription().topics());
            fields.put("pattern", known.subscription().pattern());
            fields.put("assigned", held(known.holdings().assigned()));
            fields.put("revoking", held(known.holdings().revoking()));
            fields.put("isAway", known.isAway());
        });
        return fields;
    }

    private static List<String> held(List<GroupRecord.HeldPartition> partitions) {
        return partitions.stream()
                .map(held -> held.partition().topic() + "-" + held.partition().partition())
                .toList();
    }

    private static Map<String, Object> offset(GroupRecord.Offset offset) {
        Map<String, Object> fields = fields(
                "type", "offset",
                "groupId", offset.groupId(),
                "topicId", offset.partition().topic().toString(),
                "partition", offset.partition().partition());
        Optional<CommittedOffset> committed = offset.committed();
        fields.put("isRemoved", committed.isEmpty());
        committed.ifPresent(known -> {
            fields.put("offset", known.offset());
            fields.put("leaderEpoch", known.leaderEpoch());
            fields.put("metadata", known.metadata());
            fields.put("committedAtMs", known.committedAtMs());
        });
        return fields;
    }

    private static Map<String, Object> fields(Object... namesAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }
}
