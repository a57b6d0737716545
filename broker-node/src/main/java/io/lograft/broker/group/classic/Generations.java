package io.lograft.broker.group.classic;

import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest.MemberRef;
import io.lograft.model.ErrorCode;
import java.util.Optional;

/**
 * Who may speak for the present generation: a member of the group that knows its number.
 *
 * <p>Owned by: the shard's loop.
 */
final class Generations {
    private final String groupId;
    private final ClassicMembers members;
    private final Rebalance rebalance;

    Generations(String groupId, ClassicMembers members, Rebalance rebalance) {
        this.groupId = groupId;
        this.members = members;
        this.rebalance = rebalance;
    }

    /** Why it may not; empty: it may. */
    Optional<Refused> refusal(MemberRef member) {
        return members.refusal(member.memberId(), member.instanceId()).or(() -> otherGeneration(member));
    }

    private Optional<Refused> otherGeneration(MemberRef member) {
        return member.generation() == rebalance.generationId()
                ? Optional.empty()
                : Optional.of(new Refused(
                        ErrorCode.ILLEGAL_GENERATION,
                        "group '" + groupId + "' is in generation " + rebalance.generationId() + ", member '"
                                + member.memberId() + "' spoke of generation " + member.generation()));
    }

    /** The members have to join again. */
    Refused isEnding() {
        return new Refused(
                ErrorCode.REBALANCE_IN_PROGRESS,
                "group '" + groupId + "' rebalances, its generation " + rebalance.generationId() + " ends");
    }

    /** The members have joined the generation; what belongs to whom is not said yet. */
    Refused isBeginning() {
        return new Refused(
                ErrorCode.REBALANCE_IN_PROGRESS,
                "generation " + rebalance.generationId() + " of group '" + groupId + "' has no assignment yet");
    }
}
