package io.lograft.metadata.ratis;

import io.lograft.model.BrokerId;
import java.util.Comparator;
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
    /** One that was not heard of for so long counts as gone; a leader hears of each several times a second. */
    private static final long SILENT_MS_MAX = 2_000;

    /**
     * One voter.
     *
     * @param matchIndex last log index known to be on its disk, -1 where that is not known
     * @param commitIndex as far as it knows the log to be committed, -1 where that is not known
     * @param silentMs since the leader heard from it; 0 for the leader itself, -1 where that is not known
     */
    public record VoterStatus(Voter voter, long matchIndex, long commitIndex, long silentMs) {
        public BrokerId broker() {
            return voter.address().broker();
        }

        /** {@code host:port} of its Raft server. */
        public String raftAddress() {
            return voter.address().host() + ":" + voter.address().raftPort();
        }

        /** True where the leader heard from it of late, be it only that it cannot take what is sent. */
        public boolean isHeard() {
            return silentMs >= 0 && silentMs <= SILENT_MS_MAX;
        }

        /** True where it takes part: it is heard, and has acknowledged something to this leader. */
        public boolean answers() {
            return isHeard() && matchIndex >= 0;
        }
    }

    /** Who may take over from the leader: those that answer, first the one that has most of the log. */
    public List<VoterStatus> successors() {
        return voters.stream()
                .filter(voter -> !leader.equals(Optional.of(voter.broker())))
                .filter(VoterStatus::answers)
                .sorted(Comparator.comparingLong(VoterStatus::matchIndex).reversed())
                .toList();
    }

    /** The broker's voter. */
    public Optional<VoterStatus> of(BrokerId broker) {
        return voters.stream().filter(voter -> voter.broker().equals(broker)).findFirst();
    }
}
