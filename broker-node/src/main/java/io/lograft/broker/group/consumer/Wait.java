package io.lograft.broker.group.consumer;

import io.lograft.model.PartitionId;
import java.util.Set;

/**
 * A heartbeat whose answer waits for something new.
 *
 * @param told what the answer would have been when the wait began
 */
record Wait(long requestId, long endsAtMs, Told told) {

    /** What an answer says. */
    record Told(int memberEpoch, Set<PartitionId> assignment) {
        static Told to(Member member) {
            return new Told(member.state().memberEpoch(), member.assigned());
        }
    }

    boolean hasNews(Member member) {
        return !told.equals(Told.to(member));
    }
}
