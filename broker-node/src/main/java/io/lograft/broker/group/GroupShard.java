package io.lograft.broker.group;

import io.lograft.broker.group.GroupRecord.ClassicGroup;
import io.lograft.broker.group.GroupRecord.ConsumerGroup;
import io.lograft.broker.group.GroupRecord.ConsumerMember;
import io.lograft.broker.group.GroupRecord.GroupRemoved;
import io.lograft.broker.group.GroupRecord.Offset;
import io.lograft.broker.group.GroupRequest.CommitOffsets;
import io.lograft.broker.group.GroupRequest.Delete;
import io.lograft.broker.group.GroupRequest.Describe;
import io.lograft.broker.group.GroupRequest.FetchOffsets;
import io.lograft.model.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * All groups of one partition of {@code __consumer_offsets}, at its leader. First every record of the partition is
 * {@linkplain #replay replayed}, then {@link #loaded} is called once, and from then on requests are decided. What is
 * decided counts at once; the shell answers only when it is committed, and throws the shard away where it cannot be.
 *
 * <p>Owned by: the shard's loop.
 */
public final class GroupShard {
    private static final int GROUP_ID_LENGTH_MAX = 249;
    private static final long EXPIRY_EVERY_MS = 60_000;

    private final GroupSettings settings;
    private final GroupFactory factory;
    private final UnaryOperator<String> memberIds;
    private final SortedMap<String, Group> groups = new TreeMap<>();
    private final CommittedOffsets offsets = new CommittedOffsets();
    private TopicCatalog topics;
    private long expiryDueMs = Long.MAX_VALUE;

    /** Makes groups of either kind, without members. */
    public interface GroupFactory {
        Group create(String groupId, GroupKind kind);
    }

    /** Has no groups yet; {@code memberIds} makes a random member id out of a client's name. */
    public GroupShard(
            GroupSettings settings, GroupFactory factory, TopicCatalog topics, UnaryOperator<String> memberIds) {
        this.settings = settings;
        this.factory = factory;
        this.topics = topics;
        this.memberIds = memberIds;
    }

    /** Takes over a record of the partition. */
    public void replay(GroupRecord record) {
        switch (record) {
            case ClassicGroup classic ->
                groupOf(classic.groupId(), GroupKind.CLASSIC).replay(classic);
            case ConsumerGroup consumer ->
                groupOf(consumer.groupId(), GroupKind.CONSUMER).replay(consumer);
            case ConsumerMember member ->
                groupOf(member.groupId(), GroupKind.CONSUMER).replay(member);
            case GroupRemoved removed ->
                groups.computeIfPresent(
                        removed.groupId(), (id, group) -> group.kind() == removed.kind() ? null : group);
            case Offset offset -> offsets.replay(offset);
        }
    }

    private Group groupOf(String groupId, GroupKind kind) {
        Group known = groups.get(groupId);
        if (known == null || known.kind() != kind) {
            known = factory.create(groupId, kind);
            groups.put(groupId, known);
        }
        return known;
    }

    /** All was replayed. */
    public void loaded(Clocks now, List<GroupEffect> effects) {
        Turn turn = new Turn(now, effects);
        for (Group group : List.copyOf(groups.values())) {
            group.loaded(turn);
        }
        expiryDueMs = now.nowMs() + EXPIRY_EVERY_MS;
    }

    /** Decides about a request. */
    public void handle(long requestId, GroupRequest request, Clocks now, List<GroupEffect> effects) {
        Turn turn = new Turn(now, effects);
        if (request.groupId().isEmpty() || request.groupId().length() > GROUP_ID_LENGTH_MAX) {
            turn.refuse(
                    requestId,
                    ErrorCode.INVALID_GROUP_ID,
                    "a group id has 1 to " + GROUP_ID_LENGTH_MAX + " characters, this one "
                            + request.groupId().length());
            return;
        }
        switch (request) {
            case CommitOffsets commit -> turn.reply(requestId, commit(commit, turn));
            case FetchOffsets fetch -> turn.reply(requestId, new GroupReply.Offsets(offsets.of(fetch.groupId())));
            case Describe describe -> turn.reply(requestId, describe(describe.groupId()));
            case Delete delete -> turn.reply(requestId, delete(delete.groupId(), turn));
            case GroupRequest.ConsumerHeartbeat heartbeat -> dispatch(requestId, heartbeat, GroupKind.CONSUMER, turn);
            case GroupRequest.Join join -> dispatch(requestId, join, GroupKind.CLASSIC, turn);
            case GroupRequest.Sync sync -> dispatch(requestId, sync, GroupKind.CLASSIC, turn);
            case GroupRequest.Heartbeat heartbeat -> dispatch(requestId, heartbeat, GroupKind.CLASSIC, turn);
            case GroupRequest.Leave leave -> dispatch(requestId, leave, GroupKind.CLASSIC, turn);
        }
    }

    private void dispatch(long requestId, GroupRequest request, GroupKind kind, Turn turn) {
        Group group = groups.get(request.groupId());
        if (group != null && group.kind() != kind && !group.isEmpty()) {
            turn.refuse(
                    requestId,
                    ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
                    "group '" + request.groupId() + "' has members that use the " + group.kind() + " protocol");
            return;
        }
        // A group that only answers with a refusal leaves nothing durable, and is forgotten when nobody joined.
        boolean isKnown = group != null && group.kind() == kind;
        Group addressed = isKnown ? group : factory.create(request.groupId(), kind);
        groups.put(request.groupId(), addressed);
        addressed.handle(requestId, request, turn);
        if (!isKnown && addressed.isEmpty() && addressed.nextDeadlineMs() == Long.MAX_VALUE) {
            restore(request.groupId(), group);
        }
    }

    private void restore(String groupId, Group former) {
        if (former == null) {
            groups.remove(groupId);
        } else {
            groups.put(groupId, former);
        }
    }

    private GroupReply commit(CommitOffsets request, Turn turn) {
        Group group = groups.get(request.groupId());
        if (request.member().isNobody()) {
            if (group != null && !group.isEmpty()) {
                return new GroupReply.Refused(
                        ErrorCode.GROUP_NOT_EMPTY,
                        "group '" + request.groupId() + "' has members; only they may commit");
            }
        } else if (group == null) {
            return new GroupReply.Refused(
                    ErrorCode.UNKNOWN_MEMBER,
                    "group '" + request.groupId() + "' has no member '"
                            + request.member().memberId() + "'");
        } else {
            Optional<GroupReply.Refused> refusal = group.refusalToCommit(request, turn);
            if (refusal.isPresent()) {
                return refusal.get();
            }
        }
        List<GroupRecord> records = new ArrayList<>();
        List<GroupReply.CommitResult> results = new ArrayList<>();
        for (GroupRequest.OffsetCommit offset : request.offsets()) {
            Optional<GroupReply.Refused> refusal = checked(offset)
                    .or(() -> group == null || request.member().isNobody()
                            ? Optional.empty()
                            : group.refusalToCommit(request, offset));
            results.add(refusal.map(why -> new GroupReply.CommitResult(offset.partition(), why.code(), why.message()))
                    .orElseGet(() -> new GroupReply.CommitResult(offset.partition(), ErrorCode.NONE, "")));
            if (refusal.isEmpty()) {
                records.add(new Offset(
                        request.groupId(),
                        offset.partition(),
                        Optional.of(new CommittedOffset(
                                offset.offset(), offset.leaderEpoch(), offset.metadata(), turn.wallMs()))));
            }
        }
        turn.append(records);
        return new GroupReply.Committed(results);
    }

    private Optional<GroupReply.Refused> checked(GroupRequest.OffsetCommit offset) {
        if (offset.offset() < 0) {
            return Optional.of(
                    new GroupReply.Refused(ErrorCode.INVALID_REQUEST, "offset " + offset.offset() + " is negative"));
        }
        int metadataBytes = offset.metadata().getBytes(StandardCharsets.UTF_8).length;
        if (metadataBytes > settings.offsetMetadataBytesMax()) {
            return Optional.of(new GroupReply.Refused(
                    ErrorCode.INVALID_REQUEST,
                    "the text with the offset has " + metadataBytes + " bytes, at most "
                            + settings.offsetMetadataBytesMax() + " are allowed"));
        }
        if (!topics.exists(offset.partition().topic())) {
            return Optional.of(new GroupReply.Refused(
                    ErrorCode.UNKNOWN_TOPIC,
                    "no topic has the id " + offset.partition().topic()));
        }
        if (!topics.exists(offset.partition())) {
            return Optional.of(
                    new GroupReply.Refused(ErrorCode.UNKNOWN_PARTITION, "there is no partition " + offset.partition()));
        }
        return Optional.empty();
    }

    private GroupReply describe(String groupId) {
        Group group = groups.get(groupId);
        if (group != null) {
            return new GroupReply.Described(group.describe());
        }
        if (offsets.hasAny(groupId)) {
            return new GroupReply.Described(
                    new GroupDescription(groupId, GroupKind.CONSUMER, "Empty", "consumer", 0, "", List.of()));
        }
        return unknown(groupId);
    }

    private static GroupReply.Refused unknown(String groupId) {
        return new GroupReply.Refused(ErrorCode.UNKNOWN_GROUP, "no group '" + groupId + "'");
    }

    private GroupReply delete(String groupId, Turn turn) {
        Group group = groups.get(groupId);
        if (group == null && !offsets.hasAny(groupId)) {
            return unknown(groupId);
        }
        if (group != null && !group.isEmpty()) {
            return new GroupReply.Refused(
                    ErrorCode.GROUP_NOT_EMPTY,
                    "group '" + groupId + "' has " + group.describe().members().size() + " members");
        }
        turn.append(removal(groupId));
        return GroupReply.Done.INSTANCE;
    }

    private List<GroupRecord> removal(String groupId) {
        List<GroupRecord> records = new ArrayList<>(offsets.removal(groupId));
        // The log may know it as a group of either kind, if it was one after the other.
        for (GroupKind kind : GroupKind.values()) {
            records.add(new GroupRemoved(groupId, kind));
        }
        return records;
    }

    /** Nobody waits for the answer to this request any more, as its connection is gone. */
    public void abandoned(String groupId, long requestId, Clocks now, List<GroupEffect> effects) {
        Group group = groups.get(groupId);
        if (group != null) {
            group.abandoned(requestId, new Turn(now, effects));
        }
    }

    /** Topics or partitions came or went. */
    public void topicsChanged(TopicCatalog now, Clocks clocks, List<GroupEffect> effects) {
        topics = now;
        Turn turn = new Turn(clocks, effects);
        for (Group group : List.copyOf(groups.values())) {
            group.topicsChanged(turn);
        }
        turn.append(offsets.removalOfTopics(id -> !now.exists(id)));
    }

    /** When {@link #tick} is due for this group; Long.MAX_VALUE for never. */
    public long nextDeadlineMs(String groupId) {
        Group group = groups.get(groupId);
        return group == null ? Long.MAX_VALUE : group.nextDeadlineMs();
    }

    /** When {@link #tick} is due; walks over all groups. */
    public long nextDeadlineMs() {
        long dueMs = expiryDueMs;
        for (Group group : groups.values()) {
            dueMs = Math.min(dueMs, group.nextDeadlineMs());
        }
        return dueMs;
    }

    /** Time has passed: members and offsets may have expired. */
    public void tick(Clocks now, List<GroupEffect> effects) {
        Turn turn = new Turn(now, effects);
        for (Group group : List.copyOf(groups.values())) {
            if (group.nextDeadlineMs() <= now.nowMs()) {
                group.tick(turn);
            }
        }
        if (expiryDueMs <= now.nowMs()) {
            expiryDueMs = now.nowMs() + EXPIRY_EVERY_MS;
            expire(turn);
        }
    }

    private void expire(Turn turn) {
        long bound = turn.wallMs() - settings.offsetsRetentionMs();
        for (String groupId : offsets.groups()) {
            Group group = groups.get(groupId);
            boolean isInUse = group != null && (!group.isEmpty() || group.emptySinceMs() > bound);
            if (!isInUse) {
                turn.append(offsets.removalOlderThan(groupId, bound));
            }
        }
        for (String groupId : List.copyOf(groups.keySet())) {
            Group group = groups.get(groupId);
            if (group.isEmpty() && group.emptySinceMs() <= bound && !offsets.hasAny(groupId)) {
                turn.append(removal(groupId));
            }
        }
    }

    /** All groups here that have members or offsets, by id. */
    public Collection<GroupDescription> list() {
        SortedMap<String, GroupDescription> listed = new TreeMap<>();
        for (String groupId : offsets.groups()) {
            if (describe(groupId) instanceof GroupReply.Described described) {
                listed.put(groupId, described.description());
            }
        }
        groups.forEach((groupId, group) -> listed.put(groupId, group.describe()));
        return listed.values();
    }

    /** The time of one call: monotonic for deadlines, and as the wall clock has it. */
    public record Clocks(long nowMs, long wallMs) {}

    /** What one call decides. */
    private final class Turn implements GroupContext {
        private final Clocks now;
        private final List<GroupEffect> effects;

        Turn(Clocks now, List<GroupEffect> effects) {
            this.now = now;
            this.effects = effects;
        }

        @Override
        public long nowMs() {
            return now.nowMs();
        }

        @Override
        public long wallMs() {
            return now.wallMs();
        }

        @Override
        public GroupSettings settings() {
            return settings;
        }

        @Override
        public TopicCatalog topics() {
            return topics;
        }

        @Override
        public void append(List<GroupRecord> records) {
            if (!records.isEmpty()) {
                records.forEach(GroupShard.this::replay);
                effects.add(new GroupEffect.Append(records));
            }
        }

        @Override
        public void reply(long requestId, GroupReply reply) {
            effects.add(new GroupEffect.Reply(requestId, reply));
        }

        @Override
        public String newMemberId(String clientId) {
            return memberIds.apply(clientId);
        }
    }
}
