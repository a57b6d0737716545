package io.lograft.metadata.command;

/** What an operator asks of a partition's leadership. */
public enum LeaderElection {
    /** The first replica in assignment leads, if it is in sync. Loses nothing. */
    PREFERRED,
    /**
     * Some live replica leads a partition that has no leader, though committed records may be lost by it (P6: only an
     * operator's explicit command does this).
     */
    UNCLEAN
}
