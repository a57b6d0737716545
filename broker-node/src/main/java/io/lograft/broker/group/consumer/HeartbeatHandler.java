package io.lograft.broker.group.consumer;

import io.lograft.broker.group.GroupContext;
import io.lograft.broker.group.GroupRecord.ConsumerMemberState;
import io.lograft.broker.group.GroupRecord.Holdings;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest.ConsumerHeartbeat;
import io.lograft.broker.group.GroupSettings;
import io.lograft.broker.group.MemberIdentity;
import io.lograft.broker.group.Timeouts;
import io.lograft.model.ErrorCode;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Decides about the one request of this protocol: joins, goes on, leaves, or leaves for a while. */
final class HeartbeatHandler {
    /** How long an answer waits that the same heartbeat got before, so that a member that asks in a loop does no harm. */
    static final long REPEATED_WAIT_MS = 100;

    private final String groupId;
    private final Membership membership;

    HeartbeatHandler(String groupId, Membership membership) {
        this.groupId = groupId;
        this.membership = membership;
    }

    void handle(long requestId, ConsumerHeartbeat request, GroupContext context) {
        Optional<Refused> refusal =
                HeartbeatChecks.refusal(request, context.settings()).or(() -> memberRefusal(request));
        if (refusal.isPresent()) {
            context.reply(requestId, refusal.get());
            return;
        }
        switch (request.memberEpoch()) {
            case ConsumerHeartbeat.JOINING -> join(requestId, request, context);
            case ConsumerHeartbeat.LEAVING -> leave(requestId, member(request), context);
            case ConsumerHeartbeat.LEAVING_FOR_A_WHILE -> leaveForAWhile(requestId, member(request), context);
            default -> goOn(requestId, request, context);
        }
    }

    private Member member(ConsumerHeartbeat request) {
        return membership.members().find(request.identity().memberId()).orElseThrow();
    }

