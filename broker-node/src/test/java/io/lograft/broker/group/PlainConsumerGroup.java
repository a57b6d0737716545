package io.lograft.broker.group;

import io.lograft.broker.group.GroupRecord.ConsumerGroup;
import io.lograft.broker.group.GroupRecord.ConsumerMember;
import io.lograft.broker.group.GroupRecord.ConsumerMemberState;
import io.lograft.broker.group.GroupRecord.Holdings;
import io.lograft.broker.group.GroupRequest.CommitOffsets;
import io.lograft.broker.group.GroupRequest.ConsumerHeartbeat;
import io.lograft.broker.group.GroupRequest.OffsetCommit;
import io.lograft.model.ErrorCode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** A group of consumers as the shard sees it, with members that join and leave and get nothing. */
final class PlainConsumerGroup implements Group {
    private final String groupId;
    private final SortedMap<String, ConsumerMemberState> members = new TreeMap<>();
    private long emptySinceMs;
    private int epoch;
    int ticks;
    int topicChanges;
    long deadlineMs = Long.MAX_VALUE;

    PlainConsumerGroup(String groupId) {
        this.groupId = groupId;
    }

    @Override
    public GroupKind kind() {
        return GroupKind.CONSUMER;
    }

    @Override
    public boolean isEmpty() {
        return members.isEmpty();
    }

    @Override
    public long emptySinceMs() {
        return emptySinceMs;
    }

    @Override
    public void abandoned(long requestId, GroupContext context) {
        throw new IllegalStateException("no request waits here");
    }

    @Override
    public void handle(long requestId, GroupRequest request, GroupContext context) {
        ConsumerHeartbeat heartbeat = (ConsumerHeartbeat) request;
        String memberId = heartbeat.identity().memberId();
        boolean isLeaving = heartbeat.memberEpoch() == ConsumerHeartbeat.LEAVING;
        if (isLeaving && !members.containsKey(memberId)) {
            context.refuse(requestId, ErrorCode.UNKNOWN_MEMBER, memberId);
            return;
        }
        Optional<ConsumerMemberState> state = isLeaving
                ? Optional.empty()
                : Optional.of(new ConsumerMemberState(
                        heartbeat.identity(),
                        heartbeat.timeouts(),
                        heartbeat.subscription(),
                        epoch + 1,
                        context.wallMs(),
                        Holdings.NONE,
                        false));
        context.append(List.of(
                new ConsumerMember(groupId, memberId, state), new ConsumerGroup(groupId, epoch + 1, context.wallMs())));
        context.reply(
                requestId, isLeaving ? GroupReply.Done.INSTANCE : new GroupReply.Assigned(epoch, Set.of(), 1_000));
    }

    @Override
    public Optional<GroupReply.Refused> refusalToCommit(CommitOffsets request, GroupContext context) {
        return members.containsKey(request.member().memberId())
                ? Optional.empty()
                : Optional.of(new GroupReply.Refused(
                        ErrorCode.UNKNOWN_MEMBER, request.member().memberId()));
    }

    /** Members may commit for even partitions. */
    @Override
    public Optional<GroupReply.Refused> refusalToCommit(CommitOffsets request, OffsetCommit offset) {
        return offset.partition().partition() % 2 == 0
                ? Optional.empty()
                : Optional.of(new GroupReply.Refused(ErrorCode.ILLEGAL_GENERATION, "not the member's"));
    }

    @Override
    public void replay(GroupRecord record) {
        switch (record) {
            case ConsumerGroup group -> {
                epoch = group.epoch();
                emptySinceMs = group.writtenAtMs();
            }
            case ConsumerMember member ->
                member.state()
                        .ifPresentOrElse(
                                state -> members.put(member.memberId(), state),
                                () -> members.remove(member.memberId()));
            default -> throw new IllegalStateException(record.toString());
        }
    }

    @Override
    public void loaded(GroupContext context) {}

    @Override
    public void topicsChanged(GroupContext context) {
        topicChanges++;
    }

    @Override
    public long nextDeadlineMs() {
        return deadlineMs;
    }

    @Override
    public void tick(GroupContext context) {
        ticks++;
        deadlineMs = Long.MAX_VALUE;
    }

    @Override
    public GroupDescription describe() {
        return new GroupDescription(
                groupId,
                kind(),
                isEmpty() ? "Empty" : "Stable",
                "consumer",
                epoch,
                "",
                members.values().stream()
                        .map(state -> new GroupDescription.Member(
                                state.identity(), epoch, state.joinedAtMs(), Bytes.EMPTY, Bytes.EMPTY, List.of()))
                        .toList());
    }
}
