package io.lograft.broker.group.classic;

import io.lograft.broker.group.Bytes;
import io.lograft.broker.group.GroupContext;
import io.lograft.broker.group.GroupRecord.ClassicGeneration;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupReply.Synced;
import io.lograft.broker.group.GroupRequest.Assignment;
import io.lograft.broker.group.GroupRequest.Sync;
import io.lograft.model.ErrorCode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Decides about a sync: the leader's brings the assignments of all, the others' wait for it.
 *
 * <p>Owned by: the shard's loop.
 */
final class SyncHandler {
    private final ClassicMembers members;
    private final Rebalance rebalance;
    private final Generations generations;

    SyncHandler(ClassicMembers members, Rebalance rebalance, Generations generations) {
        this.members = members;
        this.rebalance = rebalance;
        this.generations = generations;
    }

    void handle(long requestId, Sync request, GroupContext context) {
        Optional<Refused> refusal = generations.refusal(request.member());
        if (refusal.isPresent()) {
            context.reply(requestId, refusal.get());
            return;
        }
        ClassicMember member = members.find(request.member().memberId()).orElseThrow();
        member.heardOf(context.nowMs());
        switch (rebalance.state()) {
            case EMPTY, PREPARING -> context.reply(requestId, generations.isEnding());
            case COMPLETING -> {
                if (members.leads(member)) {
                    assign(requestId, request, member, context);
                } else {
                    member.waitForSync(requestId, context);
                }
            }
            case STABLE -> {
                member.hasSynced();
                context.reply(requestId, new Synced(member.assignment()));
            }
        }
    }

    private void assign(long requestId, Sync request, ClassicMember leader, GroupContext context) {
        Map<String, Bytes> assignments = new HashMap<>();
        for (Assignment assignment : request.assignments()) {
            String memberId = assignment.memberId();
            if (members.find(memberId).isEmpty() || assignments.put(memberId, assignment.assignment()) != null) {
                context.refuse(
                        requestId,
                        ErrorCode.INVALID_REQUEST,
                        "the leader's assignments name '" + memberId + "', which is not a member of generation "
                                + rebalance.generationId() + ", or name it twice");
                return;
            }
        }
        ClassicGeneration generation = rebalance.generation(assignments, context);
        long bytes = Rebalance.bytesOf(generation);
        if (bytes > Rebalance.GENERATION_BYTES_MAX) {
            context.refuse(
                    requestId,
                    ErrorCode.RECORD_TOO_LARGE,
                    "subscriptions and assignments of the " + members.size() + " members have " + bytes
                            + " bytes, at most " + Rebalance.GENERATION_BYTES_MAX + " are allowed");
            return;
        }
        leader.waitForSync(requestId, context);
        rebalance.assign(generation, context);
    }
}
