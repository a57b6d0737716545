package io.lograft.metadata.ratis;

import io.lograft.model.BrokerId;
import java.util.List;
import java.util.Optional;

/**
 * The Raft group as one voter sees it; complete only at the leader.
 *
 * @param leader empty while none is known
 * @param snapshotIndex of this voter's newest checkpoint, -1 for none
 */
public record QuorumStatus(
        Optional<BrokerId> leader,
        long term,
        long commitIndex,
        long appliedIndex,
        long snapshotIndex,
        List<VoterStatus> voters) {

    /**
     * One voter.
     *
     * @param raftAddress {@code host:port} of its Raft server
     * @param matchIndex last log index known to be on its disk, -1 where that is not known
     */
    public record VoterStatus(BrokerId broker, String raftAddress, long matchIndex) {}
}
