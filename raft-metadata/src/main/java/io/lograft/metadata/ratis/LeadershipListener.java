package io.lograft.metadata.ratis;

/**
 * Hears whether this voter is the controller, and what becomes of the quorum. Calls come from one thread, but for {@link
 * #serverStopped}, and must not block. Those about becoming and having been the controller alternate.
 */
public interface LeadershipListener {

    /** This voter leads under the term, has applied all that precedes it, and the cluster has its id. */
    void becameController(long term);

    /** This voter does not lead any more; it may learn so late. */
    void lostController();

    /**
     * While it is the controller: these are the voters, and no change of them is under way. Told at the start, too, before
     * {@link #becameController}.
     */
    void votersChanged(VoterSet voters);

    /**
     * The Raft server has stopped although nobody closed it: this voter was removed from the quorum, or its process had
     * stood still for so long that it does not trust itself. From any thread, at most once.
     */
    void serverStopped();
}
