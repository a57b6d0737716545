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
     * The quorum after a change of its voters or its leader.
     *
     * <pre>{@code
     * QuorumDescription.Change change = admin.addVoter(4, Duration.ofSeconds(30));
     * System.out.println("metadata.voters=" + String.join(",", change.voters()));
     * }</pre>
     *
     * @param leaderId broker id of the controller, -1 while there is none
     * @param voters each as {@code id@host:raftPort/grpcPort}, an entry of {@code metadata.voters}
     */
    public record Change(int leaderId, List<String> voters) {}

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
     * @param silentMs milliseconds since the leader heard from it, 0 for the leader, -1 where not known
     * @param isStalled true where its copy of the log stands still though it answers; it should be replaced
     * @param directoryId begin of its metadata directory's id, which with the broker id is its identity
     */
    public record Voter(
            int brokerId,
            String address,
            long matchIndex,
            long lag,
            long silentMs,
            boolean isStalled,
            String directoryId) {}
}
