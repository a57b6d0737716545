package io.lograft.broker.group.classic;

import io.lograft.broker.group.GroupContext;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupRequest.Leave;
import io.lograft.broker.group.GroupRequest.MemberRef;
import io.lograft.model.ErrorCode;
import java.util.Optional;

/**
 * Decides about a leave: of a member that goes, or of a static one that somebody removes who knows its instance id only.
 *
 * <p>Owned by: the shard's loop.
 */
final class LeaveHandler {
    private final ClassicMembers members;
    private final Rebalance rebalance;

    LeaveHandler(ClassicMembers members, Rebalance rebalance) {
        this.members = members;
        this.rebalance = rebalance;
    }

    void handle(long requestId, Leave request, GroupContext context) {
        MemberRef named = request.member();
        Optional<ClassicMember> byInstance =
                named.memberId().isEmpty() ? members.findStatic(named.instanceId()) : Optional.empty();
        String memberId = byInstance.map(ClassicMember::id).orElse(named.memberId());
        Optional<GroupReply.Refused> refusal = members.refusal(memberId, named.instanceId());
        if (refusal.isPresent()) {
            context.reply(requestId, refusal.get());
            return;
        }
        ClassicMember member = members.find(memberId).orElseThrow();
        members.remove(member);
        member.refuseWaiting(ErrorCode.UNKNOWN_MEMBER, "member '" + memberId + "' has left the group", context);
        rebalance.membersGone(context);
        context.reply(requestId, GroupReply.Done.INSTANCE);
    }
}
