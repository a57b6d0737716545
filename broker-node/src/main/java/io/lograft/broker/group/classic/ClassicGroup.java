package io.lograft.broker.group.classic;

import io.lograft.broker.group.Group;
import io.lograft.broker.group.GroupContext;
import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupKind;
import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.GroupRequest.CommitOffsets;
import io.lograft.broker.group.GroupRequest.OffsetCommit;
import java.util.List;
import java.util.Optional;

/**
 * A group of which one member assigns. Subscriptions and assignments are bytes that nobody looks into here. {@link
 * Rebalance} has the table of states.
 *
 * <p>Only generations are written, when their leader has assigned. A coordinator that takes over knows the last one, and
 * gives each of its members a whole session to be heard of; who had joined a later one that was never assigned is told
 * that its generation is not the group's, and joins again. So two coordinators may use the same number for different
 * attempts, but only one of these ever gets an assignment.
 *
 * <p>Owned by: the shard's loop.
 */
public final class ClassicGroup implements Group {
    private final String groupId;
    private final ClassicMembers members;
    private final Rebalance rebalance;
    private final Generations generations;
    private final JoinHandler joinHandler;
    private final SyncHandler syncHandler;
    private final HeartbeatHandler heartbeatHandler;
    private final LeaveHandler leaveHandler;

    /** Without members. */
    public ClassicGroup(String groupId) {
        this.groupId = groupId;
        this.members = new ClassicMembers(groupId);
        this.rebalance = new Rebalance(groupId, members);
        this.generations = new Generations(groupId, members, rebalance);
        this.joinHandler = new JoinHandler(members, rebalance);
        this.syncHandler = new SyncHandler(members, rebalance, generations);
        this.heartbeatHandler = new HeartbeatHandler(members, rebalance, generations);
        this.leaveHandler = new LeaveHandler(members, rebalance);
    }

    @Override
    public GroupKind kind() {
        return GroupKind.CLASSIC;
    }

    @Override
    public boolean isEmpty() {
        return members.isEmpty();
    }

    @Override
    public long emptySinceMs() {
        return rebalance.emptySinceMs();
    }

    @Override
    public void handle(long requestId, GroupRequest request, GroupContext context) {
        switch (request) {
            case GroupRequest.Join join -> joinHandler.handle(requestId, join, context);
            case GroupRequest.Sync sync -> syncHandler.handle(requestId, sync, context);
            case GroupRequest.Heartbeat heartbeat -> heartbeatHandler.handle(requestId, heartbeat, context);
            case GroupRequest.Leave leave -> leaveHandler.handle(requestId, leave, context);
            case GroupRequest.ConsumerHeartbeat other -> throw misdirected(other);
            case GroupRequest.CommitOffsets other -> throw misdirected(other);
            case GroupRequest.FetchOffsets other -> throw misdirected(other);
            case GroupRequest.Describe other -> throw misdirected(other);
            case GroupRequest.Delete other -> throw misdirected(other);
        }
    }

    private IllegalStateException misdirected(GroupRequest request) {
        return new IllegalStateException("classic group '" + groupId + "' was asked to decide about " + request);
    }

    /**
     * Whoever waited by a connection that broke does not count as joined any more. A live client asks again at once; of a
     * new member it never learnt the id, so that nobody will ever speak for that one.
     */
    @Override
    public void abandoned(long requestId, GroupContext context) {
        members.waitingWith(requestId).ifPresent(member -> {
            boolean isLost = !member.hasJoined() && !member.isStatic();
            member.loseConnection(context);
            if (isLost) {
                members.remove(member);
                rebalance.membersGone(context);
            }
        });
    }

    /** While members join, nobody else has got their partitions yet, so that they may commit what they have read. */
    @Override
    public Optional<GroupReply.Refused> refusalToCommit(CommitOffsets request, GroupContext context) {
        Optional<GroupReply.Refused> refusal = generations.refusal(request.member());
        if (refusal.isPresent()) {
            return refusal;
        }
        if (rebalance.state() == ClassicState.COMPLETING) {
            return Optional.of(generations.isBeginning());
        }
        members.find(request.member().memberId()).orElseThrow().heardOf(context.nowMs());
        return Optional.empty();
    }

    /** Nobody here knows which partitions a member has. */
    @Override
    public Optional<GroupReply.Refused> refusalToCommit(CommitOffsets request, OffsetCommit offset) {
        return Optional.empty();
    }

    @Override
    public void replay(GroupRecord record) {
        if (!(record instanceof GroupRecord.ClassicGroup classic)) {
            throw new IllegalStateException("classic group '" + groupId + "' was to replay " + record);
        }
        rebalance.replay(classic.generation());
    }

    @Override
    public void loaded(GroupContext context) {
        members.all().forEach(member -> member.heardOf(context.nowMs()));
    }

    /** The leader of the group watches the topics, and joins again. */
    @Override
    public void topicsChanged(GroupContext context) {}

    @Override
    public long nextDeadlineMs() {
        long dueMs = rebalance.nextDeadlineMs();
        for (ClassicMember member : members.all()) {
            dueMs = Math.min(dueMs, member.sessionDueMs());
        }
        return dueMs;
    }

    @Override
    public void tick(GroupContext context) {
        List<ClassicMember> dead = members.all().stream()
                .filter(member -> member.sessionDueMs() <= context.nowMs())
                .toList();
        dead.forEach(members::remove);
        if (!dead.isEmpty()) {
            rebalance.membersGone(context);
        }
        rebalance.tick(context);
    }

    @Override
    public GroupDescription describe() {
        List<GroupDescription.Member> described =
                members.all().stream().map(this::describe).toList();
        return new GroupDescription(
                groupId,
                kind(),
                rebalance.state().toString(),
                rebalance.protocolType(),
                rebalance.generationId(),
                rebalance.protocolName(),
                described);
    }

    private GroupDescription.Member describe(ClassicMember member) {
        return new GroupDescription.Member(
                member.identity(),
                rebalance.generationId(),
                member.joinedAtMs(),
                member.metadata(rebalance.protocolName())
                        .orElseGet(() -> member.protocols().getFirst().metadata()),
                member.assignment(),
                List.of());
    }
}
