package io.lograft.broker.group.sim;

import io.lograft.broker.group.Bytes;
import io.lograft.broker.group.Group;
import io.lograft.broker.group.GroupContext;
import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupKind;
import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupReply.Joined;
import io.lograft.broker.group.GroupReply.JoinedMember;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupReply.Synced;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.GroupRequest.Assignment;
import io.lograft.broker.group.GroupRequest.CommitOffsets;
import io.lograft.broker.group.GroupRequest.Heartbeat;
import io.lograft.broker.group.GroupRequest.Join;
import io.lograft.broker.group.GroupRequest.MemberRef;
import io.lograft.broker.group.GroupRequest.OffsetCommit;
import io.lograft.broker.group.GroupRequest.Sync;
import io.lograft.broker.group.GroupSettings;
import io.lograft.broker.group.Timeouts;
import io.lograft.broker.group.TopicCatalog;
import java.util.List;
import java.util.Optional;

/** A real group with a mistake before or behind it. */
final class MistakenGroup implements Group {
    private static final int ENDLESS_MS = 1_800_000;

    private final Group group;
    private final GroupMutation mutation;

    MistakenGroup(Group group, GroupMutation mutation) {
        this.group = group;
        this.mutation = mutation;
    }

    @Override
    public void handle(long requestId, GroupRequest request, GroupContext context) {
        if (mutation == GroupMutation.EVERYBODY_LEADS
                && request instanceof Sync sync
                && !sync.assignments().isEmpty()
                && group.describe().generation() == sync.member().generation()) {
            Bytes own = sync.assignments().stream()
                    .filter(each -> each.memberId().equals(sync.member().memberId()))
                    .findFirst()
                    .map(Assignment::assignment)
                    .orElse(Bytes.EMPTY);
            context.reply(requestId, new Synced(own));
            return;
        }
        GroupRequest changed = switch (request) {
            case Join join
            when mutation == GroupMutation.SESSIONS_ENDLESS ->
                new Join(
                        join.groupId(),
                        join.identity(),
                        new Timeouts(ENDLESS_MS, join.timeouts().rebalanceMs()),
                        join.protocolType(),
                        join.protocols());
            case Sync sync -> new Sync(sync.groupId(), changed(sync.member()), sync.assignments());
            case Heartbeat heartbeat -> new Heartbeat(heartbeat.groupId(), changed(heartbeat.member()));
            default -> request;
        };
        group.handle(requestId, changed, new MistakenContext(context));
    }

    private MemberRef changed(MemberRef member) {
        return switch (mutation) {
            case GENERATION_NOT_CHECKED ->
                new MemberRef(
                        member.memberId(), member.instanceId(), group.describe().generation());
            case FORMER_NOT_FENCED ->
                group.describe().members().stream()
                        .map(GroupDescription.Member::identity)
                        .filter(each -> each.isStatic() && each.instanceId().equals(member.instanceId()))
                        .findFirst()
                        .map(each -> new MemberRef(each.memberId(), each.instanceId(), member.generation()))
                        .orElse(member);
            default -> member;
        };
    }

    @Override
    public void abandoned(long requestId, GroupContext context) {
        group.abandoned(requestId, context);
    }

    @Override
    public Optional<Refused> refusalToCommit(CommitOffsets request, GroupContext context) {
        return mutation == GroupMutation.COMMITS_NOT_CHECKED
                ? Optional.empty()
                : group.refusalToCommit(
                        new CommitOffsets(request.groupId(), changed(request.member()), request.offsets()), context);
    }

    @Override
    public Optional<Refused> refusalToCommit(CommitOffsets request, OffsetCommit offset) {
        return group.refusalToCommit(request, offset);
    }

    @Override
    public GroupKind kind() {
        return group.kind();
    }

    @Override
    public boolean isEmpty() {
        return group.isEmpty();
    }

    @Override
    public long emptySinceMs() {
        return group.emptySinceMs();
    }

    @Override
    public void replay(GroupRecord record) {
        group.replay(record);
    }

    @Override
    public void loaded(GroupContext context) {
        group.loaded(context);
    }

    @Override
    public void topicsChanged(GroupContext context) {
        group.topicsChanged(context);
    }

    @Override
    public long nextDeadlineMs() {
        return group.nextDeadlineMs();
    }

    @Override
    public void tick(GroupContext context) {
        group.tick(new MistakenContext(context));
    }

    @Override
    public GroupDescription describe() {
        return group.describe();
    }

    /** Makes its mistakes with answers. */
    private final class MistakenContext implements GroupContext {
        private final GroupContext context;

        MistakenContext(GroupContext context) {
            this.context = context;
        }

        @Override
        public void reply(long requestId, GroupReply reply) {
            if (mutation == GroupMutation.OLDER_REQUEST_FORGOTTEN
                    && reply instanceof Refused refused
                    && refused.message().contains("a newer request")) {
                return;
            }
            if (mutation == GroupMutation.EVERYBODY_LEADS && reply instanceof Joined joined) {
                List<JoinedMember> all = group.describe().members().stream()
                        .map(member -> new JoinedMember(
                                member.identity().memberId(), member.identity().instanceId(), member.metadata()))
                        .toList();
                context.reply(
                        requestId,
                        new Joined(
                                joined.generationId(),
                                joined.protocolName(),
                                joined.memberId(),
                                joined.memberId(),
                                all,
                                false));
                return;
            }
            context.reply(requestId, reply);
            if (mutation == GroupMutation.ANSWERED_TWICE && reply instanceof Synced) {
                context.reply(requestId, reply);
            }
        }

        @Override
        public void append(List<GroupRecord> records) {
            context.append(records);
        }

        @Override
        public long nowMs() {
            return context.nowMs();
        }

        @Override
        public long wallMs() {
            return context.wallMs();
        }

        @Override
        public GroupSettings settings() {
            return context.settings();
        }

        @Override
        public TopicCatalog topics() {
            return context.topics();
        }

        @Override
        public String newMemberId(String clientId) {
            return context.newMemberId(clientId);
        }
    }
}
