package io.lograft.broker.group.consumer;

import io.lograft.broker.group.Bytes;
import io.lograft.broker.group.Group;
import io.lograft.broker.group.GroupContext;
import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupKind;
import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.group.GroupRecord.HeldPartition;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.GroupRequest.CommitOffsets;
import io.lograft.broker.group.GroupRequest.ConsumerHeartbeat;
import io.lograft.broker.group.GroupRequest.OffsetCommit;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A group in which the coordinator assigns. What is in the package comment holds; this class hands requests, records and
 * time to those who decide.
 *
 * <pre>
 * Empty ──a member joins──▶ Reconciling ──everybody has its target──▶ Stable
 *   ▲                          ▲                                        │
 *   │                          └── members, subscriptions or topics ────┘
 *   └──── the last member leaves or expires, from either of both
 * </pre>
 *
 * <p>Owned by: the shard's loop.
 */
public final class ConsumerGroup implements Group {
    /** How long a member whose connection broke has to be heard of. */
    static final long CONNECTION_GRACE_MS = 1_000;

    private final String groupId;
    private final Membership membership;
    private final HeartbeatHandler heartbeats;

    /** Has no members yet. */
    public ConsumerGroup(String groupId) {
        this.groupId = groupId;
        membership = new Membership(groupId);
        heartbeats = new HeartbeatHandler(groupId, membership);
    }

    @Override
    public GroupKind kind() {
        return GroupKind.CONSUMER;
    }

    @Override
    public boolean isEmpty() {
        return membership.members().isEmpty();
    }

    @Override
    public long emptySinceMs() {
        return membership.writtenAtMs();
    }

    @Override
    public void handle(long requestId, GroupRequest request, GroupContext context) {
        if (!(request instanceof ConsumerHeartbeat heartbeat)) {
            throw new IllegalArgumentException(
                    "not a request of this protocol: " + request.getClass().getSimpleName());
        }
        heartbeats.handle(requestId, heartbeat, context);
    }

    /**
     * A member whose long poll breaks off died, as a rule; a live one asks again at once. So it has only a moment left to
     * be heard of, however long its session is. A static one keeps its session, which it is there for, and whoever joins
     * with its instance id meanwhile takes its place.
     */
    @Override
    public void abandoned(long requestId, GroupContext context) {
        for (Member member : membership.members().view()) {
            Session session = member.session();
            if (session.waiting().filter(wait -> wait.requestId() == requestId).isPresent()) {
                session.connectionLost();
                if (!member.state().identity().isStatic()) {
                    session.endBy(context.nowMs() + CONNECTION_GRACE_MS);
                }
            }
        }
    }

    @Override
    public Optional<Refused> refusalToCommit(CommitOffsets request, GroupContext context) {
        GroupRequest.MemberRef ref = request.member();
        return heartbeats
                .refusal(ref.memberId(), ref.instanceId())
                .or(() -> membership
                        .members()
                        .find(ref.memberId())
                        .filter(member -> ref.generation() > member.state().memberEpoch())
                        .map(member -> new Refused(
                                ErrorCode.ILLEGAL_GENERATION,
                                "member '" + ref.memberId() + "' has epoch "
                                        + member.state().memberEpoch() + ", not " + ref.generation())));
    }

    @Override
    public Optional<Refused> refusalToCommit(CommitOffsets request, OffsetCommit offset) {
        PartitionId partition = offset.partition();
        Member member = membership.members().find(request.member().memberId()).orElseThrow();
        if (!member.holds(partition)) {
            return Optional.of(new Refused(
                    ErrorCode.ILLEGAL_GENERATION, "member '" + member.id() + "' does not hold " + partition));
        }
        int since = member.heldSinceEpoch(partition);
        return request.member().generation() >= since
                ? Optional.empty()
                : Optional.of(new Refused(
                        ErrorCode.ILLEGAL_GENERATION,
                        "member '" + member.id() + "' holds " + partition + " since epoch " + since
                                + ", and commits with " + request.member().generation()));
    }

    @Override
    public void replay(GroupRecord record) {
        switch (record) {
            case GroupRecord.ConsumerGroup group -> membership.replay(group);
            case GroupRecord.ConsumerMember member -> membership.replay(member);
            case GroupRecord.ClassicGroup other -> throw notOurs(other);
            case GroupRecord.Offset other -> throw notOurs(other);
            case GroupRecord.GroupRemoved other -> throw notOurs(other);
        }
    }

    private static IllegalArgumentException notOurs(GroupRecord record) {
        return new IllegalArgumentException(
                "not a record of this kind of group: " + record.getClass().getSimpleName());
    }

    @Override
    public void loaded(GroupContext context) {
        membership.loaded(context);
    }

    @Override
    public void topicsChanged(GroupContext context) {
        membership.topicsChanged(context);
    }

    @Override
    public long nextDeadlineMs() {
        long dueMs = Long.MAX_VALUE;
        for (Member member : membership.members().view()) {
            dueMs = Math.min(dueMs, member.session().nextDeadlineMs());
        }
        return dueMs;
    }

    @Override
    public void tick(GroupContext context) {
        SortedMap<String, String> gone = new TreeMap<>();
        for (Member member : membership.members().view()) {
            reasonToRemove(member, context.nowMs()).ifPresent(reason -> gone.put(member.id(), reason));
        }
        if (!gone.isEmpty()) {
            membership.remove(gone, context);
        }
        for (Member member : membership.members().view()) {
            if (member.session()
                    .waiting()
                    .filter(wait -> wait.endsAtMs() <= context.nowMs())
                    .isPresent()) {
                membership.endWait(member, context);
            }
        }
    }

    private static Optional<String> reasonToRemove(Member member, long nowMs) {
        if (member.session().isExpired(nowMs)) {
            return Optional.of("member '" + member.id() + "' was not heard of for "
                    + member.state().timeouts().sessionMs() + " ms");
        }
        return member.session()
                .overdue(nowMs)
                .map(partition -> "member '" + member.id() + "' did not give up " + partition + " within "
                        + member.state().timeouts().rebalanceMs() + " ms");
    }

    @Override
    public GroupDescription describe() {
        return new GroupDescription(
                groupId,
                kind(),
                state(),
                "consumer",
                membership.epoch(),
                membership.assignorName(),
                membership.members().view().stream()
                        .map(ConsumerGroup::describe)
                        .toList());
    }

    private String state() {
        if (isEmpty()) {
            return "Empty";
        }
        return membership.isSettled() ? "Stable" : "Reconciling";
    }

    private static GroupDescription.Member describe(Member member) {
        GroupRecord.ConsumerMemberState state = member.state();
        List<HeldPartition> owned = Stream.concat(
                        state.holdings().assigned().stream(), state.holdings().revoking().stream())
                .sorted(Comparator.comparing(HeldPartition::partition))
                .toList();
        return new GroupDescription.Member(
                state.identity(), state.memberEpoch(), state.joinedAtMs(), Bytes.EMPTY, Bytes.EMPTY, owned);
    }
}
