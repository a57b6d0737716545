package io.lograft.metadata.ratis;

/**
 * The times of the quorum, in milliseconds.
 *
 * @param electionMinMs lower end of the election timeout; heartbeats go out at half of it
 * @param electionMaxMs upper end of the election timeout
 * @param firstElectionMinMs lower end of the election timeout right after a start, when there may be no leader
 * @param firstElectionMaxMs upper end of it
 * @param submitTimeoutMs after this a submitted command's outcome is reported as unknown
 * @param noOpPeriodMs how often a leader writes an empty command, so that an idle follower's gap shows and heals
 * @param snapshotPeriodMs how often a checkpoint is made even if few commands came
 */
public record QuorumTimings(
        int electionMinMs,
        int electionMaxMs,
        int firstElectionMinMs,
        int firstElectionMaxMs,
        int submitTimeoutMs,
        int noOpPeriodMs,
        int snapshotPeriodMs) {

    /**
     * A quorum of one has nobody to wait for when it starts. Its election timeout matters once it has grown, and must be
     * that of the others then: a voter with a shorter one would stand for election between two heartbeats.
     */
    public static QuorumTimings single() {
        return new QuorumTimings(400, 800, 10, 20, 10_000, 10_000, 600_000);
    }

    /** As short as a busy machine of two cores bears without needless elections. */
    public static QuorumTimings several() {
        return new QuorumTimings(400, 800, 100, 250, 10_000, 10_000, 600_000);
    }
}
