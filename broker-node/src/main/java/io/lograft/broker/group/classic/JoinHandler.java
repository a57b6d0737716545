package io.lograft.broker.group.classic;

import io.lograft.broker.group.GroupContext;
import io.lograft.broker.group.GroupRecord.ClassicGeneration;
import io.lograft.broker.group.GroupReply.Joined;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest.Join;
import io.lograft.broker.group.GroupRequest.Protocol;
import io.lograft.broker.group.GroupSettings;
import io.lograft.broker.group.MemberIdentity;
import io.lograft.broker.group.Timeouts;
import io.lograft.model.ErrorCode;
import java.util.List;
import java.util.Optional;

/**
 * Decides about a join: of a new member, of one that takes the place of a static one, and of one that joins again.
 *
 * <p>Owned by: the shard's loop.
 */
final class JoinHandler {
    private static final int NAME_LENGTH_MAX = 249;
    /** Protocols of members are compared with each other, one by one. */
    static final int PROTOCOLS_MAX = 100;

    private final ClassicMembers members;
    private final Rebalance rebalance;

    JoinHandler(ClassicMembers members, Rebalance rebalance) {
        this.members = members;
        this.rebalance = rebalance;
    }

    void handle(long requestId, Join request, GroupContext context) {
        MemberIdentity identity = request.identity();
        Optional<ClassicMember> known = identity.memberId().isEmpty()
                ? members.findStatic(identity.instanceId())
                : members.find(identity.memberId());
        Optional<Refused> refusal = malformed(request)
                .or(() -> outOfBounds(request.timeouts(), context.settings()))
                .or(() -> identity.memberId().isEmpty()
                        ? Optional.empty()
                        : members.refusal(identity.memberId(), identity.instanceId()))
                .or(() -> inconsistent(request, known))
                .or(() -> known.isPresent() ? Optional.empty() : full(request, context.settings()));
        if (refusal.isPresent()) {
            context.reply(requestId, refusal.get());
            return;
        }
        if (known.isEmpty()) {
            rebalance.isFor(request.protocolType());
            ClassicMember member = newMember(request, context);
            members.add(member);
            await(requestId, member, context);
        } else if (identity.memberId().isEmpty()) {
            replace(requestId, request, known.get(), context);
        } else {
            joinAgain(requestId, request, known.get(), context);
        }
    }

    private ClassicMember newMember(Join request, GroupContext context) {
        MemberIdentity given = request.identity();
        MemberIdentity identity = new MemberIdentity(
                context.newMemberId(given.clientId()), given.instanceId(), given.clientId(), given.clientHost());
        return new ClassicMember(
                identity, context.wallMs(), resolved(request.timeouts(), context.settings()), request.protocols());
    }

    private void await(long requestId, ClassicMember member, GroupContext context) {
        member.waitForJoin(requestId, context);
        rebalance.memberJoined(context);
    }

    private void joinAgain(long requestId, Join request, ClassicMember member, GroupContext context) {
        boolean isToldThePresent = mayKeepGeneration(member, request)
                // The leader joins again when it wants to assign anew: it alone watches the topics.
                && (rebalance.state() == ClassicState.COMPLETING || !members.leads(member));
        rebalance.isFor(request.protocolType());
        member.offers(resolved(request.timeouts(), context.settings()), request.protocols());
        if (!isToldThePresent) {
            await(requestId, member, context);
            return;
        }
        member.giveUpWaiting(context);
        member.heardOf(context.nowMs());
        if (rebalance.state() == ClassicState.COMPLETING) {
            member.expectSync();
        }
        context.reply(requestId, rebalance.joined(member));
    }

    private boolean mayKeepGeneration(ClassicMember member, Join request) {
        return rebalance.state() != ClassicState.PREPARING
                && rebalance.suits(member, request.protocolType(), request.protocols());
    }

    /**
     * A static member came back without its member id: another process under the same instance id. The former one is
     * fenced. If it offers the same, nobody else has to hear of it: it takes over the assignment.
     */
    private void replace(long requestId, Join request, ClassicMember former, GroupContext context) {
        boolean takesOver = rebalance.state() == ClassicState.STABLE && mayKeepGeneration(former, request);
        former.refuseWaiting(
                ErrorCode.FENCED_INSTANCE_ID,
                "instance id '" + former.identity().instanceId() + "' was taken over by a newer member",
                context);
        ClassicMember member = newMember(request, context);
        members.replace(former, member);
        rebalance.isFor(request.protocolType());
        ClassicGeneration generation = rebalance.generation(members.assignments(), context);
        if (!takesOver || Rebalance.bytesOf(generation) > Rebalance.GENERATION_BYTES_MAX) {
            await(requestId, member, context);
            return;
        }
        member.heardOf(context.nowMs());
        // Written, so that another coordinator too knows the new member and not the former one.
        rebalance.assign(generation, context);
        Joined joined = rebalance.joined(member);
        context.reply(
                requestId,
                new Joined(
                        joined.generationId(),
                        joined.protocolName(),
                        joined.leaderId(),
                        joined.memberId(),
                        joined.members(),
                        members.leads(member)));
    }

