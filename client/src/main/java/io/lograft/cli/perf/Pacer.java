package io.lograft.cli.perf;

/**
 * When each record of a run is due. At a target rate the times are fixed beforehand (open loop): a cluster that stalls
 * delays sending, but not the times that latency is measured from. Pure.
 */
final class Pacer {
    private final long startNs;
    private final double intervalNs;

    /**
     * Sets the times.
     *
     * @param startNs when the first record is due
     * @param recordsPerSecond target rate; 0: flat out
     */
    Pacer(long startNs, double recordsPerSecond) {
        this.startNs = startNs;
        this.intervalNs = recordsPerSecond == 0 ? 0 : 1e9 / recordsPerSecond;
    }

    /** When the record with this number is due; flat out that is now. */
    long dueNs(long number, long nowNs) {
        return intervalNs == 0 ? nowNs : startNs + (long) (number * intervalNs);
    }
}
