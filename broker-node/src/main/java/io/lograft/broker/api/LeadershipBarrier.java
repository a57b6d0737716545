package io.lograft.broker.api;

import java.util.concurrent.CompletableFuture;

/**
 * Makes sure that this broker's metadata are not older than now: after the future completes it has applied every change
 * that was committed before the call. Its replicas may hear of those later: one that leads then led at some time after the
 * call if its leader epoch is the one that the metadata have ({@link ClusterFacts#leaderEpoch}). Safe for use by several
 * threads.
 */
public interface LeadershipBarrier {

    /** Completes normally once the metadata are fresh; fails where the controller cannot be reached in time. */
    CompletableFuture<Void> pass();
}
