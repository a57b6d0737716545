package io.lograft.broker.group;

import io.lograft.model.PartitionId;
import java.util.List;
import java.util.Optional;

/** A durable change of the groups of a shard. A later record with the same key replaces the earlier one. */
public sealed interface GroupRecord {
    String groupId();

    /** A generation of a group of the classic protocol, with all its members and what they were assigned. */
    record ClassicGroup(String groupId, ClassicGeneration generation) implements GroupRecord {}

    /** The group epoch of a group whose members are assigned by the coordinator. */
    record ConsumerGroup(String groupId, int epoch, long writtenAtMs) implements GroupRecord {}

    /** A member of such a group, as it is now; empty: it is a member no more. */
    record ConsumerMember(String groupId, String memberId, Optional<ConsumerMemberState> state)
            implements GroupRecord {}

    /** What a group has committed for a partition; empty: nothing any more. */
    record Offset(String groupId, PartitionId partition, Optional<CommittedOffset> committed) implements GroupRecord {}

    /** The group itself is no more, if it is of that kind; its members and offsets are removed by records of their own. */
    record GroupRemoved(String groupId, GroupKind kind) implements GroupRecord {}

    /**
     * A generation.
     *
     * @param leaderId the member that assigned; empty where there is no member
     */
    record ClassicGeneration(
            String protocolType,
            int generationId,
            String protocolName,
            String leaderId,
            List<ClassicMemberState> members,
            long writtenAtMs) {
        public ClassicGeneration {
            members = List.copyOf(members);
        }
    }

    /**
     * A member of a generation.
     *
     * @param protocols all that it offered, because whoever joins next has to have one in common with it
     */
    record ClassicMemberState(
            MemberIdentity identity,
            Timeouts timeouts,
            List<GroupRequest.Protocol> protocols,
            Bytes assignment,
            long joinedAtMs) {
        public ClassicMemberState {
            protocols = List.copyOf(protocols);
        }
    }

    /**
     * A member that the coordinator assigns to.
     *
     * @param isAway a static member that left for a while
     */
    record ConsumerMemberState(
            MemberIdentity identity,
            Timeouts timeouts,
            Subscription subscription,
            int memberEpoch,
            long joinedAtMs,
            Holdings holdings,
            boolean isAway) {}

    /**
     * What a member holds, each partition with the time since when.
     *
     * @param assigned what it may read
     * @param revoking what it was told to give up and has not given up yet
     */
    record Holdings(List<HeldPartition> assigned, List<HeldPartition> revoking) {
        public static final Holdings NONE = new Holdings(List.of(), List.of());

        public Holdings {
            assigned = List.copyOf(assigned);
            revoking = List.copyOf(revoking);
        }
    }

    /** A partition that a member holds. */
    record HeldPartition(PartitionId partition, long sinceMs) {}
}
