package io.lograft.broker.replica.runtime;

/**
 * What readers on other threads may know of a replica; immutable, published by one volatile write.
 *
 * @param isLeader false: nothing may be read here
 * @param leaderEpoch epoch of the leadership that the view belongs to
 * @param highWatermark records below are committed
 */
public record ReadView(boolean isLeader, int leaderEpoch, long highWatermark, long logStartOffset) {
    static final ReadView NOTHING = new ReadView(false, -1, 0, 0);
}
