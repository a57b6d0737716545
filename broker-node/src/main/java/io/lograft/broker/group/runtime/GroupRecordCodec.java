package io.lograft.broker.group.runtime;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lograft.broker.group.Bytes;
import io.lograft.broker.group.CommittedOffset;
import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.MemberIdentity;
import io.lograft.broker.group.Subscription;
import io.lograft.broker.group.Timeouts;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.ClassicGroupValue;
import io.lograft.proto.v1.ClassicMemberValue;
import io.lograft.proto.v1.ClassicProtocolValue;
import io.lograft.proto.v1.ConsumerGroupValue;
import io.lograft.proto.v1.ConsumerMemberValue;
import io.lograft.proto.v1.GroupLogKey;
import io.lograft.proto.v1.HeldPartition;
import io.lograft.proto.v1.OffsetKey;
import io.lograft.proto.v1.OffsetValue;
import io.lograft.wire.WireBytes;
import java.util.List;
import java.util.Optional;

/** The records of {@code __consumer_offsets} as keys and values; see {@code group_log.proto}. */
public final class GroupRecordCodec {
    private GroupRecordCodec() {}

    /** A record as it is in the log; without a value it removes what the key names. */
    record Encoded(ByteString key, Optional<ByteString> value) {}

    static Encoded encode(GroupRecord record) {
        GroupLogKey.Builder key = GroupLogKey.newBuilder().setGroupId(record.groupId());
        return switch (record) {
            case GroupRecord.ClassicGroup group ->
                encoded(
                        key.setClassicGroup(true),
                        Optional.of(value(group.generation()).toByteString()));
            case GroupRecord.ConsumerGroup group ->
                encoded(
                        key.setConsumerGroup(true),
                        Optional.of(ConsumerGroupValue.newBuilder()
                                .setEpoch(group.epoch())
                                .setWrittenAtMs(group.writtenAtMs())
                                .build()
                                .toByteString()));
            case GroupRecord.ConsumerMember member ->
                encoded(
                        key.setConsumerMember(member.memberId()),
                        member.state().map(state -> value(state).toByteString()));
            case GroupRecord.Offset offset ->
                encoded(
                        key.setOffset(OffsetKey.newBuilder()
                                .setTopicId(WireBytes.topicId(offset.partition().topic()))
                                .setPartition(offset.partition().partition())),
                        offset.committed().map(committed -> value(committed).toByteString()));
            case GroupRecord.GroupRemoved removed ->
                encoded(
                        removed.kind() == io.lograft.broker.group.GroupKind.CLASSIC
                                ? key.setClassicGroup(true)
                                : key.setConsumerGroup(true),
                        Optional.empty());
        };
    }

    private static Encoded encoded(GroupLogKey.Builder key, Optional<ByteString> value) {
        return new Encoded(key.build().toByteString(), value);
    }

    private static ClassicGroupValue value(GroupRecord.ClassicGeneration generation) {
        ClassicGroupValue.Builder value = ClassicGroupValue.newBuilder()
                .setProtocolType(generation.protocolType())
                .setGenerationId(generation.generationId())
                .setProtocolName(generation.protocolName())
                .setLeaderId(generation.leaderId())
                .setWrittenAtMs(generation.writtenAtMs());
        for (GroupRecord.ClassicMemberState member : generation.members()) {
            value.addMembers(ClassicMemberValue.newBuilder()
                    .setMemberId(member.identity().memberId())
                    .setGroupInstanceId(member.identity().instanceId())
                    .setClientId(member.identity().clientId())
                    .setClientHost(member.identity().clientHost())
                    .setSessionTimeoutMs(member.timeouts().sessionMs())
                    .setRebalanceTimeoutMs(member.timeouts().rebalanceMs())
                    .addAllProtocols(member.protocols().stream()
                            .map(protocol -> ClassicProtocolValue.newBuilder()
                                    .setName(protocol.name())
                                    .setMetadata(ByteString.copyFrom(
                                            protocol.metadata().toArray()))
                                    .build())
                            .toList())
                    .setAssignment(ByteString.copyFrom(member.assignment().toArray()))
                    .setJoinedAtMs(member.joinedAtMs()));
        }
        return value.build();
    }

    private static ConsumerMemberValue value(GroupRecord.ConsumerMemberState state) {
        return ConsumerMemberValue.newBuilder()
                .setGroupInstanceId(state.identity().instanceId())
                .setClientId(state.identity().clientId())
                .setClientHost(state.identity().clientHost())
                .setSessionTimeoutMs(state.timeouts().sessionMs())
                .setRebalanceTimeoutMs(state.timeouts().rebalanceMs())
                .setAssignor(state.subscription().assignor())
                .addAllTopics(state.subscription().topics())
                .setTopicPattern(state.subscription().pattern())
                .setMemberEpoch(state.memberEpoch())
                .setJoinedAtMs(state.joinedAtMs())
                .addAllAssigned(held(state.holdings().assigned()))
                .addAllRevoking(held(state.holdings().revoking()))
                .setIsAway(state.isAway())
                .build();
    }

