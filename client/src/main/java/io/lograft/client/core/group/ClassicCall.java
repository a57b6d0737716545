package io.lograft.client.core.group;

import io.lograft.client.assign.MemberSubscription;
import io.lograft.model.TopicPartition;
import java.util.List;
import java.util.Map;

/** What a member of the classic protocol sends to the coordinator. */
public sealed interface ClassicCall {

    /** Joins, or joins again; answered with {@link GroupEvent.Joined}, perhaps late. */
    record Join(String memberId, MemberSubscription subscription, List<String> assignors) implements ClassicCall {
        public Join {
            assignors = List.copyOf(assignors);
        }
    }

    /** Asks for the assignment, and as the leader brings all; answered with {@link GroupEvent.Synced}, perhaps late. */
    record Sync(int generation, String memberId, Map<String, List<TopicPartition>> assignments) implements ClassicCall {
        public Sync {
            assignments = Map.copyOf(assignments);
        }
    }

    /** Still there; answered with {@link GroupEvent.Heard}. */
    record Heartbeat(int generation, String memberId) implements ClassicCall {}

    /** Goes; answered with {@link GroupEvent.Heard}. */
    record Leave(String memberId) implements ClassicCall {}
}
