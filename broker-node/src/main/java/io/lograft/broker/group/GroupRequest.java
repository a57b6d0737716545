package io.lograft.broker.group;

import io.lograft.model.PartitionId;
import java.util.List;
import java.util.Set;

/** What members and tools ask of a group. One handler decides about each. */
public sealed interface GroupRequest {
    String groupId();

    /** The classic protocol: join, or join again. */
    record Join(
            String groupId, MemberIdentity identity, Timeouts timeouts, String protocolType, List<Protocol> protocols)
            implements GroupRequest {
        public Join {
            protocols = List.copyOf(protocols);
        }
    }

    /** A way to assign that a member of the classic protocol offers; in the order of its preference. */
    record Protocol(String name, Bytes metadata) {}

    /** The classic protocol: ask for the assignment, and as the leader bring those of all. */
    record Sync(String groupId, MemberRef member, List<Assignment> assignments) implements GroupRequest {
        public Sync {
            assignments = List.copyOf(assignments);
        }
    }

    /** What the leader of a classic group gives to a member. */
    record Assignment(String memberId, Bytes assignment) {}

    /** The classic protocol: still there. */
    record Heartbeat(String groupId, MemberRef member) implements GroupRequest {}

    /** The classic protocol: going; the generation is not looked at. */
    record Leave(String groupId, MemberRef member) implements GroupRequest {}

    /**
     * The protocol in which the coordinator assigns.
     *
     * @param memberEpoch {@link #JOINING}, {@link #LEAVING}, {@link #LEAVING_FOR_A_WHILE}, or the epoch of the last answer
     * @param owned what the member has not given up
     * @param maxWaitMs how long the answer may take while there is nothing new
     */
    record ConsumerHeartbeat(
            String groupId,
            MemberIdentity identity,
            int memberEpoch,
            Timeouts timeouts,
            Subscription subscription,
            Set<PartitionId> owned,
            long maxWaitMs)
            implements GroupRequest {
        public static final int JOINING = 0;
        public static final int LEAVING = -1;
        public static final int LEAVING_FOR_A_WHILE = -2;

        public ConsumerHeartbeat {
            owned = Set.copyOf(owned);
        }
    }

    /** How far the member got; from outside the group with {@link MemberRef#NOBODY}. */
    record CommitOffsets(String groupId, MemberRef member, List<OffsetCommit> offsets) implements GroupRequest {
        public CommitOffsets {
            offsets = List.copyOf(offsets);
        }
    }

    /** How far it got in one partition. */
    record OffsetCommit(PartitionId partition, long offset, int leaderEpoch, String metadata) {}

    /** All offsets that the group has committed. */
    record FetchOffsets(String groupId) implements GroupRequest {}

    /** What there is to say about the group. */
    record Describe(String groupId) implements GroupRequest {}

    /** Delete the group and its offsets; refused while it has members. */
    record Delete(String groupId) implements GroupRequest {}

    /** A member as it names itself: {@code generation} is the generation or member epoch that it knows. */
    record MemberRef(String memberId, String instanceId, int generation) {
        public static final MemberRef NOBODY = new MemberRef("", "", -1);

        public boolean isNobody() {
            return memberId.isEmpty() && instanceId.isEmpty() && generation < 0;
        }
    }
}
