package io.lograft.broker.group.consumer;

import io.lograft.broker.group.Group;
import io.lograft.broker.group.GroupContext;
import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupKind;
import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.group.GroupRecord.ConsumerMemberState;
import io.lograft.broker.group.GroupRecord.Holdings;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.GroupRequest.CommitOffsets;
import io.lograft.broker.group.GroupRequest.ConsumerHeartbeat;
import io.lograft.broker.group.GroupRequest.MemberRef;
import io.lograft.broker.group.GroupRequest.OffsetCommit;
import io.lograft.broker.group.GroupSettings;
import io.lograft.broker.group.TopicCatalog;
import java.util.List;
import java.util.Optional;

/** Mistakes made on purpose, around the real group, to see whether the simulation finds them. */
enum Mistake {
    /** A partition counts as free when its member was told, not when it has given it up. */
    FREE_WHEN_TOLD,
    /** A heartbeat that was under way for long is believed like a new one. */
    BELIEVES_OLD_HEARTBEATS,
    /** Whoever asks may commit. */
    ANYBODY_COMMITS,
    /** A commit from before the member got the partition counts. */
    BELIEVES_OLD_COMMITS,
    /** Members that are heard of no more stay. */
    NOBODY_EXPIRES,
    /** What waits is not answered when there is news. */
    FORGETS_WHO_WAITS;

    Group around(Group group) {
        return new Mistaken(this, group);
    }

    private record Mistaken(Mistake mistake, Group group) implements Group {
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
        public void handle(long requestId, GroupRequest request, GroupContext context) {
            GroupRequest taken = request;
            if (mistake == BELIEVES_OLD_HEARTBEATS && request instanceof ConsumerHeartbeat heartbeat) {
                taken = withPresentEpoch(heartbeat);
            }
            group.handle(requestId, taken, new MistakenContext(mistake, requestId, context));
        }

        private ConsumerHeartbeat withPresentEpoch(ConsumerHeartbeat heartbeat) {
            int present = describe().members().stream()
                    .filter(member -> member.identity()
                            .memberId()
                            .equals(heartbeat.identity().memberId()))
                    .mapToInt(GroupDescription.Member::memberEpoch)
                    .findFirst()
                    .orElse(0);
            return heartbeat.memberEpoch() <= 0 || present == 0
                    ? heartbeat
                    : new ConsumerHeartbeat(
                            heartbeat.groupId(),
                            heartbeat.identity(),
                            present,
                            heartbeat.timeouts(),
                            heartbeat.subscription(),
                            heartbeat.owned(),
                            heartbeat.maxWaitMs());
        }

        @Override
        public void abandoned(long requestId, GroupContext context) {
            group.abandoned(requestId, context);
        }

        @Override
        public Optional<GroupReply.Refused> refusalToCommit(CommitOffsets request, GroupContext context) {
            return mistake == ANYBODY_COMMITS ? Optional.empty() : group.refusalToCommit(request, context);
        }

        @Override
        public Optional<GroupReply.Refused> refusalToCommit(CommitOffsets request, OffsetCommit offset) {
            if (mistake == ANYBODY_COMMITS) {
                return Optional.empty();
            }
            MemberRef member = request.member();
            CommitOffsets taken = mistake == BELIEVES_OLD_COMMITS
                    ? new CommitOffsets(
                            request.groupId(),
                            new MemberRef(member.memberId(), member.instanceId(), Integer.MAX_VALUE),
                            request.offsets())
                    : request;
            return group.refusalToCommit(taken, offset);
        }

        @Override
        public void replay(GroupRecord record) {
            group.replay(record);
        }

        @Override
        public void loaded(GroupContext context) {
            group.loaded(new MistakenContext(mistake, -1, context));
        }

        @Override
        public void topicsChanged(GroupContext context) {
            group.topicsChanged(new MistakenContext(mistake, -1, context));
        }

        @Override
        public long nextDeadlineMs() {
            return mistake == NOBODY_EXPIRES ? Long.MAX_VALUE : group.nextDeadlineMs();
        }

        @Override
        public void tick(GroupContext context) {
            group.tick(new MistakenContext(mistake, -1, context));
        }

        @Override
        public GroupDescription describe() {
            return group.describe();
        }
    }

    private record MistakenContext(Mistake mistake, long requestId, GroupContext context) implements GroupContext {
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
        public void append(List<GroupRecord> records) {
            context.append(
                    mistake == FREE_WHEN_TOLD
                            ? records.stream().map(MistakenContext::freed).toList()
                            : records);
        }

        private static GroupRecord freed(GroupRecord record) {
            return record instanceof GroupRecord.ConsumerMember member
                            && member.state().isPresent()
                    ? new GroupRecord.ConsumerMember(
                            member.groupId(),
                            member.memberId(),
                            Optional.of(freed(member.state().get())))
                    : record;
        }

        private static ConsumerMemberState freed(ConsumerMemberState state) {
            return new ConsumerMemberState(
                    state.identity(),
                    state.timeouts(),
                    state.subscription(),
                    state.memberEpoch(),
                    state.joinedAtMs(),
                    new Holdings(state.holdings().assigned(), List.of()),
                    state.isAway());
        }

        @Override
        public void reply(long id, GroupReply reply) {
            if (mistake != FORGETS_WHO_WAITS || id == requestId) {
                context.reply(id, reply);
            }
        }

        @Override
        public String newMemberId(String clientId) {
            return context.newMemberId(clientId);
        }
    }
}
