package io.lograft.broker.group.consumer;

import io.lograft.broker.group.GroupContext;
import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.group.GroupRecord.ConsumerGroup;
import io.lograft.broker.group.GroupRecord.ConsumerMember;
import io.lograft.broker.group.GroupRecord.ConsumerMemberState;
import io.lograft.broker.group.GroupRecord.Holdings;
import io.lograft.broker.group.GroupReply;
import io.lograft.model.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The members, what each shall have, and the steps by which they get there. Members are moved when they can be told: with
 * their heartbeat, or at once while one waits for its answer.
 */
final class Membership {
    private static final int HEARTBEATS_PER_SESSION = 3;
    private static final int HEARTBEAT_MS_MAX = 3_000;

    private final String groupId;
    private final Members members = new Members();
    private Target target = Target.NONE;
    private int epoch;
    private long writtenAtMs;

    Membership(String groupId) {
        this.groupId = groupId;
    }

    void replay(ConsumerGroup record) {
        epoch = record.epoch();
        writtenAtMs = record.writtenAtMs();
    }

    void replay(ConsumerMember record) {
        members.replay(record);
    }

    void loaded(GroupContext context) {
        members.loaded();
        target = Target.of(states(), context.topics());
        for (Member member : members.view()) {
            member.holdsAllSince(0);
            member.session().restart(context.nowMs(), member.state().timeouts());
            expectToGiveUp(member, context);
        }
        if (members.view().stream().anyMatch(this::holdsOfAnothers)) {
            Change change = new Change(context);
            change.raiseEpoch();
            change.append();
        }
        settle(context);
    }

    /** The target may be another than the last coordinator's, of whose epoch the member was told that it owns these. */
    private boolean holdsOfAnothers(Member member) {
        return !target.of(member.id()).containsAll(member.assigned());
    }

    Members members() {
        return members;
    }

    int epoch() {
        return epoch;
    }

    /** Of the last change of the group epoch. */
    long writtenAtMs() {
        return writtenAtMs;
    }

    String assignorName() {
        return members.isEmpty() ? "" : target.assignorName();
    }

    /** Everybody has what it shall have, and nothing else. */
    boolean isSettled() {
        return members.view().stream()
                .allMatch(member ->
                        member.revoking().isEmpty() && member.assigned().equals(target.of(member.id())));
    }

    /**
     * A member comes, or comes again and begins anew. It keeps what it holds as far as that stays its own, for nothing
     * proves that it reads nothing: an earlier request to join may arrive after a later one was answered.
     */
    void enter(ConsumerMemberState said, GroupContext context) {
        Change change = new Change(context);
        change.raiseEpoch();
        retarget(statesWith(said, Set.of()), context);
        Holdings next = step(said, context);
        change.put(withEpoch(said, next, change.groupEpoch));
        change.append();
        members.find(said.identity().memberId()).orElseThrow().holdsAllSince(epoch);
        settle(context);
    }

    /** A static member that is away goes on as another, which said this. */
    void takeOver(Member away, ConsumerMemberState said, GroupContext context) {
        Change change = new Change(context);
        change.remove(away.id());
        if (said.subscription().equals(away.state().subscription())) {
            target = target.renamed(away.id(), said.identity().memberId());
        } else {
            change.raiseEpoch();
            retarget(statesWith(said, Set.of(away.id())), context);
        }
        advance(said, Optional.of(away.state()), change);
        change.append();
        settle(context);
    }

    /** A member said something; where that changes nothing, nothing is written. */
    void update(Member member, ConsumerMemberState said, GroupContext context) {
        Change change = new Change(context);
        if (!said.subscription().equals(member.state().subscription())) {
            change.raiseEpoch();
            retarget(statesWith(said, Set.of()), context);
        }
        advance(said, Optional.of(member.state()), change);
        if (change.append()) {
            settle(context);
        }
    }

    /** Members are no more, for a reason each; requests of theirs that wait are refused. */
    void remove(SortedMap<String, String> reasonsById, GroupContext context) {
        Change change = new Change(context);
        change.raiseEpoch();
        SortedMap<Long, String> refused = new TreeMap<>();
        reasonsById.forEach((id, reason) -> {
            change.remove(id);
            members.find(id).orElseThrow().session().endWait().ifPresent(wait -> refused.put(wait.requestId(), reason));
        });
        change.append();
        refused.forEach((requestId, reason) -> context.refuse(requestId, ErrorCode.UNKNOWN_MEMBER, reason));
        retarget(states(), context);
        settle(context);
    }

    void topicsChanged(GroupContext context) {
        if (!members.isEmpty() && target.isOutdated(states(), context.topics())) {
            Change change = new Change(context);
            change.raiseEpoch();
            change.append();
            retarget(states(), context);
            settle(context);
        }
    }

