package io.lograft.broker.group;

import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;

/** What a request is answered with, once all that was appended before is committed. */
public sealed interface GroupReply {

    /** Refused; nothing changed. */
    record Refused(ErrorCode code, String message) implements GroupReply {}

    /** To Heartbeat, Leave, Delete, and to a ConsumerHeartbeat that leaves. */
    record Done() implements GroupReply {
        public static final Done INSTANCE = new Done();
    }

    /** To Join. Members only for the leader. */
    record Joined(
            int generationId,
            String protocolName,
            String leaderId,
            String memberId,
            List<JoinedMember> members,
            boolean skipsAssignment)
            implements GroupReply {
        public Joined {
            members = List.copyOf(members);
        }
    }

    /** A member as the leader hears of it. */
    record JoinedMember(String memberId, String instanceId, Bytes metadata) {}

    /** To Sync. */
    record Synced(Bytes assignment) implements GroupReply {}

    /** To ConsumerHeartbeat: what the member may read now. */
    record Assigned(int memberEpoch, Set<PartitionId> assignment, int heartbeatIntervalMs) implements GroupReply {
        public Assigned {
            assignment = Set.copyOf(assignment);
        }
    }

    /** To CommitOffsets, in the order of the request. */
    record Committed(List<CommitResult> results) implements GroupReply {
        public Committed {
            results = List.copyOf(results);
        }
    }

    /** What became of one offset; {@link ErrorCode#NONE}: it is committed. */
    record CommitResult(PartitionId partition, ErrorCode code, String message) {}

    /** To FetchOffsets. */
    record Offsets(SortedMap<PartitionId, CommittedOffset> offsets) implements GroupReply {}

    /** To Describe. */
    record Described(GroupDescription description) implements GroupReply {}
}