    // ---- refusals

    private static Optional<Refused> malformed(Join request) {
        if (request.protocolType().isEmpty() || request.protocols().isEmpty()) {
            return Optional.of(new Refused(
                    ErrorCode.INVALID_REQUEST,
                    "a member of group '" + request.groupId() + "' names a protocol type and at least one protocol"));
        }
        if (request.protocols().size() > PROTOCOLS_MAX) {
            return Optional.of(new Refused(
                    ErrorCode.INVALID_REQUEST,
                    request.protocols().size() + " protocols, at most " + PROTOCOLS_MAX + " are allowed"));
        }
        int longest = longestName(request);
        if (longest > NAME_LENGTH_MAX) {
            return Optional.of(new Refused(
                    ErrorCode.INVALID_REQUEST,
                    "an instance id, client id, protocol type or name of a protocol has " + longest
                            + " characters, at most " + NAME_LENGTH_MAX + " are allowed"));
        }
        List<String> names = request.protocols().stream().map(Protocol::name).toList();
        if (names.stream().distinct().count() < names.size() || names.contains("")) {
            return Optional.of(new Refused(
                    ErrorCode.INVALID_REQUEST,
                    "protocols have different names, none of them empty; these are " + names));
        }
        return Optional.empty();
    }

    private static int longestName(Join request) {
        MemberIdentity identity = request.identity();
        int longest = request.protocols().stream()
                .mapToInt(protocol -> protocol.name().length())
                .max()
                .orElse(0);
        longest = Math.max(longest, identity.instanceId().length());
        longest = Math.max(longest, identity.clientId().length());
        return Math.max(longest, request.protocolType().length());
    }

    private static Optional<Refused> outOfBounds(Timeouts asked, GroupSettings settings) {
        int sessionMs = resolved(asked, settings).sessionMs();
        if (sessionMs < settings.sessionMsMin() || sessionMs > settings.sessionMsMax()) {
            return Optional.of(new Refused(
                    ErrorCode.INVALID_SESSION_TIMEOUT,
                    "session timeout " + sessionMs + " ms is not within " + settings.sessionMsMin() + " to "
                            + settings.sessionMsMax() + " ms"));
        }
        if (asked.rebalanceMs() < 0) {
            return Optional.of(new Refused(
                    ErrorCode.INVALID_REQUEST, "rebalance timeout " + asked.rebalanceMs() + " ms is negative"));
        }
        return Optional.empty();
    }

    /** Zero stands for the broker's own. */
    private static Timeouts resolved(Timeouts asked, GroupSettings settings) {
        return new Timeouts(
                asked.sessionMs() == 0 ? settings.sessionMsDefault() : asked.sessionMs(),
                asked.rebalanceMs() == 0 ? settings.rebalanceMsDefault() : asked.rebalanceMs());
    }

    private Optional<Refused> inconsistent(Join request, Optional<ClassicMember> joining) {
        List<ClassicMember> others = members.othersThan(joining);
        if (others.isEmpty()) {
            return Optional.empty();
        }
        if (!request.protocolType().equals(rebalance.protocolType())) {
            return Optional.of(new Refused(
                    ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
                    "the members of group '" + request.groupId() + "' use the protocol type '"
                            + rebalance.protocolType() + "', not '" + request.protocolType() + "'"));
        }
        if (ClassicMembers.common(others, request.protocols()).isEmpty()) {
            return Optional.of(new Refused(
                    ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
                    "none of the protocols "
                            + request.protocols().stream().map(Protocol::name).toList()
                            + " is known to all other members of group '" + request.groupId() + "'"));
        }
        return Optional.empty();
    }

    private Optional<Refused> full(Join request, GroupSettings settings) {
        return members.size() < settings.membersMax()
                ? Optional.empty()
                : Optional.of(new Refused(
                        ErrorCode.BUSY,
                        "group '" + request.groupId() + "' has " + members.size() + " members, at most "
                                + settings.membersMax() + " are allowed"));
    }
}