    /** Moves everybody on that can be: first who is away, since that frees partitions, then who waits for news. */
    void settle(GroupContext context) {
        advanceAll(member -> member.state().isAway(), context);
        advanceAll(member -> member.session().waiting().isPresent(), context);
        for (Member member : members.view()) {
            if (member.session().waiting().filter(wait -> wait.hasNews(member)).isPresent()) {
                endWait(member, context);
            }
        }
    }

    private void advanceAll(Predicate<Member> which, GroupContext context) {
        Change change = new Change(context);
        members.all().stream()
                .filter(which)
                .forEach(member -> advance(member.state(), Optional.of(member.state()), change));
        change.append();
    }

    /** Answers a heartbeat of the member that waits, if there is one, with what is so now. */
    void endWait(Member member, GroupContext context) {
        member.session().endWait().ifPresent(wait -> context.reply(wait.requestId(), answer(member)));
    }

    GroupReply.Assigned answer(Member member) {
        return new GroupReply.Assigned(
                member.state().memberEpoch(),
                member.assigned(),
                Math.min(HEARTBEAT_MS_MAX, member.state().timeouts().sessionMs() / HEARTBEATS_PER_SESSION));
    }

    /** How long an answer may wait, so that the member's next heartbeat comes well within its session. */
    static long longestWaitMs(Member member) {
        return member.state().timeouts().sessionMs() / HEARTBEATS_PER_SESSION;
    }

    private void advance(ConsumerMemberState said, Optional<ConsumerMemberState> before, Change change) {
        Holdings next = step(said, change.context);
        int memberEpoch = said.memberEpoch();
        if (Reconciliation.isMore(next, said.holdings())) {
            memberEpoch = change.epochAbove(memberEpoch);
        } else if (next.revoking().isEmpty()
                && !before.orElse(said).holdings().revoking().isEmpty()) {
            memberEpoch = change.groupEpoch;
        }
        ConsumerMemberState advanced = withEpoch(said, next, memberEpoch);
        if (before.filter(advanced::equals).isEmpty()) {
            change.put(advanced);
        }
    }

    private Holdings step(ConsumerMemberState said, GroupContext context) {
        String id = said.identity().memberId();
        return said.isAway()
                ? Reconciliation.stepAway(said.holdings(), target.of(id))
                : Reconciliation.step(
                        said.holdings(),
                        target.of(id),
                        partition -> members.isFreeFor(id, partition),
                        context.wallMs());
    }

    private static ConsumerMemberState withEpoch(ConsumerMemberState said, Holdings holdings, int memberEpoch) {
        return new ConsumerMemberState(
                said.identity(),
                said.timeouts(),
                said.subscription(),
                memberEpoch,
                said.joinedAtMs(),
                holdings,
                said.isAway());
    }

    private void retarget(Collection<ConsumerMemberState> states, GroupContext context) {
        target = Target.of(states, context.topics());
    }

    private List<ConsumerMemberState> states() {
        return members.view().stream().map(Member::state).toList();
    }

    private Collection<ConsumerMemberState> statesWith(ConsumerMemberState said, Set<String> without) {
        SortedMap<String, ConsumerMemberState> states = new TreeMap<>();
        members.view().forEach(member -> states.put(member.id(), member.state()));
        states.keySet().removeAll(without);
        states.put(said.identity().memberId(), said);
        return states.values();
    }

    private void expectToGiveUp(Member member, GroupContext context) {
        member.session()
                .expectToGiveUp(
                        member.revoking(),
                        context.nowMs() + member.state().timeouts().rebalanceMs());
    }

    /** Records of one batch, so that the next coordinator sees all of them or none. */
    private final class Change {
        private final GroupContext context;
        private final List<GroupRecord> records = new ArrayList<>();
        private final List<String> touched = new ArrayList<>();
        private int groupEpoch = epoch;

        Change(GroupContext context) {
            this.context = context;
        }

        void raiseEpoch() {
            groupEpoch = epoch + 1;
        }

        /** An epoch that the member has not been told yet. */
        int epochAbove(int memberEpoch) {
            if (memberEpoch >= groupEpoch) {
                raiseEpoch();
            }
            return groupEpoch;
        }

        void put(ConsumerMemberState state) {
            String id = state.identity().memberId();
            records.add(new ConsumerMember(groupId, id, Optional.of(state)));
            touched.add(id);
        }

        void remove(String memberId) {
            records.add(new ConsumerMember(groupId, memberId, Optional.empty()));
        }

        /** False where there is nothing to append. */
        boolean append() {
            if (groupEpoch != epoch) {
                records.addFirst(new ConsumerGroup(groupId, groupEpoch, context.wallMs()));
            }
            if (records.isEmpty()) {
                return false;
            }
            context.append(records);
            touched.forEach(id -> expectToGiveUp(members.find(id).orElseThrow(), context));
            return true;
        }
    }
}