    private static OffsetValue value(CommittedOffset committed) {
        return OffsetValue.newBuilder()
                .setOffset(committed.offset())
                .setLeaderEpoch(committed.leaderEpoch())
                .setMetadata(committed.metadata())
                .setCommittedAtMs(committed.committedAtMs())
                .build();
    }

    private static List<HeldPartition> held(List<GroupRecord.HeldPartition> partitions) {
        return partitions.stream()
                .map(held -> HeldPartition.newBuilder()
                        .setTopicId(WireBytes.topicId(held.partition().topic()))
                        .setPartition(held.partition().partition())
                        .setSinceMs(held.sinceMs())
                        .build())
                .toList();
    }

    /**
     * Reads a record of the log; empty for a kind that a newer version wrote.
     *
     * @throws InvalidProtocolBufferException where the bytes are none that any version wrote
     */
    public static Optional<GroupRecord> decode(ByteString keyBytes, Optional<ByteString> value)
            throws InvalidProtocolBufferException {
        GroupLogKey key = GroupLogKey.parseFrom(keyBytes);
        String group = key.getGroupId();
        return switch (key.getKindCase()) {
            case CLASSIC_GROUP ->
                Optional.of(
                        value.isEmpty()
                                ? new GroupRecord.GroupRemoved(group, io.lograft.broker.group.GroupKind.CLASSIC)
                                : new GroupRecord.ClassicGroup(
                                        group, generation(ClassicGroupValue.parseFrom(value.get()))));
            case CONSUMER_GROUP -> Optional.of(consumerGroup(group, value));
            case CONSUMER_MEMBER -> {
                String id = key.getConsumerMember();
                yield Optional.of(new GroupRecord.ConsumerMember(
                        group,
                        id,
                        value.isEmpty()
                                ? Optional.empty()
                                : Optional.of(member(id, ConsumerMemberValue.parseFrom(value.get())))));
            }
            case OFFSET ->
                Optional.of(new GroupRecord.Offset(
                        group,
                        new PartitionId(
                                WireBytes.topicId(key.getOffset().getTopicId()),
                                key.getOffset().getPartition()),
                        value.isEmpty()
                                ? Optional.empty()
                                : Optional.of(committed(OffsetValue.parseFrom(value.get())))));
            case KIND_NOT_SET -> Optional.empty();
        };
    }

    private static GroupRecord consumerGroup(String group, Optional<ByteString> value)
            throws InvalidProtocolBufferException {
        if (value.isEmpty()) {
            return new GroupRecord.GroupRemoved(group, io.lograft.broker.group.GroupKind.CONSUMER);
        }
        ConsumerGroupValue epoch = ConsumerGroupValue.parseFrom(value.get());
        return new GroupRecord.ConsumerGroup(group, epoch.getEpoch(), epoch.getWrittenAtMs());
    }

    private static GroupRecord.ClassicGeneration generation(ClassicGroupValue value) {
        return new GroupRecord.ClassicGeneration(
                value.getProtocolType(),
                value.getGenerationId(),
                value.getProtocolName(),
                value.getLeaderId(),
                value.getMembersList().stream()
                        .map(member -> new GroupRecord.ClassicMemberState(
                                new MemberIdentity(
                                        member.getMemberId(),
                                        member.getGroupInstanceId(),
                                        member.getClientId(),
                                        member.getClientHost()),
                                new Timeouts(member.getSessionTimeoutMs(), member.getRebalanceTimeoutMs()),
                                member.getProtocolsList().stream()
                                        .map(protocol -> new GroupRequest.Protocol(
                                                protocol.getName(),
                                                Bytes.of(protocol.getMetadata().toByteArray())))
                                        .toList(),
                                Bytes.of(member.getAssignment().toByteArray()),
                                member.getJoinedAtMs()))
                        .toList(),
                value.getWrittenAtMs());
    }

    private static GroupRecord.ConsumerMemberState member(String id, ConsumerMemberValue value) {
        return new GroupRecord.ConsumerMemberState(
                new MemberIdentity(id, value.getGroupInstanceId(), value.getClientId(), value.getClientHost()),
                new Timeouts(value.getSessionTimeoutMs(), value.getRebalanceTimeoutMs()),
                new Subscription(value.getAssignor(), value.getTopicsList(), value.getTopicPattern()),
                value.getMemberEpoch(),
                value.getJoinedAtMs(),
                new GroupRecord.Holdings(partitions(value.getAssignedList()), partitions(value.getRevokingList())),
                value.getIsAway());
    }

    private static CommittedOffset committed(OffsetValue value) {
        return new CommittedOffset(
                value.getOffset(), value.getLeaderEpoch(), value.getMetadata(), value.getCommittedAtMs());
    }

    private static List<GroupRecord.HeldPartition> partitions(List<HeldPartition> held) {
        return held.stream()
                .map(partition -> new GroupRecord.HeldPartition(
                        new PartitionId(WireBytes.topicId(partition.getTopicId()), partition.getPartition()),
                        partition.getSinceMs()))
                .toList();
    }
}