    private Optional<Refused> memberRefusal(ConsumerHeartbeat request) {
        MemberIdentity identity = request.identity();
        Optional<Member> known = membership.members().find(identity.memberId());
        if (request.memberEpoch() != ConsumerHeartbeat.JOINING) {
            Optional<Refused> refusal = refusal(identity.memberId(), identity.instanceId());
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return known.filter(member -> !member.state().identity().instanceId().equals(identity.instanceId()))
                .map(member -> new Refused(
                        ErrorCode.INVALID_REQUEST,
                        "member '" + identity.memberId() + "' has the instance id '"
                                + member.state().identity().instanceId() + "', not '" + identity.instanceId() + "'"));
    }

    /** Why no member is meant by these. */
    Optional<Refused> refusal(String memberId, String instanceId) {
        Optional<Member> rightful =
                instanceId.isEmpty() ? Optional.empty() : membership.members().withInstance(instanceId);
        if (rightful.isPresent() && !rightful.get().id().equals(memberId)) {
            return Optional.of(fenced(memberId, instanceId, rightful.get()));
        }
        return membership.members().find(memberId).isPresent()
                ? Optional.empty()
                : Optional.of(new Refused(
                        ErrorCode.UNKNOWN_MEMBER, "group '" + groupId + "' has no member '" + memberId + "'"));
    }

    private static Refused fenced(String memberId, String instanceId, Member rightful) {
        return new Refused(
                ErrorCode.FENCED_INSTANCE_ID,
                "instance id '" + instanceId + "' belongs to member '" + rightful.id() + "', not to '" + memberId
                        + "'");
    }

    private void join(long requestId, ConsumerHeartbeat request, GroupContext context) {
        String id = request.identity().memberId();
        Optional<Member> known = membership.members().find(id);
        Optional<Member> sameInstance =
                membership.members().withInstance(request.identity().instanceId());
        Optional<Member> other = sameInstance.filter(member -> !member.id().equals(id));
        if (other.isPresent() && (known.isPresent() || !mayBeReplaced(other.get()))) {
            context.reply(requestId, fenced(id, request.identity().instanceId(), other.get()));
            return;
        }
        int membersMax = context.settings().membersMax();
        if (known.isEmpty() && other.isEmpty() && membership.members().count() >= membersMax) {
            context.refuse(
                    requestId,
                    ErrorCode.BUSY,
                    "group '" + groupId + "' has " + membersMax + " members, which is the limit");
            return;
        }
        if (other.isPresent()) {
            replace(other.get(), request, context);
        } else if (known.isPresent()) {
            Optional<Wait> earlier = known.get().session().endWait();
            membership.enter(said(request, known.get().state(), context), context);
            earlier.ifPresent(wait -> context.reply(wait.requestId(), membership.answer(known.get())));
        } else {
            membership.enter(said(request, context), context);
        }
        heard(member(request), context);
        context.reply(requestId, membership.answer(member(request)));
    }

    private void replace(Member former, ConsumerHeartbeat request, GroupContext context) {
        Optional<Wait> waiting = former.session().endWait();
        membership.takeOver(former, said(request, former.state(), context), context);
        waiting.ifPresent(wait -> context.reply(
                wait.requestId(), fenced(former.id(), request.identity().instanceId(), member(request))));
    }

    /** It left for a while, or the connection broke by which it was heard of, so that it died, as a rule. */
    private static boolean mayBeReplaced(Member member) {
        return member.state().isAway() || member.session().isConnectionLost();
    }

    private static ConsumerMemberState said(ConsumerHeartbeat request, GroupContext context) {
        return new ConsumerMemberState(
                request.identity(),
                timeouts(request.timeouts(), context.settings()),
                request.subscription(),
                ConsumerHeartbeat.JOINING,
                context.wallMs(),
                Holdings.NONE,
                false);
    }

    /** With the holdings and the epoch that the member had before. */
    private static ConsumerMemberState said(
            ConsumerHeartbeat request, ConsumerMemberState before, GroupContext context) {
        return new ConsumerMemberState(
                request.identity(),
                timeouts(request.timeouts(), context.settings()),
                request.subscription(),
                before.memberEpoch(),
                context.wallMs(),
                before.holdings(),
                false);
    }

    private static Timeouts timeouts(Timeouts asked, GroupSettings settings) {
        return new Timeouts(
                asked.sessionMs() == 0 ? settings.sessionMsDefault() : asked.sessionMs(),
                asked.rebalanceMs() == 0 ? settings.rebalanceMsDefault() : asked.rebalanceMs());
    }

    private static void heard(Member member, GroupContext context) {
        member.session().restart(context.nowMs(), member.state().timeouts());
    }

    private void leave(long requestId, Member member, GroupContext context) {
        SortedMap<String, String> gone = new TreeMap<>();
        gone.put(member.id(), "member '" + member.id() + "' left group '" + groupId + "'");
        membership.remove(gone, context);
        context.reply(requestId, GroupReply.Done.INSTANCE);
    }

    /** It has said that it reads nothing, so what it was to give up is free. */
    private void leaveForAWhile(long requestId, Member member, GroupContext context) {
        Optional<Wait> earlier = member.session().endWait();
        ConsumerMemberState state = member.state();
        membership.update(
                member,
                new ConsumerMemberState(
                        state.identity(),
                        state.timeouts(),
                        state.subscription(),
                        state.memberEpoch(),
                        state.joinedAtMs(),
                        state.holdings(),
                        true),
                context);
        heard(member, context);
        earlier.ifPresent(wait -> context.reply(wait.requestId(), membership.answer(member)));
        context.reply(requestId, GroupReply.Done.INSTANCE);
    }

    private void goOn(long requestId, ConsumerHeartbeat request, GroupContext context) {
        Member member = member(request);
        Optional<Refused> refusal = epochRefusal(request, member);
        if (refusal.isPresent()) {
            context.reply(requestId, refusal.get());
            return;
        }
        Optional<Wait> earlier = member.session().endWait();
        // One that did not get the last answer, or was under way for long, only has the answer repeated.
        if (request.memberEpoch() == member.state().memberEpoch()) {
            membership.update(member, said(request, member, context.settings()), context);
        }
        heard(member, context);
        earlier.ifPresent(wait -> context.reply(wait.requestId(), membership.answer(member)));
        answer(requestId, request, member, context);
    }

    private static Optional<Refused> epochRefusal(ConsumerHeartbeat request, Member member) {
        int current = member.state().memberEpoch();
        if (member.state().isAway()) {
            return Optional.of(new Refused(
                    ErrorCode.ILLEGAL_GENERATION,
                    "member '" + member.id() + "' left for a while, and has to join to come back"));
        }
        if (request.memberEpoch() > current) {
            return Optional.of(new Refused(
                    ErrorCode.ILLEGAL_GENERATION,
                    "member '" + member.id() + "' has epoch " + current + ", not " + request.memberEpoch()));
        }
        if (request.memberEpoch() < current && !member.holdsAll(request.owned())) {
            return Optional.of(new Refused(
                    ErrorCode.ILLEGAL_GENERATION,
                    "member '" + member.id() + "' has epoch " + current + ", not " + request.memberEpoch()
                            + ", and reads partitions that it does not hold"));
        }
        return Optional.empty();
    }

    private static ConsumerMemberState said(ConsumerHeartbeat request, Member member, GroupSettings settings) {
        ConsumerMemberState state = member.state();
        return new ConsumerMemberState(
                state.identity(),
                timeouts(request.timeouts(), settings),
                request.subscription(),
                state.memberEpoch(),
                state.joinedAtMs(),
                Reconciliation.keptOfRevoking(state.holdings(), request.owned()),
                false);
    }

    private void answer(long requestId, ConsumerHeartbeat request, Member member, GroupContext context) {
        Session session = member.session();
        Wait.Told told = Wait.Told.to(member);
        Session.Repeatable exchange = new Session.Repeatable(request.memberEpoch(), request.owned(), told);
        boolean isNews = !told.equals(new Wait.Told(request.memberEpoch(), request.owned()));
        long waitMs = Math.min(request.maxWaitMs(), Membership.longestWaitMs(member));
        if (isNews) {
            waitMs = session.isRepeated(exchange) ? Math.min(waitMs, REPEATED_WAIT_MS) : 0;
        }
        session.answered(exchange);
        if (waitMs <= 0) {
            context.reply(requestId, membership.answer(member));
        } else {
            session.beginWait(new Wait(requestId, context.nowMs() + waitMs, told));
        }
    }
}
