package io.lograft.client;

import java.util.List;

/**
 * The metadata quorum as its leader sees it.
 *
 * <pre>{@code
 * QuorumDescription quorum = admin.describeQuorum();
 * System.out.println("leader " + quorum.leaderId() + " in term " + quorum.term());
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param leaderId broker id of the Raft leader, -1 while there is none
 */
public record QuorumDescription(
        int leaderId, long term, long commitIndex, long appliedIndex, long snapshotIndex, List<Voter> voters) {

    /**
     * A member of the quorum.
     *
     * <pre>{@code
     * long worst = quorum.voters().stream().mapToLong(QuorumDescription.Voter::lag).max().orElse(0);
     * }</pre>
     *
     * @param address {@code host:port} of its Raft server
     * @param matchIndex last log index known to be on it, -1 where not known
     * @param lag entries that it lacks of the leader's commit index
     */
    public record Voter(int brokerId, String address, long matchIndex, long lag) {}
}
