package io.lograft.client.core.group;

import io.lograft.client.core.Failure;
import io.lograft.model.PartitionId;
import java.util.Set;

/**
 * What a {@link Membership} wants done, in this order. A <em>stay</em> is the time from one joining to the loss of
 * all partitions; its number tells late reactions to what came before.
 */
public sealed interface GroupEffect {

    /**
     * Send a heartbeat, and answer with {@link GroupEvent.Answered} or {@link GroupEvent.Refused} of this number.
     *
     * @param memberEpoch as in the request, 0 to join, below 0 to leave
     * @param maxWaitMs how long the coordinator may wait for something new
     */
    record Send(long number, int memberEpoch, Subscription subscription, Set<PartitionId> owned, long maxWaitMs)
            implements GroupEffect {
        public Send {
            owned = Set.copyOf(owned);
        }
    }

    /** The classic protocol: send this, and answer with an event of this number. */
    record Call(long number, ClassicCall call) implements GroupEffect {}

    /** The member may read these partitions, too. */
    record Assign(long stay, Set<PartitionId> partitions) implements GroupEffect {
        public Assign {
            partitions = Set.copyOf(partitions);
        }
    }

    /** Others wait for these partitions: read on no more, commit, and tell {@link GroupEvent.GaveUp}. */
    record Revoke(long stay, Set<PartitionId> partitions) implements GroupEffect {
        public Revoke {
            partitions = Set.copyOf(partitions);
        }
    }

    /** These partitions, all that the member had, may be another's already. */
    record Lose(Set<PartitionId> partitions) implements GroupEffect {
        public Lose {
            partitions = Set.copyOf(partitions);
        }
    }

    /** The application has to know: the member is out, and stays so until it subscribes again. */
    record Fail(Failure failure) implements GroupEffect {}

    /** The member has left as it was told to, or gave up telling so. */
    record Left() implements GroupEffect {
        public static final Left INSTANCE = new Left();
    }
}
