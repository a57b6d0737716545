package io.lograft.broker.group.classic;

import io.lograft.broker.group.GroupContext;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupRequest.Heartbeat;
import java.util.Optional;

/**
 * Decides about a heartbeat, by which a member also learns that it has to join again.
 *
 * <p>Owned by: the shard's loop.
 */
final class HeartbeatHandler {
    private final ClassicMembers members;
    private final Rebalance rebalance;
    private final Generations generations;

    HeartbeatHandler(ClassicMembers members, Rebalance rebalance, Generations generations) {
        this.members = members;
        this.rebalance = rebalance;
        this.generations = generations;
    }

    void handle(long requestId, Heartbeat request, GroupContext context) {
        Optional<GroupReply.Refused> refusal = generations.refusal(request.member());
        if (refusal.isPresent()) {
            context.reply(requestId, refusal.get());
            return;
        }
        members.find(request.member().memberId()).orElseThrow().heardOf(context.nowMs());
        boolean isEnding = rebalance.state() == ClassicState.PREPARING;
        context.reply(requestId, isEnding ? generations.isEnding() : GroupReply.Done.INSTANCE);
    }
}
