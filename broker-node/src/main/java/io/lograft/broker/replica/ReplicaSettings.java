package io.lograft.broker.replica;

/**
 * The limits and times of replication.
 *
 * @param lagTimeMaxMs a follower that has not reached the leader's log end for so long leaves the in-sync set
 *     ({@code replica.lag.time.max.ms})
 * @param streamlessTimeMaxMs the same for a follower that has no stream to the leader
 * @param windowBytes how much is sent to a follower beyond what it has acknowledged
 * @param appendBytesMax greatest size of one {@link ReplicaEffect.AppendTo}
 * @param pendingRequestsMax how many acks=all requests may wait for the high watermark; more are answered BUSY
 * @param proposalRetryMs after so long without a change of the partition the wanted in-sync set is computed anew, and
 *     proposed if it is another one; the same one is proposed again after pauses of this, doubled up to {@code lagTimeMaxMs}
 * @param followRetryMs pause before a refused Follow is sent again; doubles up to {@code lagTimeMaxMs}. Short, because
 *     a follower often hears of a new epoch some moments before its leader does, and writes wait for it meanwhile
 */
public record ReplicaSettings(
        long lagTimeMaxMs,
        long streamlessTimeMaxMs,
        int windowBytes,
        int appendBytesMax,
        int pendingRequestsMax,
        long proposalRetryMs,
        long followRetryMs) {

    public static final ReplicaSettings DEFAULT = new ReplicaSettings(5_000, 1_000, 8 << 20, 1 << 20, 10_000, 500, 5);

    public ReplicaSettings {
        requirePositive("lagTimeMaxMs", lagTimeMaxMs);
        requirePositive("streamlessTimeMaxMs", streamlessTimeMaxMs);
        requirePositive("windowBytes", windowBytes);
        requirePositive("appendBytesMax", appendBytesMax);
        requirePositive("pendingRequestsMax", pendingRequestsMax);
        requirePositive("proposalRetryMs", proposalRetryMs);
        requirePositive("followRetryMs", followRetryMs);
    }

    private static void requirePositive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " is " + value + ", must be positive");
        }
    }
}
