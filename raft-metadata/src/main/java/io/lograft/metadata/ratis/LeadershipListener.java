package io.lograft.metadata.ratis;

/** Hears whether this voter is the controller. Calls alternate, come from one thread, and must not block. */
public interface LeadershipListener {

    /** This voter leads under the term, has applied all that precedes it, and the cluster has its id. */
    void becameController(long term);

    /** This voter does not lead any more; it may learn so late. */
    void lostController();
}
