package io.lograft.client.core.group;

import io.lograft.client.assign.MemberSubscription;
import io.lograft.client.core.ClusterView;
import io.lograft.client.core.Failure;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What happens to a {@link Membership}. */
public sealed interface GroupEvent {

    /** The application wants to read this, from now on or instead of what it wanted before. */
    record Subscribed(Subscription subscription) implements GroupEvent {}

    /** The application wants to read nothing any more, and has given all partitions up. */
    record Unsubscribed() implements GroupEvent {
        public static final Unsubscribed INSTANCE = new Unsubscribed();
    }

    /** The coordinator answered the heartbeat of this number. */
    record Answered(long number, int memberEpoch, Set<PartitionId> assignment, int intervalMs) implements GroupEvent {
        public Answered {
            assignment = Set.copyOf(assignment);
        }
    }

    /**
     * The classic protocol: the coordinator answered the join of this number.
     *
     * @param assignor the one in use
     * @param members what all members subscribed to, only for the leader
     * @param skipsAssignment the leader is not to assign anew
     */
    record Joined(
            long number,
            int generation,
            String assignor,
            String memberId,
            String leaderId,
            Map<String, MemberSubscription> members,
            boolean skipsAssignment)
            implements GroupEvent {
        public Joined {
            members = Map.copyOf(members);
        }
    }

    /** The classic protocol: the coordinator answered the sync of this number. */
    record Synced(long number, List<TopicPartition> partitions) implements GroupEvent {
        public Synced {
            partitions = List.copyOf(partitions);
        }
    }

    /** The classic protocol: the coordinator took the heartbeat or leave of this number. */
    record Heard(long number) implements GroupEvent {}

    /** The classic protocol: what is known of the topics has changed. */
    record ViewChanged(ClusterView view) implements GroupEvent {}

    /** The call of this number failed. */
    record Refused(long number, Failure failure) implements GroupEvent {}

    /** The application has stopped to read these partitions, as {@link GroupEffect.Revoke} of this stay asked. */
    record GaveUp(long stay, Set<PartitionId> partitions) implements GroupEvent {
        public GaveUp {
            partitions = Set.copyOf(partitions);
        }
    }

    /** The application polls again, after the member left because it did not. */
    record PollsAgain() implements GroupEvent {
        public static final PollsAgain INSTANCE = new PollsAgain();
    }

    /**
     * Time has passed.
     *
     * @param idleSinceMs since when the application does not poll; {@link #POLLING} if it does
     */
    record Tick(long idleSinceMs) implements GroupEvent {
        public static final long POLLING = Long.MAX_VALUE;
    }
}
